"""Re-hash every sealed bundle and follow the chain of the ledger; the kind of damage is the exit status."""

import sys
from pathlib import Path

from evidence.commands import views
from evidence.jobs import invocation, joblog
from evidence.store import atomic

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job) as terminal:
    seen = views.verify(Path("results"), None, None, None, None)
    print(seen.text, file=terminal, flush=True)
    atomic.write_json(invocation.VERIFIED, seen.data)
sys.exit(seen.status)
