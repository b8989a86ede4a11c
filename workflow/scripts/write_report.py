"""Write the reports of a bundle from the JSON in it."""

from pathlib import Path

from evidence import report, steps

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    report.build(Path(job.output.report).parent)
