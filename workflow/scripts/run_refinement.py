"""Make a noisy image with the C engine and refine against it from many wrong starts."""

from pathlib import Path

from evidence.engines.found import find_c_engine
from evidence.jobs import joblog
from evidence.refinements import recovery, refinement_case

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    chosen = refinement_case.load(Path(job.input.case))
    engine = find_c_engine(job.params.c_program)
    recovery.recover(chosen, list(engine.command), Path(job.output.found).parent)
