"""Draw the full frames side by side, their differences, a profile and a scatter plot."""

from pathlib import Path

from evidence import steps
from evidence.phases import o
from evidence.phases.work import Work

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    names = [Path(name) for name in job.output]
    work = Work.of(names[0].parents[2], Path(job.params.case), job.params.settings, job.threads)
    o.draw(work, names)
