"""Run the engines of one phase; what fails is on record and does not fail this job."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.phases.job import PhaseJob
from evidence.phases.run_phase import run_phase

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.runs).parents[1]
    phase = PhaseJob.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    run_phase(phase, job.wildcards.phase)
