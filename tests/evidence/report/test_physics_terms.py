"""The section about the physics that a case exercised: what is in the file, or that there is none."""

import json
import re
from pathlib import Path
from typing import Any

from evidence.report import page

TERMS = [
    {"group": "Beam", "term": "Kahn factor", "exercised": True, "value": 0.93, "unit": ""},
    {"group": "Beam", "term": "water background", "exercised": False, "value": 0.0, "unit": "m"},
    {"group": "Crystal", "term": "mosaic spread", "exercised": True, "value": 4, "unit": "domains"},
]


def section(bundle: Path) -> str:
    page.build(bundle)
    found = re.search(r'<h2 id="physics">.*?(?=<h2)', (bundle / "report.html").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]*>", "", found[0])


def test_terms_stand_under_exercised_or_not(fresh: Any) -> None:
    bundle = fresh("pass")
    (bundle / "phase_m").mkdir(exist_ok=True)
    record = {"kind": "exercised", "schema": 1, "terms": TERMS}
    (bundle / "phase_m" / "exercised.json").write_text(json.dumps(record), encoding="utf-8")
    text = section(bundle)
    assert "exercises 2 of 3 terms" in text
    assert re.search(r"Beam\s+Kahn factor \(0\.93\)\s+water background\s", text)
    assert re.search(r"Crystal\s+mosaic spread \(4 domains\)\s+none\s", text)


def test_a_bundle_without_the_file_says_so(fresh: Any) -> None:
    assert "Not known" in section(fresh("pass"))
