"""Render one shard of the full frame by every engine; what fails is on record and does not fail this job."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.phases import shards
from evidence.phases.job import PhaseJob

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    pixels = Path(job.output.pixels)
    phase = PhaseJob.of(pixels.parents[2], Path(job.params.case), job.params.settings, job.threads)
    shards.run_shard(phase, (int(job.wildcards.number), int(job.wildcards.of)), pixels)
