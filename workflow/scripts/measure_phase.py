"""Measure what the runs of one phase show and write its metrics."""

from pathlib import Path

from evidence import steps
from evidence.phases.measure import measure_phase
from evidence.phases.work import Work

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    bundle = Path(job.output.metrics).parents[1]
    work = Work.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    measure_phase(work, job.wildcards.phase)
