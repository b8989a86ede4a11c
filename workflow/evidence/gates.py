"""Checks and gates: what was measured against what was promised, in a way that nothing unmeasured passes.

A check is `blocked` when there is no measurement, `fail` when the number is not finite or not within the
threshold, else `pass`. A gate is as bad as its worst check, and blocked when it has none.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Threshold = float | Sequence[float]
Check = dict[str, Any]


class Gate(NamedTuple):
    """One row of the table of gates."""

    id: str
    phase: str
    title: str


GATES = (
    Gate("VG-0", "K", "Base lattice and scaling chain"),
    Gate("VG-1", "L", "Rotation at every phi step"),
    Gate("VG-2", "M", "Structure factor and normalization"),
    Gate("VG-3", "N", "Region of interest: intensities"),
    Gate("VG-4", "N", "Region of interest: peak positions"),
    Gate("VG-5", "O", "Full frame"),
)
PHASES = tuple(dict.fromkeys(gate.phase for gate in GATES))


def check(
    gate: str,
    name: str,
    measured: float | None,
    comparison: str,
    limit: Mapping[str, Any],
    unit: str = "1",
    reason: str | None = None,
) -> Check:
    """One check: `measured` against limit["accept"], with limit["goal"] as the aim.

    `comparison` is "<=", ">=" (values up to 1), "range" (accept is [low, high]) or "equals". `reason` says
    why nothing was measured, or what went wrong.
    """
    accept, goal = limit["accept"], limit.get("goal")
    if measured is None:
        status, why = "blocked", reason or "not measured"
    elif not math.isfinite(measured):
        status, why = "fail", reason or f"measured {measured}, which is not a finite number"
        measured = None
    elif _within(float(measured), comparison, accept):
        status, why = "pass", ""
    else:
        status, why = "fail", reason or ""
    margin, digits = (None, None) if measured is None else _distance(float(measured), comparison, accept)
    return {
        "gate": gate,
        "name": name,
        "measured": measured,
        "comparison": comparison,
        "threshold": accept,
        "goal": goal,
        "unit": unit,
        "status": status,
        "reason": why or None,
        "margin": margin,
        "digits_past": digits,
        "evidence": f"phase_{_phase(gate).lower()}/metrics.json",
    }


def _within(value: float, comparison: str, accept: Any) -> bool:
    """NaN is within nothing."""
    if comparison == "range":
        return bool(accept[0] <= value <= accept[1])
    tests = {"<=": value <= accept, ">=": value >= accept, "equals": value == accept}
    return bool(tests[comparison])


def _distance(value: float, comparison: str, accept: Any) -> tuple[float | None, float | None]:
    """Margin in the unit of the check, and decimal digits past the threshold (None where it is exact)."""
    if comparison == "equals":
        return None, None
    if comparison == "range":
        room = (accept[1] - 1.0) if value >= 1.0 else (1.0 - accept[0])
        left = abs(value - 1.0)
    elif comparison == ">=":
        room, left = 1.0 - accept, 1.0 - value
    else:
        room, left = float(accept), abs(value)
    return room - left, math.log10(room / left) if room > 0 and left > 0 else None


def status_of(checks: Sequence[Check]) -> str:
    """The worst status; blocked when there is no check at all."""
    found = {str(each["status"]) for each in checks}
    if any(each["status"] == "pass" and each.get("measured", 0.0) is None for each in checks):
        return "fail"  # a pass without a number is no pass
    if found - {"pass", "fail", "blocked"}:
        return "fail"
    return "fail" if "fail" in found else "blocked" if "blocked" in found or not found else "pass"


def read_phase(path: Path) -> dict[str, Any] | str:
    """metrics.json of a phase, or the reason why there is none to judge."""
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        listed = [each["gate"] for each in metrics["checks"]]
    except OSError as problem:
        return f"{path.parent.name}/{path.name} could not be read: {problem.strerror}"
    except (ValueError, KeyError, TypeError) as problem:
        return f"{path.parent.name}/{path.name} is damaged: {problem}"
    return metrics if listed else f"{path.parent.name}/{path.name} holds no check"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def assemble(case: str, stamp: str, phases: Mapping[str, dict[str, Any] | str]) -> dict[str, Any]:
    """gates.json from the metrics of the phases; a string in place of metrics is why there are none."""
    gates = [_judge(gate, phases.get(gate.phase, "the phase did not run"), case) for gate in GATES]
    return {
        "schema": 1,
        "case": case,
        "stamp": stamp,
        "verdict": status_of(gates),
        "gates": gates,
        "first_failing": next((gate["id"] for gate in gates if gate["status"] != "pass"), None),
    }


def _judge(gate: Gate, metrics: dict[str, Any] | str, case: str) -> dict[str, Any]:
    if isinstance(metrics, str):
        checks: list[Check] = []
        reason: str | None = metrics
    else:
        checks = [each for each in metrics["checks"] if each["gate"] == gate.id]
        bad = [each for each in checks if each["status"] != "pass"]
        reason = f"{bad[0]['name']}: {bad[0]['reason'] or 'outside the threshold'}" if bad else None
        reason = reason if checks else "no check was made"
    return {
        **gate._asdict(),
        "status": status_of(checks),
        "reason": reason,
        "command": f"snakemake phase_{gate.phase.lower()} --config case={case}",
        "checks": checks,
    }


def _phase(gate: str) -> str:
    return next(known.phase for known in GATES if known.id == gate)
