"""Prove and time the gradients of a case."""

from pathlib import Path

from evidence.gradients import proof
from evidence.jobs import joblog
from evidence.phases.job import PhaseJob

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.parts[0]).parent
    proof.measure(PhaseJob.of(bundle, Path(job.params.case), job.params.settings, job.threads))
