"""Put the checks of all phases together: gates, environment, metadata of the run."""

from pathlib import Path

from evidence.cases.settings import Settings
from evidence.jobs import joblog
from evidence.provenance import metadata

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    metadata.write(Path(job.output.gates).parent, Settings(**job.params.settings), Path(job.params.root))
