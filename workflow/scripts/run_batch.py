"""One batch of a campaign: its cases through every engine, judged."""

from pathlib import Path

from evidence import steps, store
from evidence.campaigns import batch, progress
from evidence.campaigns.contenders import contenders
from evidence.campaigns.suite import load_suite

job = globals()["snakemake"]  # Snakemake puts it there

with steps.step(job) as terminal:
    record = Path(job.output.record)
    bundle, share = record.parents[1], (int(job.wildcards.number), int(job.wildcards.of))
    suite = load_suite(job.params.suite)
    meter = progress.Progress.of(bundle, terminal)
    found = batch.run_batch(bundle, suite, contenders(suite), share, meter)
    store.write_json(record, found)
