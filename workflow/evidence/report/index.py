"""results/index.html and results/ledger.md: every attempt on every case, from the ledger."""

from dataclasses import dataclass
from pathlib import Path

from evidence.ledger import bundles
from evidence.records import Record
from evidence.report import history as attempts
from evidence.report import templates
from evidence.report.history import Attempt, digits
from evidence.report.sourced import Whole, count
from evidence.report.trends import trend
from evidence.store import atomic


@dataclass(frozen=True)
class CaseRow:
    """A case with its attempts, newest first, and what became of its figures over them, oldest first."""

    name: str
    attempts: list[Attempt]
    metrics: list[Record]
    gates: list[Record]

    @property
    def newest(self) -> Attempt:
        """The newest attempt with a verdict; a phase that was run alone says nothing about the case."""
        return next((attempt for attempt in self.attempts if attempt.verdict), self.attempts[0])

    @property
    def later(self) -> Whole:
        """How many attempts without a verdict came after it."""
        return count(self.attempts[: self.attempts.index(self.newest)], "ledger.jsonl", "attempts after it")


def build(results: Path) -> None:
    """Write both pages."""
    found = attempts.read(results)
    rows = [
        {"attempt": attempt, "report": f"{attempt.case}/{attempt.stamp}/{bundles.page_name(attempt.case)}"}
        for attempt in reversed(found)
    ]
    for row in rows:
        row["linked"] = (results / str(row["report"])).is_file()
    names = list(dict.fromkeys(attempt.case for attempt in found))
    context = {
        "cases": [_case(name, [a for a in found if a.case == name]) for name in sorted(names)],
        "rows": rows,
        "total": count(found, "ledger.jsonl", "attempts"),
        "states": sorted({attempt.tone for attempt in found}),
    }
    atomic.write_text(results / "index.html", templates.render(templates.html(), "index.html.j2", **context))
    atomic.write_text(
        results / "ledger.md", templates.render(templates.markdown(), "ledger.md.j2", **context)
    )


def _case(name: str, found: list[Attempt]) -> CaseRow:
    keys = sorted({key for attempt in found for key in attempt.metrics})
    metrics = [trend(key.replace("_", " "), [attempt.metrics.get(key) for attempt in found]) for key in keys]
    names = sorted({gate for attempt in found for gate in attempt.nearest})
    gates = [trend(gate, digits(found, gate)) for gate in names]
    return CaseRow(name, list(reversed(found)), [m for m in metrics if m], [g for g in gates if g])
