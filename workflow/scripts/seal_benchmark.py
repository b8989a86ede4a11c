"""Describe the benchmark's bundle, hash every file, close it, enter it in the ledger."""

from pathlib import Path

from evidence.bench import finish
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    finish.close(Path(job.output.sealed).parent, Path(job.params.root) / "Snakefile")
