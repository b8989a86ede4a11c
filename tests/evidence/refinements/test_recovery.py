"""Refinements: what is promised is judged, what failed is on record, the page shows it."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from evidence.cases.structure import Structure
from evidence.errors import InputError
from evidence.refinements import recovery, recovery_promises, refinement_case, refinement_page
from evidence.refinements.recovery import wrong
from simulator.formats.experiment_file import parse
from tests.helpers.places import ROOT

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # of torch itself
STAMP = "20260101T000000Z"
START: dict[str, Any] = {
    "verdict": "converged",
    "true": True,
    "worst": 1.5,
    "seconds": 3.0,
    "deviance": 100.0,
    "expected": 99.0,
    "surplus": 0.1,
    "start": [1.2, 0.0],
    "values": [1.0, 0.1],
    "errors": [0.1, 0.1],
    "pulls": [0.0, 1.0],
    "correlations": [[1.0, 0.0], [0.0, 1.0]],
    "eigenvalues": [2.0, 3.0],
    "steps": 2,
    "history": [
        {"stage": "scale-free", "cells": 4.0, "loss": 0.5, "values": [1.1, 0.0]},
        {"stage": "likelihood", "cells": None, "loss": 100.0, "values": [1.0, 0.1]},
    ],
}
UNKNOWNS = [
    {"name": "misset.x", "true": 1.0, "geometric": True},
    {"name": "background", "true": 0.0, "geometric": False},
]
CASE = refinement_case.RefinementCase(
    name="small",
    title="A small case",
    description="",
    structure=Structure(Path("config/inputs/hewl_2vb1_fc.mtz"), {"dmin": 5.0}),
    flags=tuple(
        "-hkl scaled.hkl -cell 27.07 31.25 33.76 87.98 72 67.89 -misset 20 35 50 -lambda 0.9768 -distance 60 "
        "-detpixels 32 -pixel 1 -N 4 -oversample 1 -default_F 0 -fluence 3e26 -nointerpolate".split()
    ),
    seed=3,
    parameters=("misset.x", "scale"),
    perturbed=("misset.x",),
    starts=1,
    promised=1,
    seconds=600.0,
)


def found(*starts: dict[str, Any], status: str = "ok", reason: str | None = None) -> dict[str, Any]:
    return {
        "schema": 1,
        "status": status,
        "reason": reason,
        "image": [8, 8],
        "photons": 100,
        "brightest": 9,
        "unknowns": UNKNOWNS,
        "starts": [START | start for start in starts],
    }


def verdict(*starts: dict[str, Any], promised: int = 2, **how: Any) -> Any:
    """gates.json of a case of as many starts."""
    case = replace(CASE, starts=3, promised=promised, seconds=30.0)
    return recovery_promises.judge(found(*starts, **how), case, "refine_small", STAMP)


def test_enough_starts_that_find_back_pass() -> None:
    stuck = {"verdict": "stuck", "true": False, "worst": 90.0}
    judged = verdict({}, {}, stuck)
    assert judged["verdict"] == "pass"
    assert [gate["id"] for gate in judged["gates"]] == list(recovery_promises.TITLES)
    assert verdict({}, stuck, stuck)["first_failing"] == "RF-STARTS"


@pytest.mark.parametrize(
    ("start", "gate"),
    [
        ({"worst": 3.6, "true": False}, "RF-STARTS"),
        ({"worst": float("nan"), "true": False}, "RF-STARTS"),
        ({"verdict": "stuck"}, "RF-VERDICT"),
        ({"worst": 9.0, "true": False}, "RF-STARTS"),
    ],
)
def test_errors_and_wrong_verdicts_fail(start: dict[str, Any], gate: str) -> None:
    """Converged beyond 3.5 standard errors, no number, or stuck at the truth."""
    judged = verdict(start, {}, {})
    assert judged["verdict"] == "fail"
    assert judged["first_failing"] == gate


def test_slow_starts_fail() -> None:
    judged = verdict(*[{"seconds": 31.0}] * 3)
    assert judged["first_failing"] == "RF-TIME"


def test_missing_starts_block_and_a_failed_run_fails() -> None:
    assert verdict({}, {})["verdict"] == "blocked"
    assert verdict(status="failed", reason="the image: no")["verdict"] == "fail"
    assert verdict(status="failed", reason="the image: no")["gates"][0]["reason"].endswith("the image: no")


def test_a_start_is_recovered_judged_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an engine of ours; then an engine that fails is on record."""
    monkeypatch.chdir(ROOT)
    bundle = tmp_path / "refine_small" / STAMP
    recovery.recover(CASE, [sys.executable, "-m", "simulator"], bundle)
    one = json.loads((bundle / "found.json").read_text())
    assert one["status"] == "ok", one["reason"]
    assert len(one["starts"]) == 1
    assert {"noise.img", "scaled.hkl", "pictures.npz"} <= {path.name for path in bundle.iterdir()}
    start = one["starts"][0]
    assert abs(start["start"][0] - 20) == pytest.approx(0.2)
    assert start["verdict"] == "converged"
    judged = recovery_promises.judge(one, CASE, "refine_small", STAMP)
    assert judged["verdict"] == "pass", judged
    page(bundle, judged)
    text = (bundle / "report.html").read_text()
    assert "Wrong starts find back to the truth." in text
    assert {"images.png", "convergence.png", "pulls.png"} <= {path.name for path in bundle.iterdir()}
    other = tmp_path / "other" / STAMP
    recovery.recover(CASE, [sys.executable, "-c", "import sys; sys.exit('no engine')"], other)
    failed = json.loads((other / "found.json").read_text())
    assert (failed["status"], failed["reason"]) == ("failed", "the image: no engine")
    page(other, recovery_promises.judge(failed, CASE, "refine_small", STAMP))
    assert "the image: no engine" in (other / "report.html").read_text()


