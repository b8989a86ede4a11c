"""Print the checks of one phase; its verdict becomes the exit status."""

from pathlib import Path

from evidence.commands import show
from evidence.jobs import closing, joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job), closing.last(job.rule) as out:
    out.status = 0 if show.phase(Path(job.input.metrics), out) else 1
