"""One batch of a campaign: its cases through every engine, judged."""

from pathlib import Path

from evidence.campaigns import batch, progress
from evidence.campaigns.contenders import contenders
from evidence.campaigns.suite import load_suite
from evidence.jobs import joblog
from evidence.store import atomic

job = globals()["snakemake"]  # Snakemake puts it there

with joblog.step(job) as terminal:
    record = Path(job.output.record)
    bundle, share = record.parents[1], (int(job.wildcards.number), int(job.wildcards.of))
    suite = load_suite(job.params.suite)
    meter = progress.Progress.of(bundle, terminal)
    found = batch.run_batch(bundle, suite, contenders(suite), share, meter)
    atomic.write_json(record, found)
