"""Write the reports of a bundle from the JSON in it."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.report import page

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    page.build(Path(job.output.report).parent)
