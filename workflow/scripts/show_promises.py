"""Render the index of all attempts and print the promises, kept or not, which are the exit status."""

import sys
from pathlib import Path

from evidence.commands import show
from evidence.jobs import joblog
from evidence.report import index

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job) as terminal:
    index.build(Path("results"))
    passed = show.promises(Path(job.input.sealed).parent, terminal)
sys.exit(0 if passed else 1)
