"""What was promised of speed and memory against what was measured: gates.json of a benchmark."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from evidence import gates
from evidence.gates import Gate
from evidence.limits import BENCHMARK, Limit
from evidence.records import Record

NOT_JUDGED = "a smoke run is not judged"
UNTIMED = "a contender failed, or took no time that can be told"
GATES = {
    "SPEED": "Steady state against C, the same pixels",
    "PROCESS": "Whole processes, start to end",
    "MEMORY": "Memory above the interpreter",
    "SCALING": "Time grows as the work does",
    "FEATURES": "Every feature against C on one thread",
    "TASKS": "What else people wait for",
}
WORDS = {
    "float64_vs_c_one": "float64, times as fast as C on one thread",
    "float64_vs_c_all": "float64, times as fast as C on all cores",
    "float32_vs_c_one": "float32, times as fast as C on one thread",
    "float64_same_pixels": "float64, pixels equal to those of C to the last float32 bit",
    "whole_over_c_all": "the frame from the shell, time over that of C on all cores, later runs",
    "whole_first_over_c_all": "the same when nothing has been compiled yet",
    "import": "importing the engine",
    "frame": "the frame",
    "many_steps": "many steps a pixel",
    "exponent_pixels": "exponent of time in pixels",
    "exponent_steps": "exponent of time in steps",
    "read": "reading a million reflections",
    "mtz": "from an MTZ file to reflections",
    "compare": "nb-compare of two frames, with figures",
    "parity": "the whole workflow on the supervisor case",
    "no_op": "the workflow with nothing to do",
}


class Target(NamedTuple):
    """One promise and the figure that stands for it; `reason` says why there is none."""

    gate: str
    name: str
    measured: float | None
    limit: Limit
    reason: str | None
    source: str  # where in benchmark.json the figure stands


def judge(found: Record, stamp: str) -> Record:
    """gates.json: a check a target; nothing passes that was not measured."""
    made = [_check(target, found["size"] == "smoke") for target in targets(found)]
    rows = [
        gates.gate_row(
            Gate(gate, "benchmark", title), [c for c in made if c["gate"] == gate], "snakemake benchmark"
        )
        for gate, title in GATES.items()
    ]
    return gates.verdict("benchmark", stamp, rows)


def _check(target: Target, smoke: bool) -> Record:
    measured, reason = (None, NOT_JUDGED) if smoke else (target.measured, target.reason)
    made = gates.judge(target.gate, target.name, measured, target.limit, reason, "benchmark.json")
    return replace(made, title=WORDS.get(target.name, target.name), source=target.source).to_dict()


def targets(found: Record) -> Iterator[Target]:
    """Every promise, in the order of the gates."""
    yield from _speed(found)
    yield from _process(found)
    yield from _memory(found)
    yield from _scaling(found)
    yield from _features(found)
    yield from _tasks(found)


def _ratio(found: Record, gate: str, name: str) -> Target:
    rows = found["frame"]["ratios"]
    place, row = next((n, row) for n, row in enumerate(rows) if row["name"] == name)
    reason = row["reason"] or (UNTIMED if row["ratio"] is None else None)
    return Target(gate, name, row["ratio"], BENCHMARK[name], reason, f"/frame/ratios/{place}/ratio")


def _speed(found: Record) -> Iterator[Target]:
    for name in ("float64_vs_c_one", "float64_vs_c_all", "float32_vs_c_one"):
        yield _ratio(found, "SPEED", name)
    for n, row in enumerate(found["frame"]["likeness"]):
        if row["dtype"] == "float64":
            share, name = row["identical_share"], "float64_same_pixels"
            where = f"/frame/likeness/{n}/identical_share"
            yield Target("SPEED", name, share, BENCHMARK[name], row["reason"], where)


def _process(found: Record) -> Iterator[Target]:
    for name in ("whole_over_c_all", "whole_first_over_c_all"):
        yield _ratio(found, "PROCESS", name)
    yield _task(found, "PROCESS", "import")


def _memory(found: Record) -> Iterator[Target]:
    for name, label in (("whole_float64", "frame"), ("memory_many", "many_steps")):
        place, row = next((n, row) for n, row in enumerate(found["memory"]) if row["name"] == name)
        where = f"/memory/{place}/above_bytes"
        yield Target("MEMORY", label, row["above_bytes"], BENCHMARK["memory"], row["reason"], where)


def _scaling(found: Record) -> Iterator[Target]:
    for place, fit in enumerate(found["scaling"]):
        exponent = fit["py"]["fit"]["exponent"]
        reason = None if exponent is not None else "too few points"
        where = f"/scaling/{place}/py/fit/exponent"
        yield Target("SCALING", f"exponent_{fit['axis']}", exponent, BENCHMARK["exponent"], reason, where)


def _features(found: Record) -> Iterator[Target]:
    for place, row in enumerate(found["features"]):
        speedup = row["speedup"]["ratio"]
        reason = row["reason"] or (UNTIMED if speedup is None else None)
        where = f"/features/{place}/speedup/ratio"
        yield Target("FEATURES", row["name"], speedup, BENCHMARK["feature"], reason, where)


def _task(found: Record, gate: str, name: str) -> Target:
    rows, limit = found["tasks"], BENCHMARK[name]
    place = next((n for n, row in enumerate(rows) if row["name"] == name), None)
    if place is None:
        return Target(gate, name, None, limit, "not measured in a run of this size", "/tasks")
    where = f"/tasks/{place}/seconds/median"
    return Target(gate, name, rows[place]["seconds"]["median"], limit, rows[place]["reason"], where)


def _tasks(found: Record) -> Iterator[Target]:
    for name in ("read", "mtz", "compare", "parity", "no_op"):
        yield _task(found, "TASKS", name)
