"""fix_checklist.md, one row a gate, and summary.md of each phase."""

from evidence.records import Record
from evidence.report import templates
from evidence.report.facts import Facts
from evidence.report.tables import tables_of


def text(found: Facts) -> str:
    """The gates as a list to work down; the row of a gate tells of its weakest check."""
    rows = [{**gate, "weakest": weakest(gate)} for gate in found.gates["gates"]]
    return templates.render(templates.markdown(), "fix_checklist.md.j2", gates=found.gates, rows=rows)


def weakest(gate: Record) -> Record | None:
    """The check to look at first: failed, else blocked, else the fewest digits past its threshold."""
    rank = {"fail": 0, "blocked": 1, "pass": 2}
    checks = sorted(
        gate["checks"],
        key=lambda check: (
            rank[check["status"]],
            float("inf") if check["digits_past"] is None else check["digits_past"],
        ),
    )
    return checks[0] if checks else None


def summary(found: Facts, letter: str) -> str:
    """summary.md of one phase: verdict, checks, tables, comparisons, traces, commands."""
    folder = f"phase_{letter.lower()}"
    metrics = found.phases[letter]
    return templates.render(
        templates.markdown(),
        "summary.md.j2",
        phase=metrics,
        gates=[gate for gate in found.gates["gates"] if gate["phase"] == letter],
        tables=list(tables_of(metrics["tables"], "", f"{folder}/metrics.json#/tables")),
        comparisons=[entry for entry in found.comparisons if entry.phase == letter],
        traces=[entry for entry in found.traces if entry.phase == letter],
        runs=[entry for entry in found.runs if entry.phase == letter],
    )
