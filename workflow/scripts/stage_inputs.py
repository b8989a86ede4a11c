"""Copy what a bundle is made from into its inputs/."""

from pathlib import Path

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.jobs import joblog, stage

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    case = load_case(Path(job.params.case))
    stage.stage(case, Settings(**job.params.settings), Path(job.output.record).parent)
