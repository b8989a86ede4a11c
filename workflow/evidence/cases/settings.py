"""The settings of a run: config/config.yaml with what --config changed, validated, frozen."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.cases import schema
from evidence.cases.case import Case, Thresholds, check_ranges
from evidence.errors import InputError
from evidence.limits import TRACE_RTOL
from evidence.records import Record


@dataclass(frozen=True)
class Settings:
    """config/config.yaml with what --config changed."""

    c_engine: str | list[str] | None  # other nanoBraggs
    threads: int
    device: str
    timeout_s: float
    thresholds: Thresholds
    trace_rtol: float = TRACE_RTOL
    case: str = ""  # of the targets phase_k ... phase_o
    stamp: str | None = None
    suite: str | None = None  # of the target campaign
    cases: str | None = None  # of that suite; None: all
    bench: str = "full"  # size of the target benchmark

    def judged_by(self, case: Case) -> Thresholds:
        """The thresholds with the case's own in place."""
        gates = {gate: dict(checks) for gate, checks in self.thresholds.items()}
        for gate, checks in case.thresholds.items():
            gates.setdefault(gate, {}).update(checks)
        return gates


def load_settings(values: Record, cases: Sequence[str], where: str = "config/config.yaml") -> Settings:
    """Settings from the merged configuration `values`; `cases` are the names that exist."""
    schema.check(dict(values), schema.load_schema("config"), where)
    if values["case"] not in cases:
        raise InputError(f"{where} key case", f"one of {' '.join(cases)}", f"'{values['case']}'")
    check_ranges(values["thresholds"], where)
    return Settings(**values)
