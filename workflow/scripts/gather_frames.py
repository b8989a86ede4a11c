"""Put the shards of the full frame together."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.phases import shards
from evidence.phases.job import PhaseJob

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.runs).parents[1]
    phase = PhaseJob.of(bundle, Path(job.params.case), job.params.settings, job.threads)
    shards.gather(phase, [Path(name) for name in job.input.shards if name.endswith(".json")])
