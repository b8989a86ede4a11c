"""Write the mutation table, its gates and its page."""

from pathlib import Path

from evidence.faults import fault_table
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job):
    bundle, root = Path(job.output.page).parent, Path(job.params.root)
    fault_table.write(bundle, root, [Path(p) for p in job.input.cases], [Path(p) for p in job.input.faults])
