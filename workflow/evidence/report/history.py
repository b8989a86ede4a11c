"""The attempts of the ledger as reports show them: numbers with their source, gates, metrics, duration."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence.ledger import attempts
from evidence.provenance.headline import engine_name
from evidence.records import Record
from evidence.report.sourced import Real, Whole, sourced

STATES = {"incomplete": "blocked", "error": "fail", "unknown": "running"}


@dataclass(frozen=True)
class Attempt:
    """One attempt; `status` is the ledger's word, `tone` what it looks like."""

    number: Whole
    case: str
    stamp: str
    status: str
    start: Record | None
    end: Record | None

    @property
    def tone(self) -> str:
        return STATES.get(self.status, self.status)

    @property
    def metrics(self) -> Record:
        """Headline metric -> number; empty unless it ended."""
        found = (self.end or {}).get("metrics") or {}
        return {name: value for name, value in found.items() if isinstance(value, Real | Whole)}

    @property
    def gates(self) -> dict[str, str]:
        return dict((self.end or {}).get("gates") or {})

    @property
    def verdict(self) -> str | None:
        """What the gates said; None of an attempt that was not sealed, such as a phase run alone."""
        return self.status if self.end and self.end.get("sha256sums") else None

    @property
    def nearest(self) -> Record:
        """Gate -> name, figure and digits past the threshold of the check to look at first."""
        return {gate: found for gate, found in ((self.end or {}).get("nearest") or {}).items() if found}

    @property
    def phases(self) -> Record:
        """Phase -> seconds of its runs and measurements."""
        return dict((self.end or {}).get("phases") or {})

    @property
    def engine(self) -> str:
        """The C side of it, as `nanoBragg (stock, sha256 1a2b3c4d...)`; empty where that is not on record."""
        return c_side((self.end or {}).get("engines") or {})

    @property
    def began(self) -> str:
        return str((self.start or self.end or {})["time"])

    @property
    def seconds(self) -> Real | None:
        """From the start record to the end record."""
        if not (self.start and self.end):
            return None
        gap = datetime.fromisoformat(self.end["time"]) - datetime.fromisoformat(self.start["time"])
        return Real(gap.total_seconds(), f"{_source(self.end)}/time", "end - start")


def c_side(engines: Record) -> str:
    """What ran on the C side, by run_metadata.json or the ledger: external engines too; empty if unknown."""
    known = [engine for role, engine in engines.items() if role != "py" and (engine or {}).get("kind")]
    return "; ".join(engine_name(engine) for engine in known)


def read(results: Path) -> list[Attempt]:
    """All attempts in the order in which they began; none when there is no ledger."""
    return [_attempt(found) for found in attempts.attempts(results)]


def digits(found: list[Attempt], gate: str) -> list[Real | Whole | None]:
    """Digits between the weakest figure of the gate and its threshold, of each attempt that has them."""
    return [(attempt.nearest.get(gate) or {}).get("digits_past") for attempt in found]


def _attempt(found: attempts.Attempt) -> Attempt:
    start, end = (sourced(record, _source(record)) if record else None for record in (found.start, found.end))
    number = Whole(found.number, _source(start or end), "attempt")
    return Attempt(number, found.case, found.stamp, found.status, start, end)


def _source(record: Record | None) -> str:
    return f"ledger.jsonl:n={(record or {})['n']}#"
