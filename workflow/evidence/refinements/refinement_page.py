"""report.html of a refinement: every number in it stands in found.json, gates.json or env.json."""

from pathlib import Path

from evidence.records import Record
from evidence.refinements import refinement_plots
from evidence.refinements.recovery import PICTURES
from evidence.refinements.recovery_promises import FOUND
from evidence.refinements.refinement_case import RefinementCase
from evidence.report import templates
from evidence.report.opening import opening
from evidence.report.sourced import load
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
    return {
        **opening(bundle, SENTENCES),
        "contents": CONTENTS,
        "case": case,
        "found": load(bundle, FOUND),
        "pictures": sorted(path.name for path in bundle.glob("*.png")),
    }
