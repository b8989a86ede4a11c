"""What `braggproof show|diff` show of one bundle, or of two."""

from pathlib import Path

from evidence.commands.terminal import View, coloured, refuse_missing, table
from evidence.ledger import bundles, pins
from evidence.ledger import deltas as difference
from evidence.ledger.bundles import Bundle
from evidence.records import Record


def show(results: Path, case: str | None, stamp: str | None) -> View:
    """Gates with their checks, and engine runs, of one bundle."""
    bundle = bundles.resolve(results, case, stamp)
    gates = bundle.load("gates.json")
    runs = [
        bundle.load(p.relative_to(bundle.path).as_posix())
        for p in sorted(bundle.path.glob("phase_*/**/run.json"))
    ]
    checks = [
        (check["gate"], check["name"], check["measured"], _threshold(check), check["unit"], check["status"])
        for gate in gates["gates"]
        for check in gate["checks"] or [_no_check(gate)]
    ]
    engines = [
        (run["cwd"], run["engine"], run["status"], round(run["wall_s"], 3), run["peak_rss_bytes"] >> 20)
        for run in runs
    ]
    parts = [
        f"{bundle.name}  {coloured(gates['verdict'])}  {'sealed' if bundle.sealed else 'not sealed'}",
        table(("gate", "check", "measured", "accepted", "unit", "status"), checks),
        table(("run", "engine", "status", "wall s", "peak MiB"), engines) if runs else "no engine runs",
    ]
    data = {
        "kind": "bundle",
        "schema": 1,
        "path": str(bundle.path),
        "sealed": bundle.sealed,
        "gates": gates,
        "runs": runs,
    }
    return View(data, "\n\n".join(parts))


def _no_check(gate: Record) -> Record:
    reason = gate.get("reason") or "nothing was measured"
    return {
        "gate": gate["id"],
        "name": reason,
        "measured": None,
        "comparison": "",
        "threshold": "",
        "unit": "",
        "status": gate["status"],
    }


def _threshold(check: Record) -> str:
    limit = check["threshold"]
    if check["comparison"] == "range" and isinstance(limit, list):
        return f"{limit[0]:g} to {limit[1]:g}"
    return f"{check['comparison']} {limit}".strip()


def diff(results: Path, case: str | None, before: str, after: str | None) -> View:
    """Status 1 when a gate flipped."""
    refuse_missing(results)
    one = _named(results, case, before)
    other = _named(results, case or one.case, after) if after else bundles.resolve(results, case or one.case)
    found = difference.deltas(one, other)
    flipped = [(row["gate"], row["before"], row["after"]) for row in found["flipped"]]
    rows = {
        name: [
            tuple(row[key] for key in ("name", "before", "after", "change", "ratio")) for row in found[name]
        ]
        for name in ("measured", "speed")
    }
    machines = (
        "" if found["machines"]["same"] else "\n(different or unknown machines: speeds are not comparable)"
    )
    parts = [
        f"{one.name} ({found['before']['verdict']})  ->  {other.name} ({found['after']['verdict']})",
        table(("gate", "before", "after"), flipped) if flipped else "no gate flipped",
        table(("check", "before", "after", "change", "ratio"), rows["measured"]),
        table(("wall s of", "before", "after", "change", "ratio"), rows["speed"]) + machines,
    ]
    return View(found, "\n\n".join(parts), 1 if flipped else 0)


def _named(results: Path, case: str | None, name: str) -> Bundle:
    """A bundle by its pin's name or its stamp."""
    return (
        pins.pinned(results, name)
        if name in pins.read_pins(results)
        else bundles.resolve(results, case, name)
    )
