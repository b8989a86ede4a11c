"""benchmark.html: every number in it stands in benchmark.json, gates.json or env.json."""

import json
from pathlib import Path

from evidence.bench import charts
from evidence.records import Record
from evidence.report import templates
from evidence.report.opening import opening
from evidence.report.sourced import load
from evidence.store import atomic

CONTENTS = [
    ("targets", "Targets"),
    ("frame", "Frame"),
    ("features", "Features"),
    ("scaling", "Scaling"),
    ("memory", "Memory"),
    ("tasks", "Tasks"),
    ("cuda", "CUDA"),
    ("method", "Method"),
    ("environment", "Environment"),
]
SENTENCES = {
    "pass": "Every promise of speed and memory is kept.",
    "fail": "{id} falls short: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}


def build(bundle: Path) -> None:
    """Write the page of a bundle."""
    atomic.write_text(
        bundle / "benchmark.html",
        templates.render(templates.html(), "benchmark.html.j2", **context(bundle)),
    )


def context(bundle: Path) -> Record:
    """What the template is given."""
    found, judged = load(bundle, "benchmark.json"), opening(bundle, SENTENCES)
    return {
        **judged,
        "contents": CONTENTS,
        "b": found,
        "parts": sorted(path.name for path in (bundle / "timings").glob("*.json")),
        "plots": plots(found, judged["checks"]),
        "slowest": slowest(found["features"]),
        "square": next(row for row in found["features"] if row["name"] == "square"),
    }


def slowest(features: list[Record]) -> Record | None:
    """The feature that gains least over C; None if none could be timed."""
    timed = [row for row in features if row["speedup"]["ratio"] is not None]
    return min(timed, key=lambda row: row["speedup"]["ratio"], default=None)


def plots(found: Record, checks: list[Record]) -> dict[str, str]:
    """SVG by name."""
    promised = {check["name"]: check["threshold"] for check in checks}
    frame = [
        {**row, "value": row["ratio"], "target": promised.get(row["name"])}
        for row in found["frame"]["ratios"]
        if row["kind"] == "steady"
    ]
    features = [
        {**row, **row["speedup"], "value": row["speedup"]["ratio"], "target": promised[row["name"]]}
        for row in found["features"]
    ]
    return {
        "frame": charts.speedups("speedup-frame", "Speed-up of the frame", frame),
        "features": charts.speedups("speedup-features", "Speed-up of each feature", features),
        "memory": charts.memory(found["memory"][1:], promised["frame"]),
        **{series["axis"]: charts.work(series) for series in found["scaling"]},
    }


def headline(bundle: Path) -> dict[str, float]:
    """What the ledger keeps of a full run."""
    found = json.loads((bundle / "benchmark.json").read_text(encoding="utf-8"))
    if found["size"] == "smoke":
        return {}
    kept = {
        row["name"]: row["ratio"]
        for row in found["frame"]["ratios"]
        if row["name"] in ("float64_vs_c_one", "float32_vs_c_one", "whole_over_c_all")
    }
    low = slowest(found["features"])
    kept["slowest_feature_vs_c_one"] = low["speedup"]["ratio"] if low else None
    return {name: value for name, value in kept.items() if value is not None}
