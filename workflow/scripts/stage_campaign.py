"""List the cases of a suite and copy what they need."""

from pathlib import Path

from evidence import steps
from evidence.campaigns import inputs, progress
from evidence.campaigns.suite import load_suite, select

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    suite = load_suite(job.params.suite)
    cases = select(suite.all_cases(), job.params.selection)
    folder = Path(job.output.cases).parent
    progress.tally_of(folder.parent).unlink(missing_ok=True)
    inputs.stage(suite, cases, job.params.selection, folder)
