"""Print what the campaigns found; fail unless all of them pass."""

import sys
from pathlib import Path

from evidence.campaigns import campaign_results
from evidence.jobs import joblog
from evidence.report import index

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job) as terminal:
    index.build(Path("results"))
    passed = [campaign_results.show(Path(sealed).parent, terminal) for sealed in job.input]
sys.exit(0 if all(passed) else 1)
