"""Render a sweep with each engine and send it through DIALS."""

from pathlib import Path

from evidence.engines.found import find_c_engine
from evidence.engines.programs import py_engine
from evidence.jobs import joblog
from evidence.roundtrip import passage, trip

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    chosen = trip.load(Path(job.input.trip))
    engines = find_c_engine(job.params.c_program), py_engine()
    for engine, found in zip(engines, job.output.found, strict=True):
        passage.travel(chosen, list(engine.command), Path(found).parent, job.threads)
