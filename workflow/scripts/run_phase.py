"""Run the engines of one phase; what fails is on record and does not fail this job."""

from pathlib import Path

from evidence import steps
from evidence.phases.run import run_phase
from evidence.phases.work import Work

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    bundle = Path(job.output.runs).parents[1]
    work = Work.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    run_phase(work, job.wildcards.phase)
