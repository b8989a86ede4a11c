"""Describe the bundle as an RO-Crate, hash every file, close it, enter it in the ledger."""

from pathlib import Path

from evidence.jobs import close, joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    close.close(Path(job.output.sealed).parent, Path(job.params.root) / "Snakefile")
