"""A figure over the attempts on a case, oldest first, as a line with its scale."""

from evidence.records import Record
from evidence.report import plots
from evidence.report.sourced import Real, Whole, count

Value = Real | Whole | None


def trend(name: str, values: list[Value], source: str = "ledger.jsonl") -> Record | None:
    """Name, points of the line and of its end, newest, lowest and highest value; None without any value."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    points = plots.sparkline([None if value is None else float(value) for value in values])
    return {
        "name": name,
        "points": points,
        "last": points.split(" ")[-1],
        "value": known[-1],
        "low": min(known),
        "high": max(known),
        "count": count(known, source, "attempts with this figure"),
    }
