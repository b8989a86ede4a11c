"""Compile the C engine."""

from pathlib import Path

from evidence.engines import build
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    build.build([Path(name) for name in job.input.sources], Path(job.output.engine))
