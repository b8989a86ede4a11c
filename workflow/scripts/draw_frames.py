"""Draw the full frames side by side, their differences, a profile and a scatter plot."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.phases import o_frame
from evidence.phases.job import PhaseJob

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    names = [Path(name) for name in job.output]
    phase = PhaseJob.of(names[0].parents[2], Path(job.params.case), job.params.settings, job.threads)
    o_frame.draw(phase, names)
