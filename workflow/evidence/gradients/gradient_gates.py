"""What a bundle of gradients must show against what was measured: its gates.json."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from evidence import gates
from evidence.cases.case import Thresholds
from evidence.gates import Gate
from evidence.limits import GRADIENTS, NOTHING, Limit
from evidence.records import Record

PARTS = ("differences", "fields", "configurations", "cost")
TITLES = {
    "GR-C": "Derivatives are those of the C engine",
    "GR-FIELDS": "Every field in every shape and mode, once and twice",
    "GR-ALL": "Every configuration backward, every field at once",
    "GR-COST": "Time and memory of value and gradient of the frame",
}


class Figure(NamedTuple):
    """One check: what it asks, the part it stands in, and how it is found there (None: not measured)."""

    gate: str
    name: str
    title: str
    part: str
    limit: Limit
    find: Callable[[Record], float | None]


def figures(thresholds: Thresholds) -> list[Figure]:
    """Every check; `thresholds` are those of VG-6."""
    step = thresholds["VG-6"]

    def wrong(key: str, name: str) -> Callable[[Record], float | None]:
        return lambda part: _count(part[key], name)

    return [
        Figure("GR-C", "richardson", "extrapolated differences, relative to the largest slope", "differences",
               Limit.of("<=", step["richardson"]),
               lambda part: _worst([row["richardson"] for row in part["differences"]], max)),
        Figure("GR-C", "step_correlation", "error of a difference with its step, smallest correlation",
               "differences", Limit.of(">=", step["step_correlation"]),
               lambda part: _worst(_bent(part["differences"]), min)),
        Figure("GR-C", "parameters", "numbers of the command line compared", "differences",
               GRADIENTS["parameters"],
               lambda part: float(len({row["parameter"] for row in part["differences"]})) or None),
        Figure("GR-FIELDS", "gradchecks_failed", "checks that fail", "fields", NOTHING,
               wrong("checks", "ok")),
        Figure("GR-FIELDS", "fields_unreached", "fields that no check reached", "fields", NOTHING,
               lambda part: float(len(part["unreached"])) if part["checks"] else None),
        Figure("GR-ALL", "configurations", "configurations and modes run backward", "configurations",
               GRADIENTS["configurations"], lambda part: float(len(part["configurations"])) or None),
        Figure("GR-ALL", "not_finite", "with a gradient that is not finite", "configurations", NOTHING,
               wrong("configurations", "not_finite")),
        Figure("GR-ALL", "unexplained", "with a gradient missing, or there, against the table",
               "configurations", NOTHING, wrong("configurations", "unexplained")),
        Figure("GR-ALL", "refused", "that raised an error", "configurations", NOTHING,
               wrong("configurations", "reason")),
        *_cost(),
    ]  # fmt: skip


def _cost() -> Iterator[Figure]:
    rows = (
        (
            "gradient_float64",
            "float64, over the compiled render",
            "time_float64",
            "gradient_over_steady",
            None,
        ),
        (
            "gradient_float32",
            "float32, over the compiled render",
            "time_float32",
            "gradient_over_steady",
            None,
        ),
        (
            "forward",
            "simulate() without gradient, over the render",
            "time_float64",
            "forward_over_steady",
            None,
        ),
        ("memory", "memory above the interpreter", "memory_10", "above_bytes", None),
        ("memory", "memory at a hundred spindle steps", "memory_100", "above_bytes", None),
        (
            "memory_steps",
            "memory at a hundred steps over that at ten",
            "memory_100",
            "above_bytes",
            "memory_10",
        ),
        ("memory_eager", "memory without compiled kernels", "memory_eager", "above_bytes", None),
    )
    for limit, title, task, key, over in rows:
        name = limit if task != "memory_100" or over else "memory_100"
        yield Figure("GR-COST", name, title, "cost", GRADIENTS[limit], _ratio(task, key, over))


def _ratio(task: str, key: str, over: str | None) -> Callable[[Record], float | None]:
    """A figure of a task, or its ratio to that of another."""

    def find(part: Record) -> float | None:
        rows = {row["name"]: row.get(key) for row in part["cost"]}
        value = rows.get(task)
        if over is None or value is None:
            return value
        other = rows.get(over)
        return value / other if other else None

    return find


def judge(found: dict[str, Record], thresholds: Thresholds, case: str, stamp: str) -> Record:
    """gates.json from the parts; nothing passes that was not measured."""
    checks = [_check(figure, found.get(figure.part, {})) for figure in figures(thresholds)]
    rows = [
        gates.gate_row(
            Gate(gate, "gradients", title), [c for c in checks if c["gate"] == gate], f"snakemake {case}"
        )
        for gate, title in TITLES.items()
    ]
    return gates.verdict(case, stamp, rows)


def _check(figure: Figure, part: Record) -> Record:
    reason = part.get("reason") or None
    try:
        measured = None if reason else figure.find(part)
    except (KeyError, TypeError) as problem:
        measured, reason = None, f"{figure.part}.json: {problem}"
    made = gates.judge(figure.gate, figure.name, measured, figure.limit, reason, f"{figure.part}.json")
    return replace(made, title=figure.title).to_dict()


def _worst(values: list[float | None], choose: Callable[[list[float]], float]) -> float | None:
    """The worst of the values; one that is no number is worst of all, no value at all is not measured."""
    known = [math.nan if value is None else value for value in values]
    return None if not known else math.nan if any(map(math.isnan, known)) else choose(known)


def _bent(rows: list[Record]) -> list[float | None]:
    """Correlations of the numbers in which the image is not linear; a lost one stays."""
    return [row["r"] for row in rows if not row["linear"]]


def _count(rows: list[Record], name: str) -> float | None:
    """How many rows have something in a column that should be empty, or False in `ok`."""
    bad = [row for row in rows if (not row[name] if name == "ok" else row[name])]
    return float(len(bad)) if rows else None
