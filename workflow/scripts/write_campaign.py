"""The table, the verdict and the page of a campaign."""

from pathlib import Path

from evidence.campaigns import campaign_results
from evidence.campaigns.contenders import contenders
from evidence.campaigns.suite import load_suite
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    suite = load_suite(job.params.suite)
    bundle, batches = Path(job.output.page).parent, map(Path, job.input.batches)
    campaign_results.write(bundle, suite, contenders(suite), Path(job.params.root), batches)
