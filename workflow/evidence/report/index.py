"""results/index.html and results/ledger.md: every attempt on every case, from the ledger."""

from dataclasses import dataclass
from pathlib import Path

from evidence.ledger import bundles
from evidence.records import Record
from evidence.report import history as attempts
from evidence.report import plots, templates
from evidence.report.history import Attempt
from evidence.report.sourced import count
from evidence.store import atomic


@dataclass(frozen=True)
class CaseRow:
    """A case with its attempts, newest first, and each headline metric over them, oldest first."""

    name: str
    attempts: list[Attempt]
    metrics: list[Record]

    @property
    def newest(self) -> Attempt:
        return self.attempts[0]


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
    return CaseRow(name, list(reversed(found)), [_metric(key, found) for key in keys])


def _metric(key: str, found: list[Attempt]) -> Record:
    values = [attempt.metrics.get(key) for attempt in found]
    known = [value for value in values if value is not None]
    points = plots.sparkline([None if value is None else float(value) for value in values])
    return {
        "name": key.replace("_", " "),
        "points": points,
        "last": points.split(" ")[-1],
        "value": known[-1],
    }
