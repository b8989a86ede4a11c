"""What the inner loop reaches of this machine's peak, and what stands between."""

from typing import Any

from evidence.bench.contest import times
from evidence.bench.stats import summary

Tree = dict[str, Any]
KINDS = ("arithmetic", "divisions", "functions", "other")


def digest(part: Tree) -> Tree:
    """A row for each precision and number of threads; peak None where none could be measured."""
    facts = part["facts"]
    rows = [_row(part, contender) for contender in part["contenders"]]
    return {
        "evaluations": facts["evaluations"],
        "peak_command": facts["peak"]["command"],
        "peak_reason": facts["peak"]["reason"],
        "counts": facts["counts"],
        "sines": facts["sines"],
        "rows": rows,
    }


def _row(part: Tree, contender: Tree) -> Tree:
    dtype, threads, facts = contender["dtype"], contender["threads"], part["facts"]
    seconds = summary(times(part, contender["name"]))
    counts = next(each["operations"] for each in facts["counts"] if each["dtype"] == dtype)
    peaks = facts["peak"]["peaks"]
    peak = next((p["flops"] for p in peaks if (p["dtype"], p["threads"]) == (dtype, threads)), None)
    row = {"dtype": dtype, "threads": threads, "title": contender["title"], "seconds": seconds, "peak": peak}
    median = seconds["median"]
    if median is None or counts is None or peak is None:
        return {**row, "ns": None, "flops": None, "of_peak": None, "of_unfused": None, "of_issue": None}
    each = median / facts["evaluations"]
    flops = counts["arithmetic"] + counts["divisions"]
    every = sum(counts[kind] for kind in KINDS)
    return {
        **row,
        "ns": each * 1e9,
        "flops": flops / each,
        "of_peak": flops / each / peak,
        # the peak counts a fused multiply-add as two; exactness forbids float64 to fuse what C does not
        "of_unfused": flops / each / (peak / 2),
        # roundings, comparisons, lookups take a place in the pipeline like an addition
        "of_issue": every / each / (peak / 2),
    }
