"""What a refinement promises against what its starts found: its gates.json."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from evidence import gates
from evidence.gates import Gate
from evidence.limits import Limit
from evidence.records import Record
from evidence.refinements.refinement_case import RefinementCase

FOUND = "found.json"
TITLES = {
    "RF-STARTS": "Wrong starts find back to the truth",
    "RF-VERDICT": "Converged or stuck is told from the likelihood alone",
    "RF-TIME": "Time of a start",
}


class Promise(NamedTuple):
    """A figure of all starts and its limit."""

    gate: str
    name: str
    title: str
    measured: float | None
    comparison: str
    accept: float
    unit: str


def judge(found: Record, case: RefinementCase, name: str, stamp: str) -> Record:
    """gates.json from found.json; nothing passes that was not measured."""
    rows = [
        gates.gate_row(Gate(gate, "refine", title), list(_checks(gate, found, case)), f"snakemake {name}")
        for gate, title in TITLES.items()
    ]
    return gates.verdict(name, stamp, rows)


def _promises(found: Record, case: RefinementCase) -> Iterator[Promise]:
    starts = found["starts"]
    reached = [one for one in starts if one["true"] and one["verdict"] == "converged"]
    wrong = [one for one in starts if one["true"] != (one["verdict"] == "converged")]
    complete = len(starts) == case.starts
    yield Promise(
        "RF-STARTS",
        "converged_share",
        f"share of {case.starts} starts that converge with every error within 3.5 standard errors",
        len(reached) / case.starts if complete else None,
        ">=",
        case.promised / case.starts,
        "1",
    )
    worst = max((one["worst"] for one in starts if one["verdict"] == "converged"), default=None)
    yield Promise("RF-STARTS", "worst", "largest error of those that converged", worst, "<=", 3.5, "sigma")
    yield Promise(
        "RF-VERDICT",
        "wrong_verdicts",
        "verdicts that are wrong",
        len(wrong) if complete else None,
        "<=",
        0.0,
        "1",
    )
    seconds = median(one["seconds"] for one in starts) if complete else None
    yield Promise("RF-TIME", "seconds", "median of a start", seconds, "<=", case.seconds, "s")


def _checks(gate: str, found: Record, case: RefinementCase) -> Iterator[Record]:
    for promise in _promises(found, case):
        if promise.gate == gate:
            # a run that failed is no gap in the evidence but a failure: NaN is within nothing
            value = float("nan") if found["status"] == "failed" else promise.measured
            limit = Limit.of(promise.comparison, {"accept": promise.accept}, promise.unit)
            made = gates.judge(gate, promise.name, value, limit, found["reason"], FOUND)
            yield replace(made, title=promise.title, source="/starts").to_dict()
