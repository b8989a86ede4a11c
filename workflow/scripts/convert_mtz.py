"""Turn the amplitudes of an MTZ file, or a structure, into a reflection list."""

from pathlib import Path

from evidence.cases import mtz
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    mtz.make(Path(job.input.mtz), Path(job.output.reflections), **job.params.options)
