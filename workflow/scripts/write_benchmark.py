"""Judge the timings and write the benchmark's page."""

from pathlib import Path

from evidence import steps
from evidence.bench import finish

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    finish.write(Path(job.output.page).parent, Path(job.params.root), job.params.c_program)
