"""Describe the campaign's bundle, hash every file, close it, enter it in the ledger."""

from pathlib import Path

from evidence.campaigns import campaign_close as close
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    close.close(Path(job.output.sealed).parent, Path(job.params.root) / "Snakefile")
