"""Turn the amplitudes of an MTZ file into a reflection list."""

from pathlib import Path

from evidence.cases import mtz
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    table = mtz.reflections(Path(job.input.mtz), job.params.column)
    mtz.write_hkl(Path(job.output.reflections), table)
    print(f"{len(table)} reflections")
