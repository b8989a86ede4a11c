"""Checks and gates: what was measured against what was promised, in a way that nothing unmeasured passes.

A check is `blocked` when there is no measurement, `fail` when the number is not finite or not within the
limit, else `pass`. A gate is as bad as its worst check, and blocked when it has none.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from evidence import check_names
from evidence.limits import Limit
from evidence.records import Record


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
    Gate("VG-6", "M", "Gradients"),
)
PHASES = tuple(dict.fromkeys(gate.phase for gate in GATES))


@dataclass(frozen=True)
class Check:
    """A number against its limit: the row of a gate."""

    gate: str
    name: str
    measured: float | None  # None: nothing, or no finite number
    limit: Limit
    status: str  # pass, fail, blocked
    reason: str | None = None
    evidence: str = ""  # file of the bundle that holds the number
    title: str | None = None
    source: str | None = None  # where in that file
    note: str | None = None  # what the number rests on: said beside a pass too

    @property
    def ok(self) -> bool:
        return self.status == "pass"

    def to_dict(self) -> Record:
        """As it stands in metrics.json and gates.json."""
        margin, digits = (None, None) if self.measured is None else self.limit.distance(self.measured)
        accept = self.limit.accept
        words = {"title": self.title, "source": self.source, "note": self.note}
        return {
            "gate": self.gate,
            "name": self.name,
            "measured": self.measured,
            "comparison": self.limit.comparison,
            "threshold": list(accept) if isinstance(accept, tuple) else accept,
            "goal": self.limit.goal,
            "unit": self.limit.unit,
            "status": self.status,
            "reason": self.reason,
            "margin": margin,
            "digits_past": digits,
            "evidence": self.evidence,
            **{key: value for key, value in words.items() if value is not None},
        }

    @classmethod
    def from_dict(cls, found: Record) -> Self:
        """The check that `to_dict` wrote."""
        limits = {"accept": found["threshold"], "goal": found["goal"]}
        words = ("gate", "name", "measured", "status", "reason", "evidence", "title", "source", "note")
        limit = Limit.of(found["comparison"], limits, found["unit"])
        return cls(limit=limit, **{key: found[key] for key in words if key in found})


def judge(
    gate: str,
    name: str,
    measured: float | None,
    limit: Limit,
    reason: str | None = None,
    evidence: str | None = None,
) -> Check:
    """The one judge: `measured` against its limit. `reason`: why nothing was measured, or what went wrong."""
    if measured is None:
        status, why = "blocked", reason or "not measured"
    elif not math.isfinite(measured):
        status, why = "fail", reason or f"measured {measured}, which is not a finite number"
        measured = None
    elif limit.holds(float(measured)):
        status, why = "pass", None
    else:
        status, why = "fail", reason or None
    phase = next((known.phase.lower() for known in GATES if known.id == gate), "")
    return Check(gate, name, measured, limit, status, why, evidence or f"phase_{phase}/metrics.json")


def status_of(checks: Sequence[Record]) -> str:
    """The worst status; blocked when there is no check at all."""
    found = {str(each["status"]) for each in checks}
    if any(each["status"] == "pass" and each.get("measured", 0.0) is None for each in checks):
        return "fail"  # a pass without a number is no pass
    if found - {"pass", "fail", "blocked"}:
        return "fail"
    return "fail" if "fail" in found else "blocked" if "blocked" in found or not found else "pass"


def read_phase(path: Path) -> Record | str:
    """metrics.json of a phase, or the reason why there is none to judge."""
    try:
        metrics: Record = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        listed = [each["gate"] for each in metrics["checks"]]
    except OSError as problem:
        return f"{path.parent.name}/{path.name} could not be read: {problem.strerror}"
    except (ValueError, KeyError, TypeError) as problem:
        return f"{path.parent.name}/{path.name} is damaged: {problem}"
    return metrics if listed else f"{path.parent.name}/{path.name} holds no check"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def assemble(
    case: str, stamp: str, phases: Mapping[str, Record | str], others: Sequence[Record] = ()
) -> Record:
    """gates.json from the metrics of the phases; a string in place of metrics is why there are none.

    `others` are gates that stand beside those of the phases.
    """
    rows = []
    for gate in GATES:
        metrics = phases.get(gate.phase, "the phase did not run")
        why = metrics if isinstance(metrics, str) else None
        checks = [] if isinstance(metrics, str) else [c for c in metrics["checks"] if c["gate"] == gate.id]
        command = f"snakemake phase_{gate.phase.lower()} --config case={case}"
        rows.append(gate_row(gate, checks, command, why))
    return verdict(case, stamp, [*rows, *others])


def gate_row(gate: Gate, checks: Sequence[Record], command: str, why: str | None = None) -> Record:
    """A gate with its checks as gates.json has it; `why` there is none."""
    bad = [each for each in checks if each["status"] != "pass"]
    reason = told(bad[0]) if bad else why
    return {
        **gate._asdict(),
        "status": status_of(checks),
        "reason": reason if checks else why or "no check was made",
        "command": command,
        "checks": list(checks),
    }


def told(check: Record) -> str:
    """A check that does not pass, in a line: its name in words, the figure against its limit, and why."""
    limit = Limit.of(check["comparison"], {"accept": check["threshold"]}, check["unit"])
    unit = "" if limit.unit == "1" else f" {limit.unit}"
    measured = check["measured"]
    figure = [] if measured is None else [f"{measured:.6g}{unit}, accepted {limit.text}"]
    why = [str(check["reason"])] if check["reason"] else [] if figure else ["not measured"]
    return f"{check_names.words(check)}: {'; '.join(figure + why)}"


def verdict(case: str, stamp: str, rows: Sequence[Record]) -> Record:
    """gates.json: the gates and the worst of them."""
    return {
        "kind": "gates",
        "schema": 1,
        "case": case,
        "stamp": stamp,
        "verdict": status_of(rows),
        "gates": list(rows),
        "first_failing": next((row["id"] for row in rows if row["status"] != "pass"), None),
    }
