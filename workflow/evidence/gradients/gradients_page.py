"""report.html of a bundle of gradients: every number in it stands in one of the bundle's JSON files."""

from collections.abc import Iterator
from pathlib import Path

from evidence.cases.case import Case
from evidence.gradients.gradient_gates import PARTS, TITLES
from evidence.records import Record
from evidence.report import plots, templates
from evidence.report.opening import opening
from evidence.report.sourced import count, load
from evidence.report.tables import tables_of
from evidence.store import atomic

CONTENTS = [
    ("checks", "Checks"),
    *((part, part.capitalize()) for part in PARTS),
    ("environment", "Environment"),
]
SENTENCES = {
    "pass": "The gradients are right, and as fast as promised.",
    "fail": "{id} fails: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}
WORDS = {
    "differences": "Each continuous number of the case's command line is moved by 1, 2, 4, 8 and 16 steps "
    "and the C engine renders the probe. The error of such a difference is over the largest slope of a "
    "pixel; r is its correlation with the step. In both modes.",
    "fields": "torch's gradcheck of every field of small experiments, in every shape and mode; gradgradcheck "
    "of cell, orientation and distance. A field without gradient is checked for its reason instead.",
    "configurations": "Every image of the suites golden and edges, backward with a tensor in every field at "
    "once. A gradient that is missing has its reason in the engine's own table, or moving the field changes "
    "nothing to first order.",
    "cost": "Misset, A matrix and distance of the whole frame. Times are CPU seconds, medians of interleaved "
    "rounds; memory is the peak of a process of its own above the interpreter with its imports.",
}


def build(bundle: Path, case: Case) -> None:
    """Write the page."""
    text = templates.render(templates.html(), "gradients.html.j2", **context(bundle, case))
    atomic.write_text(bundle / "report.html", text)


def context(bundle: Path, case: Case) -> Record:
    """What the template is given."""
    return {
        **opening(bundle, SENTENCES),
        "contents": CONTENTS,
        "case": case,
        "titles": TITLES,
        "parts": [_part(bundle, name) for name in PARTS],
    }


def _part(bundle: Path, name: str) -> Record:
    """A section: words, plots, tables; or the reason why there is nothing."""
    found = load(bundle, f"{name}.json")
    shown = {key: value for key, value in found.items() if key not in ("kind", "schema", "part", "reason")}
    if name == "fields" and shown:
        shown = _only_failed(shown)
    return {
        "id": name,
        "title": name.capitalize(),
        "words": WORDS[name],
        "reason": found.get("reason"),
        "plots": list(_plots(name, found)),
        "tables": list(tables_of(shown, "", f"{name}.json#")),
    }


def _only_failed(found: Record) -> Record:
    """How many checks were made of each shape and mode, and those that failed; fields.json lists all."""
    rows = found["checks"]
    groups: dict[tuple[str, str], list[Record]] = {}
    for row in rows:
        groups.setdefault((row["shape"], row["mode"]), []).append(row)
    made = [
        {
            "shape": shape,
            "mode": mode,
            "once": count([r for r in group if r["times"] == 1], "fields.json#/checks", "count"),
            "twice": count([r for r in group if r["times"] == 2], "fields.json#/checks", "count"),
            "no_gradient": count([r for r in group if not r["times"]], "fields.json#/checks", "count"),
            "failed": count([r for r in group if not r["ok"]], "fields.json#/checks", "count"),
        }
        for (shape, mode), group in groups.items()
    ]
    return {"gradchecks": made, "failed_checks": [row for row in rows if not row["ok"]]}


def _plots(name: str, found: Record) -> Iterator[plots.Plot]:
    if name == "differences" and found.get("differences"):
        yield plots.error_against_step(found["differences"])
