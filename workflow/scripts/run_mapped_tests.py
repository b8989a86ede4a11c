"""The tests that a suite names."""

from pathlib import Path

from evidence.campaigns.mapped_tests import run_tests
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    run_tests(Path(job.output.record).parent, job.params.selectors, Path(job.params.root))
