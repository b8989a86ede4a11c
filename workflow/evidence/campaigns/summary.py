"""campaign.json: what a campaign found, in numbers."""

import math
from collections.abc import Sequence
from statistics import median, quantiles

from evidence.campaigns import baseline, coverage
from evidence.campaigns.baseline import BAD
from evidence.campaigns.judge import COMPARISON
from evidence.campaigns.outcome import PICTURED, is_compared
from evidence.campaigns.suite import Suite
from evidence.records import FrozenRecord, Record

Row = FrozenRecord
WORST = 10
BINS = range(-16, 1)  # decades of a difference


def summarize(suite: Suite, rows: Sequence[Row], guests: Sequence[str], selection: str | None) -> Record:
    """Everything that the page shows beside the matrix."""
    known = baseline.read(baseline.path_of(suite.name))
    found = baseline.flips(rows, known, guests, whole=selection is None, optional=suite.optional)
    engines = list(rows[0]["cells"]) if rows else []
    flags, quirks = coverage.flag_rows(rows), coverage.quirk_rows(rows)
    return {
        "schema": 1,
        "suite": suite.name,
        "title": suite.title,
        "description": suite.description,
        "reference": suite.reference,
        "selection": selection,
        "baseline": baseline.path_of(suite.name).as_posix() if known is not None else None,
        "cases": len(rows),
        "pictures": sum(row["expect"] in PICTURED for row in rows),
        "uncompared": [row["case"] for row in rows if not _is_compared(row)],
        "verdicts": {
            word: sum(row["verdict"] == word for row in rows) for word in ("pass", "fail", "blocked")
        },
        "engines": [_engine(name, suite, rows) for name in engines],
        "flips": [flip.to_dict() for flip in found],
        "flip_counts": {kind: sum(flip.kind == kind for flip in found) for kind in (*BAD, "better", "new")},
        "metrics": _distributions(engines, suite.reference, rows),
        "worst": _worst(suite.reference, rows),
        "overhead_s": _spread([row["overhead_s"] for row in rows]),
        "coverage": coverage.summary(flags, quirks),
        "flags": flags,
        "quirks": quirks,
        "warnings": _slow(suite, rows),
    }


def _is_compared(row: Row) -> bool:
    return is_compared(row["expect"], [cell["verdict"] for cell in row["cells"].values()])


def _engine(name: str, suite: Suite, rows: Sequence[Row]) -> Record:
    cells = [row["cells"][name] for row in rows]
    asked = [cell for cell in cells if cell["verdict"] not in ("absent", "blocked")]
    return {
        "name": name,
        "reference": name == suite.reference,
        **{word: sum(cell["verdict"] == word for cell in cells) for word in baseline.VERDICTS},
        "identical": sum(cell["metrics"].get("identical_share") == 1.0 for cell in cells),
        "black": sum(cell["black"] for cell in cells),
        "seconds": _spread([cell["wall_s"] for cell in asked]),
        "total_s": sum(cell["wall_s"] for cell in asked),
        "peak_rss_bytes": max((cell["peak_rss_bytes"] for cell in asked), default=0),
        "limits": dict(suite.limits(name)),
        "reason": next((cell["reason"] for cell in cells if cell["verdict"] in ("absent", "blocked")), ""),
    }


def _spread(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"median": None, "p95": None, "max": None}
    high = quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
    return {"median": median(values), "p95": high, "max": max(values)}


def badness(metric: str, value: float | None) -> float | None:
    """How far a metric is from agreement, 0 at best."""
    if value is None or not math.isfinite(value):
        return None
    return abs(1.0 - value) if COMPARISON[metric] in (">=", "range") else value


def _distributions(engines: Sequence[str], reference: str, rows: Sequence[Row]) -> list[Record]:
    """Per engine and metric how many cases lie in each decade of the distance from agreement."""
    made = []
    for engine in engines:
        for metric in COMPARISON if engine != reference else ():
            values = [badness(metric, row["cells"][engine]["metrics"].get(metric)) for row in rows]
            there = [value for value in values if value is not None]
            if there:
                decades = [_decade(value) for value in there if value]
                made.append(
                    {
                        "engine": engine,
                        "metric": metric,
                        "exact": sum(value == 0.0 for value in there),
                        "decades": [decades.count(bin_) for bin_ in BINS],
                        "worst": max(there),
                        "measured": len(there),
                    }
                )
    return made


def _decade(value: float) -> int:
    return min(max(math.floor(math.log10(value)), BINS[0]), BINS[-1])


def distance(cell: FrozenRecord) -> tuple[bool, float]:
    """How far a cell is from agreement: failures first, then by correlation, which may be missing."""
    far = badness("correlation", cell["metrics"].get("correlation"))
    return cell["verdict"] == "fail", math.inf if far is None else far


def _worst(reference: str, rows: Sequence[Row]) -> list[Record]:
    """Cells furthest from agreement: what fails first, then by correlation."""
    ranked = [
        (distance(cell), row, engine, cell)
        for row in rows
        for engine, cell in row["cells"].items()
        if engine != reference and cell["verdict"] not in ("absent", "blocked") and row["expect"] in PICTURED
    ]
    ranked.sort(key=lambda each: each[0], reverse=True)
    return [
        {
            "case": row["case"],
            "engine": engine,
            "verdict": cell["verdict"],
            "reason": cell["reason"],
            "arguments": row["arguments"],
            "metrics": cell["metrics"],
        }
        for far, row, engine, cell in ranked[:WORST]
        if far > (False, 0.0)
    ]


def _slow(suite: Suite, rows: Sequence[Row]) -> list[Record]:
    """Engines that take longer than the suite allows, as a ratio to the reference over all cases."""
    said = []
    base = sum(row["cells"][suite.reference]["wall_s"] for row in rows)
    for engine, limit in suite.speed.items():
        cells = [row["cells"][engine] for row in rows if engine in row["cells"]]
        ratio = sum(cell["wall_s"] for cell in cells) / base if base and cells else None
        said.append(
            {"engine": engine, "ratio": ratio, "limit": limit, "slow": ratio is None or ratio > limit}
        )
    return said


def headline(found: FrozenRecord) -> dict[str, float]:
    """What the ledger keeps of a campaign."""
    return {"cases": float(found["cases"]), **{kind: float(n) for kind, n in found["flip_counts"].items()}}
