"""Describe the benchmark's bundle, hash every file, close it, enter it in the ledger."""

from pathlib import Path

from evidence import steps
from evidence.bench import finish

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    finish.close(Path(job.output.sealed).parent, Path(job.params.root) / "Snakefile")
