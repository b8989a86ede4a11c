"""Judge the timings and write the benchmark's page."""

from pathlib import Path

from evidence.bench import results
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    results.write(Path(job.output.page).parent, Path(job.params.root), job.params.c_program)
