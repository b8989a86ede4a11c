"""The tests that a suite or a case names."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.provenance.mapped_tests import run_tests

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    run_tests(Path(job.output.record).parent, job.params.selectors, Path(job.params.root))
