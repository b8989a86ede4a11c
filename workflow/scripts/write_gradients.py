"""Judge the gradients of a case and write the page."""

from pathlib import Path

from evidence.gradients import proof
from evidence.jobs import joblog
from evidence.phases.job import PhaseJob

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.page).parent
    phase = PhaseJob.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    proof.write(phase, Path(job.params.root), job.params.c_program)
