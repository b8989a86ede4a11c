"""Turn the amplitudes of a file, or its atoms, into a reflection list."""

from pathlib import Path

from evidence.cases import reflection_list
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    reflection_list.make(Path(job.input.structure), Path(job.output.reflections), **job.params.options)
