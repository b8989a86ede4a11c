"""List the cases of a suite and copy what they need."""

from pathlib import Path

from evidence.campaigns import campaign_inputs, progress
from evidence.campaigns.suite import load_suite, select
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    suite = load_suite(job.params.suite)
    cases = select(suite.all_cases(), job.params.selection)
    folder = Path(job.output.cases).parent
    progress.tally_of(folder.parent).unlink(missing_ok=True)
    campaign_inputs.stage(suite, cases, job.params.selection, folder)
