"""Re-hash every sealed bundle and follow the chain of the ledger; the damage becomes the exit status."""

from pathlib import Path

from evidence.commands import views
from evidence.jobs import closing, joblog

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job), closing.last(job.rule) as out:
    seen = views.verify(Path("results"), None, None, None, None)
    print(seen.text, file=out)
    out.status = seen.status
