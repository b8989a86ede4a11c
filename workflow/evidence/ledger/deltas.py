"""How a bundle differs from another one: gates that flipped, what the checks measured, engine speed."""

import math
from pathlib import Path
from typing import Any

from evidence.ledger.bundles import Bundle
from evidence.records import Record

Row = Record


def deltas(before: Bundle, after: Bundle) -> Record:
    """JSON of all differences; `moved` lists only what changed, `measured` and `speed` all that both have."""
    then, now = before.load("gates.json"), after.load("gates.json")
    measured = _measured(_checks(then), _checks(now))
    return {
        "kind": "differences",
        "schema": 1,
        "before": {"case": before.case, "stamp": before.stamp, "verdict": then["verdict"]},
        "after": {"case": after.case, "stamp": after.stamp, "verdict": now["verdict"]},
        "flipped": _flipped(_gates(then), _gates(now)),
        "measured": measured,
        "moved": [row["name"] for row in measured if row["before"] != row["after"]],
        "speed": _speed(before, after),
        "machines": _machines(before, after),
    }


def _gates(document: Record) -> dict[str, str]:
    return {gate["id"]: gate["status"] for gate in document["gates"]}


def _checks(document: Record) -> Record:
    return {
        f"{check['gate']} {check['name']}": check["measured"]
        for gate in document["gates"]
        for check in gate["checks"]
    }


def _flipped(then: dict[str, str], now: dict[str, str]) -> list[Row]:
    """Gates with another status; one that only one side has is "absent" on the other."""
    return [
        {"gate": gate, "before": then.get(gate, "absent"), "after": now.get(gate, "absent")}
        for gate in sorted(then.keys() | now.keys())
        if then.get(gate) != now.get(gate)
    ]


def _measured(then: Record, now: Record) -> list[Row]:
    return [_row(name, then.get(name), now.get(name)) for name in sorted(then.keys() | now.keys())]


def _row(name: str, then: Any, now: Any) -> Row:
    """`change` is after - before, `ratio` after / before; null where there are no two numbers to compare."""
    both = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (then, now))
    ratio = now / then if both and then else None
    ok = ratio is not None and math.isfinite(ratio)
    return {
        "name": name,
        "before": then,
        "after": now,
        "change": now - then if both else None,
        "ratio": ratio if ok else None,
    }


def _speed(before: Bundle, after: Bundle) -> list[Row]:
    """Wall-clock seconds of the engine runs that both bundles have and that went well."""
    then, now = _seconds(before), _seconds(after)
    return [_row(name, then[name], now[name]) for name in sorted(then.keys() & now.keys())]


def _seconds(bundle: Bundle) -> dict[str, float]:
    found = {}
    for path in sorted(bundle.path.glob("phase_*/**/run.json")):
        name = path.relative_to(bundle.path)
        run = bundle.load(name.as_posix())
        if run["status"] == "ok":
            found[name.parent.as_posix()] = run["wall_s"]
    return found


def _machines(before: Bundle, after: Bundle) -> Record:
    """The processors, because speeds of two machines are not comparable."""
    names = [_machine(bundle) for bundle in (before, after)]
    return {"before": names[0], "after": names[1], "same": names[0] == names[1] and names[0] is not None}


def _machine(bundle: Bundle) -> str | None:
    if not Path(bundle.path, "env.json").is_file():
        return None
    cpu = bundle.load("env.json").get("cpu")
    return f"{cpu.get('model')}, {cpu.get('cores_logical')} cores" if isinstance(cpu, dict) else None
