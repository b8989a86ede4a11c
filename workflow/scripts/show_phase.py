"""Print the checks of one phase; its verdict is the exit status."""

import sys
from pathlib import Path

from evidence.commands import show
from evidence.jobs import joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job) as terminal:
    passed = show.phase(Path(job.input.metrics), terminal)
sys.exit(0 if passed else 1)
