"""Copy what a bundle is made from into its inputs/."""

from pathlib import Path

from evidence import stage, steps
from evidence.case import load_case
from evidence.config import Settings

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job):
    case = load_case(Path(job.params.case))
    stage.stage(case, Settings(**job.params.settings), Path(job.output.record).parent)
