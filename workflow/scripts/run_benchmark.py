"""Measure speed and memory of both engines."""

from pathlib import Path

from evidence.bench import measure, sizes
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.timings[0]).parents[1]
    size = sizes.find(job.params.size)
    measure.measure(bundle, size, job.threads, job.params.c_program, job.params.timeout_s)
