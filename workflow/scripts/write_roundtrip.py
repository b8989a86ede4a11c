"""Judge what DIALS found and write the page."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.roundtrip import judgement, trip

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.page).parent
    judgement.write(bundle, Path(job.params.root), trip.load(Path(job.input.trip)), job.params.c_program)
