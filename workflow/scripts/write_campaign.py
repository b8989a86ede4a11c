"""The table, the verdict and the page of a campaign."""

from pathlib import Path

from evidence import steps
from evidence.campaigns import close
from evidence.campaigns.contenders import contenders
from evidence.campaigns.suite import load_suite

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    suite = load_suite(job.params.suite)
    close.write(Path(job.output.page).parent, suite, contenders(suite), Path(job.params.root))
