"""Judge what the starts found and write the page."""

from pathlib import Path

from evidence.jobs import joblog
from evidence.refinements import refinement_case, refinement_results

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle = Path(job.output.page).parent
    chosen = refinement_case.load(Path(job.input.case))
    refinement_results.write(bundle, Path(job.params.root), chosen, job.params.c_program)
