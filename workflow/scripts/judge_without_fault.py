"""Run and judge a case as it is, before faults are tried on it."""

from pathlib import Path

from evidence.faults import fault_trial
from evidence.jobs import joblog
from evidence.store import atomic

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    found = fault_trial.without_fault(job.wildcards.case, job.params.settings, Path(job.output.runs))
    atomic.write_json(Path(job.output.gates), found)
