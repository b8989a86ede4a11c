"""Describe the campaign's bundle, hash every file, close it, enter it in the ledger."""

from pathlib import Path

from evidence import steps
from evidence.campaigns import close

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    close.close(Path(job.output.sealed).parent, Path(job.params.root) / "Snakefile")
