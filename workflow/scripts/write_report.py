"""Keep the full frames once, then write the reports of a bundle from what is in it."""

from pathlib import Path

from evidence.jobs import frames_once, joblog
from evidence.report import page

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.report).parent
    frames_once.pack(bundle)
    page.build(bundle)