def page(bundle: Path, judged: Any) -> None:
    """report.html of a bundle with these gates."""
    (bundle / "gates.json").write_text(json.dumps(judged))
    (bundle / "env.json").write_text(json.dumps({"schema": 1, "python": "3.11"}))
    refinement_page.build(bundle, CASE)


def test_every_number_starts_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its expected error, up or down; what is not perturbed stays."""
    monkeypatch.chdir(ROOT)
    words = [word for word in CASE.flags if word not in ("-hkl", "scaled.hkl")]
    true = parse(["0.1" if word == "0" else word for word in words], ROOT)
    made = wrong(replace(CASE, perturbed=("misset",)), true, np.random.default_rng(1))
    assert made.crystal.misset is not None
    assert np.allclose(np.abs(np.array([float(x) for x in made.crystal.misset]) - (20, 35, 50)), 0.2)
    assert made.detector == true.detector


SHIPPED = sorted((ROOT / "config" / "refinements").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_cases_promise_what_was_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 starts, orientation, cell and distance wrong; 19, 18, 18 find back."""
    monkeypatch.chdir(ROOT)
    case = refinement_case.load(path)
    assert case.starts == 20
    assert case.perturbed == ("misset", "cell", "distance")
    assert case.promised >= {"lysozyme_easy": 19}.get(case.name, 18)
    assert case.seconds <= 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flag": "x"}, "key flag: expected one of"),
        ({"starts": 0}, "starts: expected a number >= 1"),
        ({"promised": 21}, "key promised: expected at most 20 starts, got 21"),
        ({"perturbed": ["phi"]}, "key perturbed: expected names of key parameters, got 'phi'"),
        (
            {"structure": {"file": "none.mtz", "dmin": 2}},
            "key structure.file: expected a file, got 'none.mtz'",
        ),
        (
            {"structure": {"file": "config/inputs/hewl_2vb1_fc.mtz", "dmin": 2, "wavelength": 1.0}},
            "key structure: --wavelength: expected a file of coordinates, got one of MTZ",
        ),
    ],
)
def test_mistakes_in_the_file(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(SHIPPED[0].read_text()) | change))
    with pytest.raises(InputError) as problem:
        refinement_case.load(path)
    assert message in str(problem.value)
