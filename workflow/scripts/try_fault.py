"""Put one fault into a copy of the PyTorch engine and see which gate catches it."""

from pathlib import Path

from evidence.campaigns import mutants
from evidence.faults import fault_trial
from evidence.faults.fault_plan import FAULTS
from evidence.jobs import joblog
from evidence.store import atomic

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    fault = next(each for each in mutants.load(FAULTS) if each.name == job.wildcards.fault)
    package, made = Path(job.params.root) / "simulator", Path(job.input.runs[0]).parent
    row = fault_trial.try_fault(fault, job.params.order, job.params.settings, made, package)
    atomic.write_json(Path(job.output.row), row)
