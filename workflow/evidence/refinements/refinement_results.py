"""What came of a refinement: judged, described, shown as a page."""

import json
from pathlib import Path

from evidence.bench.results import engines_of
from evidence.provenance import metadata
from evidence.records import Record
from evidence.refinements import recovery_promises, refinement_page
from evidence.refinements.observation import MODE
from evidence.refinements.refinement_case import RefinementCase
from evidence.store import atomic


def write(bundle: Path, root: Path, case: RefinementCase, c_program: str | None) -> None:
    """gates.json, env.json, run_metadata.json, figures and report.html from what the starts found."""
    atomic.copy_file(case.path, bundle / "inputs" / case.path.name)
    found: Record = json.loads((bundle / recovery_promises.FOUND).read_text(encoding="utf-8"))
    judged = recovery_promises.judge(found, case, bundle.parent.name, bundle.name)
    atomic.write_json(bundle / "gates.json", judged)
    metadata.describe(bundle, root, engines_of(c_program), dtype="float64", mode=MODE)
    refinement_page.build(bundle, case)
