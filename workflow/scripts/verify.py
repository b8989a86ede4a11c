"""Re-hash every sealed bundle and follow the chain of the ledger; the kind of damage is the exit status."""

import sys
from pathlib import Path

from evidence import steps
from evidence.findings import exit_code
from evidence.verify import verify

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job) as terminal:
    findings = verify(Path("results"))
    for finding in findings:
        print(finding, file=terminal, flush=True)
    if not exit_code(findings):
        print("ok: every sealed bundle and the ledger are as they were written", file=terminal, flush=True)
sys.exit(exit_code(findings))
