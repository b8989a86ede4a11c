"""Measure what the runs of one phase show and write its metrics."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.metrics).parents[1]
    phase = PhaseJob.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    measure_phase(phase, job.wildcards.phase)
