"""How a bundle moved against the one that is pinned for its case: gates that flipped, figures, speed."""

import os
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger import pins
from evidence.records import Record
from evidence.report.facts import Facts
from evidence.report.sourced import sourced


@dataclass(frozen=True)
class Drift:
    """Rows of (what, then, now, state then, state now); `problem` says why there are none."""

    pin: str
    stamp: str
    link: str
    checks: list[tuple[str, object, object, str, str]]
    runs: list[tuple[str, object, object]]
    problem: str | None = None

    @property
    def flipped(self) -> list[tuple[str, object, object, str, str]]:
        return [row for row in self.checks if row[3] != row[4]]


def against_pins(facts: Facts) -> list[Drift]:
    """One entry for each pin of this case that is not this bundle itself."""
    results, case = facts.bundle.parent.parent, facts.gates["case"]
    wanted = {name: pin for name, pin in pins.read_pins(results).items() if pin["case"] == case}
    return [_drift(facts, results, name) for name, pin in wanted.items() if pin["stamp"] != facts.bundle.name]


def _drift(facts: Facts, results: Path, name: str) -> Drift:
    stamp = str(pins.read_pins(results)[name]["stamp"])
    link = os.path.relpath(results / facts.gates["case"] / stamp / "report.html", facts.bundle)
    try:
        bundle = pins.pinned(results, name)
        gates = sourced(bundle.load("gates.json"), f"../{stamp}/gates.json#")
    except StoreError as problem:
        return Drift(name, stamp, link, [], [], str(problem))
    before = {_key(check): check for gate in gates["gates"] for check in gate["checks"]}
    checks = [
        (
            _key(now),
            before[_key(now)]["measured"],
            now["measured"],
            before[_key(now)]["status"],
            now["status"],
        )
        for now in facts.checks
        if _key(now) in before
    ]
    runs = []
    for run in facts.runs:
        if (bundle.path / run.file).is_file():
            then = sourced(bundle.load(run.file), f"../{stamp}/{run.file}#")
            runs.append((run.file.removesuffix("/run.json"), then["wall_s"], run.data["wall_s"]))
    return Drift(name, stamp, link, checks, runs)


def _key(check: Record) -> str:
    return f"{check['gate']} {check['name']}"
