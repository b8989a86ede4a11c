"""Put the checks of all phases together: gates, environment, metadata of the run."""

from pathlib import Path

from evidence import metadata, steps
from evidence.config import Settings

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    metadata.write(Path(job.output.gates).parent, Settings(**job.params.settings), Path(job.params.root))
