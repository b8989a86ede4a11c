"""The end of a bundle: RO-Crate, hashes, seal, ledger."""

import json
from pathlib import Path

from evidence.ledger import seal
from evidence.paths import LEDGER
from evidence.provenance import crate
from evidence.records import Record
from evidence.report import nearest

# Headline metrics of an attempt: name in the ledger -> place in the table `float64` of phase O.
HEADLINE = {
    "correlation": ("correlation",),
    "sum_ratio": ("sum_ratio",),
    "identical_share": ("identical_float32_share",),
    "max_rel_diff": ("max_rel_diff",),
    "peak_distance_px": ("peaks", "mean_distance_px"),
}


def close(bundle: Path, workflow: Path) -> None:
    """Describe, hash and seal the bundle, and enter its end in the ledger; `workflow` is the Snakefile."""
    crate.build(bundle, workflow)
    seal.seal(bundle, bundle.parents[1] / LEDGER, summary(bundle))
    print(f"sealed {bundle}", flush=True)


def summary(bundle: Path) -> Record:
    """What the ledger says about the attempt, at a case, a benchmark, a campaign or a round trip."""
    gates, metadata = _read(bundle / "gates.json"), _read(bundle / "run_metadata.json")
    timed = (bundle / "benchmark.json").is_file()
    return {
        "verdict": gates["verdict"],
        "gates": {gate["id"]: gate["status"] for gate in gates["gates"]},
        "nearest": {gate["id"]: nearest.figure(gate) for gate in gates["gates"]},
        "phases": _phases(metadata),
        "metrics": _metrics(bundle, gates),
        "engines": {role: _short(engine) for role, engine in metadata["engines"].items()},
        **({"size": metadata["size"]} if timed else {}),
    }


def _phases(metadata: Record) -> Record:
    """Phase -> seconds of its engine runs and its measuring; what the steps of a case left on record."""
    found: dict[str, float] = {}
    for step in metadata.get("steps", []):
        rule, letter = str(step["rule"])[:-1], str(step["rule"])[-1:].upper()
        if rule in ("run_phase_", "measure_phase_"):
            found[letter] = round(found.get(letter, 0.0) + float(step["wall_s"]), 4)
    return dict(sorted(found.items()))


def _metrics(bundle: Path, gates: Record) -> dict[str, float]:
    """The headline of a campaign, a benchmark, a case, or else every number that a gate hangs on."""
    if (bundle / "campaign.json").is_file():
        from evidence.campaigns import summary as campaign_summary  # noqa: PLC0415 (takes a second)

        return campaign_summary.headline(_read(bundle / "campaign.json"))
    if (bundle / "benchmark.json").is_file():
        from evidence.bench import benchmark_page  # noqa: PLC0415 (takes a second)

        return benchmark_page.headline(bundle)
    if (bundle / "phase_o").is_dir():
        return _headline(bundle)
    checks = [check for gate in gates["gates"] for check in gate["checks"]]
    return {check["name"]: float(check["measured"]) for check in checks if check["measured"] is not None}


def _headline(bundle: Path) -> dict[str, float]:
    """What phase O found in float64; metrics that do not exist are left out."""
    found = {}
    frame = _read(bundle / "phase_o" / "metrics.json")["tables"].get("float64", {})
    for name, way in HEADLINE.items():
        value: object = frame
        for key in way:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, int | float):
            found[name] = float(value)
    return found


def _short(engine: Record) -> Record:
    return {key: engine.get(key) for key in ("kind", "binary_sha256", "wall_s", "peak_rss_bytes")}


def _read(path: Path) -> Record:
    found: Record = json.loads(path.read_text(encoding="utf-8"))
    return found
