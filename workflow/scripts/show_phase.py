"""Print the checks of one phase; its verdict is the exit status."""

import sys
from pathlib import Path

from evidence import steps
from evidence.phases import show

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job) as terminal:
    passed = show.phase(Path(job.input.metrics), terminal)
sys.exit(0 if passed else 1)
