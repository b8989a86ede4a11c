"""report.html of a refinement: every number in it stands in found.json, gates.json or env.json."""

from pathlib import Path

from evidence.records import Record
from evidence.refinements import refinement_plots
from evidence.refinements.recovery import PICTURES
from evidence.refinements.recovery_promises import FOUND
from evidence.refinements.refinement_case import RefinementCase
from evidence.report import templates
from evidence.report.sourced import count, load
from evidence.report.tables import tables_of
from evidence.store import atomic

CONTENTS = [
    ("promises", "Promises"),
    ("images", "Before and after"),
    ("parameters", "Parameters"),
    ("starts", "Starts"),
    ("environment", "Environment"),
]
SENTENCES = {
    "pass": "Wrong starts find back to the truth.",
    "fail": "{id} falls short: {title}.",
    "blocked": "{id} could not be judged: {title}.",
}


def build(bundle: Path, case: RefinementCase) -> None:
    """Draw the figures and write the page of a bundle."""
    refinement_plots.draw(load(bundle, FOUND), bundle / PICTURES, bundle)
    page = templates.render(templates.html(), "refinement.html.j2", **context(bundle, case))
    atomic.write_text(bundle / "report.html", page)


def context(bundle: Path, case: RefinementCase) -> Record:
    """What the template is given."""
    gates, machine = load(bundle, "gates.json"), load(bundle, "env.json")
    checks = [check for gate in gates["gates"] for check in gate["checks"]]
    first = next((gate for gate in gates["gates"] if gate["status"] == gates["verdict"] != "pass"), None)
    return {
        "contents": CONTENTS,
        "case": case,
        "gates": gates,
        "sentence": SENTENCES[gates["verdict"]].format(**(first or {})),
        "met": count([c for c in checks if c["status"] == "pass"], "gates.json#/gates", "count of pass"),
        "asked": count(checks, "gates.json#/gates", "count"),
        "found": load(bundle, FOUND),
        "pictures": sorted(path.name for path in bundle.glob("*.png")),
        "environment": list(tables_of(machine, "Machine and software", "env.json#")),
    }
