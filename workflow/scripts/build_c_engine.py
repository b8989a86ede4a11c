"""Compile the C engine."""

from pathlib import Path

from evidence import build, steps

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    build.build([Path(name) for name in job.input.sources], Path(job.output.engine))
