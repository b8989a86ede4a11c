"""Pages of round trips, gradients, refinements and faults: both sizes, both themes, axe-core."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.cases.case import load_case
from evidence.faults import fault_table
from evidence.gradients import gradients_page
from evidence.refinements import recovery, recovery_promises
from evidence.report import templates
from evidence.roundtrip import promises
from tests.evidence.gradients import test_gradient_gates as gradients
from tests.evidence.refinements import test_recovery as refinement
from tests.evidence.report.browser.test_reading import SCREENS, resize, violations
from tests.evidence.roundtrip import test_promises as roundtrip
from tests.helpers.places import ROOT
from tests.helpers.project import STAMP, project

__all__ = ["project"]  # a fixture


def described(bundle: Path, **files: Any) -> None:
    """Files of a bundle, and where it comes from."""
    bundle.mkdir(parents=True, exist_ok=True)
    for name, value in {**files, "env": {"schema": 1, "python": "3.11"}}.items():
        (bundle / f"{name}.json").write_text(json.dumps(value))


def of_gradients(bundle: Path) -> None:
    parts = {name: {"schema": 1, "part": name, **part} for name, part in gradients.GOOD.items()}
    described(bundle, gates=gradients.judge(gradients.GOOD), **parts)
    gradients_page.build(bundle, load_case(Path("config/cases/tiny.yaml")))


def of_a_round_trip(bundle: Path) -> None:
    extra = {"images": [2, 24, 24], "brightest": 9, "render_s": 1.0, "dials_s": 2.0}
    for role in promises.ENGINES:
        described(bundle / role, found=roundtrip.RECORD | extra)
    roundtrip.page(bundle, roundtrip.verdict())


def of_a_refinement(bundle: Path) -> None:
    recovery.recover(refinement.CASE, [sys.executable, "-m", "simulator"], bundle)
    found = json.loads((bundle / "found.json").read_text())
    refinement.page(bundle, recovery_promises.judge(found, refinement.CASE, "refine_small", STAMP))


def of_faults(bundle: Path) -> None:
    caught = {"name": "a", "rule": "sign of <b>", "file": "units.py", "old": "1", "new": "2", "case": "tiny"}
    caught |= {"gate": "VG-2", "check": "hkl", "status": "fail", "reason": "hkl: 3", "tap": "hkl_frac"}
    caught |= {"pixel": [1, 2], "also": ["polar"], "tried": 1, "seconds": 2.5}
    empty = dict.fromkeys(("case", "gate", "check", "status", "reason", "tap", "pixel", "also"))
    cases = [{"case": "tiny", "verdict": "pass"}]
    found = {"faults": [caught, caught | empty | {"name": "b"}], "cases": cases}
    described(bundle, faults=found, gates=fault_table.judged(found, STAMP))
    context = fault_table.context(bundle)
    (bundle / "report.html").write_text(templates.render(templates.html(), "faults.html.j2", **context))


@pytest.mark.parametrize("build", [of_gradients, of_a_round_trip, of_a_refinement, of_faults])
def test_the_page(
    opened: Any, project: Path, monkeypatch: pytest.MonkeyPatch, build: Callable[[Path], None]
) -> None:
    bundle = project / "results" / build.__name__ / STAMP
    if build is not of_gradients:
        monkeypatch.chdir(ROOT)  # inputs of what is shipped
    build(bundle)
    tab = opened(bundle / "report.html")
    assert tab.one("h1").text
    for width, height in SCREENS:
        resize(tab, width, height)
        for scheme in ("light", "dark"):
            assert violations(tab, scheme) == [], (width, scheme)
        assert tab.run("return document.documentElement.scrollWidth") <= width
