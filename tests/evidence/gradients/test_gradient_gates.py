"""Bundles of gradients: what was measured is judged, what could not be is blocked, the page shows it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from evidence.cases.case import load_case
from evidence.derivatives.extrapolation import STEPS
from evidence.gradients import (
    configurations,
    cost,
    every_number,
    field_checks,
    gradient_gates,
    gradients_page,
    proof,
)
from evidence.gradients.small_experiments import SHAPES, experiments, plain
from simulator.rendering.differentiable import NEVER, differentiable_fields, tensors
from tests.helpers.places import ROOT
from tests.helpers.project import settings

DIFFERENCE = {
    "mode": "spec", "parameter": "-lambda", "step": 1e-7, "largest": 3.0, "richardson": 1e-9, "r": 0.9999,
    "linear": False, **{f"error_{k}": k * 1e-4 for k in STEPS},
}  # fmt: skip
STRAIGHT = {**DIFFERENCE, "r": None, "linear": True}
CHECK = {
    "shape": "square", "variant": "plain", "mode": "spec", "field": "crystal.cell", "times": 2, "ok": True,
    "reason": None,
}  # fmt: skip
RUN = {
    "suite": "golden", "case": "x", "mode": "spec", "with": 20, "without": 9, "not_finite": [],
    "unexplained": [],
    "reason": None,
}  # fmt: skip
TIME = {"gradient_over_steady": 4.0, "forward_over_steady": 1.01, "reason": None}
GOOD: dict[str, Any] = {
    "differences": {
        "differences": [*({**DIFFERENCE, "parameter": f"-x {n}"} for n in range(20)), STRAIGHT],
        "no_slope": [],
    },
    "fields": {"checks": [CHECK], "unreached": []},
    "configurations": {"configurations": [RUN] * 250, "refused": []},
    "cost": {
        "cost": [
            {"name": "time_float64", **TIME},
            {"name": "time_float32", **TIME},
            *(
                {"name": n, "above_bytes": 2**28, "reason": None}
                for n in ("memory_10", "memory_100", "memory_eager")
            ),
        ]
    },
}
THRESHOLDS = settings()["thresholds"]


def judge(found: Any) -> Any:
    return gradient_gates.judge(found, THRESHOLDS, "gradients_x", "20260101T000000Z")


def test_what_is_good_passes_with_the_limits_of_the_issue() -> None:
    found = judge(GOOD)
    assert found["verdict"] == "pass"
    checks = {check["name"]: check for gate in found["gates"] for check in gate["checks"]}
    limits = {name: check["threshold"] for name, check in checks.items()}
    assert limits["richardson"] == 1e-6
    assert limits["step_correlation"] == 0.99
    assert (limits["gradient_float64"], limits["gradient_float32"]) == (6.0, 5.0)
    assert limits["forward"] == 1.1
    assert limits["memory"] == limits["memory_100"] == 2**30
    assert limits["memory_eager"] == 2.5 * 2**30
    assert len(checks) == len(gradient_gates.figures(THRESHOLDS)) == 16


BAD = [
    ("differences", "richardson", lambda f: f["differences"][3].update(richardson=2e-6)),
    ("differences", "richardson", lambda f: f["differences"][3].update(richardson=None)),
    ("differences", "step_correlation", lambda f: f["differences"][3].update(r=0.98)),
    ("differences", "step_correlation", lambda f: f["differences"][3].update(r=None)),
    ("differences", "parameters", lambda f: f.update(differences=f["differences"][:14])),
    ("fields", "gradchecks_failed", lambda f: f["checks"].append({**CHECK, "ok": False})),
    ("fields", "fields_unreached", lambda f: f["unreached"].append("beam.kahn")),
    ("configurations", "configurations", lambda f: f.update(configurations=f["configurations"][:200])),
    ("configurations", "not_finite", lambda f: f["configurations"].append({**RUN, "not_finite": ["a"]})),
    ("configurations", "unexplained", lambda f: f["configurations"].append({**RUN, "unexplained": ["a"]})),
    ("configurations", "refused", lambda f: f["configurations"].append({**RUN, "reason": "no"})),
    ("cost", "gradient_float64", lambda f: f["cost"][0].update(gradient_over_steady=6.1)),
    ("cost", "forward", lambda f: f["cost"][0].update(forward_over_steady=1.2)),
    ("cost", "gradient_float32", lambda f: f["cost"][1].update(gradient_over_steady=5.1)),
    ("cost", "memory", lambda f: f["cost"][2].update(above_bytes=2**31)),
    ("cost", "memory_steps", lambda f: f["cost"][3].update(above_bytes=2**29)),
    ("cost", "memory_eager", lambda f: f["cost"][4].update(above_bytes=2**32)),
]


@pytest.mark.parametrize(
    ("part", "name", "spoil"), BAD, ids=[f"{name}-{n}" for n, (_, name, _) in enumerate(BAD)]
)
def test_what_is_not_good_fails(part: str, name: str, spoil: Any) -> None:
    found = copy.deepcopy(GOOD)
    spoil(found[part])
    judged = judge(found)
    assert judged["verdict"] == "fail"
    checks = {check["name"]: check["status"] for gate in judged["gates"] for check in gate["checks"]}
    assert checks[name] == "fail"


@pytest.mark.parametrize("part", gradient_gates.PARTS)
@pytest.mark.parametrize("lost", ["absent", "broken", "empty"])
def test_what_was_not_measured_is_blocked(part: str, lost: str) -> None:
    """No file, a part that broke, tables without rows."""
    empty = {key: [] for key in GOOD[part]}
    found = {**GOOD, part: {"absent": {}, "broken": {"reason": "ValueError: no"}, "empty": empty}[lost]}
    judged = judge(found)
    assert judged["verdict"] == "blocked"
    blocked = [check for gate in judged["gates"] for check in gate["checks"] if check["status"] == "blocked"]
    assert {check["evidence"] for check in blocked} == {f"{part}.json"}
    if lost == "broken":
        assert {check["reason"] for check in blocked} == {"ValueError: no"}


@pytest.mark.parametrize("verdict", ["pass", "blocked"])
def test_the_page(verdict: str, tmp_path: Path, project: Path) -> None:
    """Every part with its numbers; a part that broke says why."""
    found = copy.deepcopy(GOOD)
    if verdict == "blocked":
        found["cost"] = {"reason": "RuntimeError: no memory"}
    for name, part in found.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"schema": 1, "part": name, **part}))
    (tmp_path / "gates.json").write_text(json.dumps(judge(found)))
    (tmp_path / "env.json").write_text(json.dumps({"schema": 1, "python": "3.11"}))
    gradients_page.build(tmp_path, load_case(Path("config/cases/tiny.yaml")))
    text = (tmp_path / "report.html").read_text()
    assert ("RuntimeError: no memory" in text) == (verdict == "blocked")
    assert ("as fast as promised" in text) == (verdict == "pass")
    assert 'class="plot"' in text


def test_small_experiments_give_every_field() -> None:
    """Each field that may be a tensor is given in one at least, and in one without a reason to have none."""
    given = {name for one in experiments("round").values() for name, _ in tensors(one)}
    assert given >= set(differentiable_fields()) - NEVER.keys()
    assert set(SHAPES) == {"square", "round", "gauss", "tophat"}


@pytest.mark.parametrize("mode", ["c-parity", "spec"])
def test_checks_of_a_small_experiment(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """gradcheck and gradgradcheck find the gradients right, and a wrong one wrong."""
    once = list(field_checks.check_fields(plain("square"), "square", "plain", mode))
    twice = list(field_checks.check_twice(plain("square"), "square", mode))
    assert all(row["ok"] for row in once + twice)
    assert [row["field"] for row in twice] == list(field_checks.TWICE)
    assert sum(row["times"] for row in once) >= 11
    assert ({row["field"] for row in once if row["reason"] == field_checks.WHOLE} == {"crystal.n_cells"}) == (
        mode == "c-parity"
    )
    true = field_checks.simulate

    def wrong(*args: Any, **how: Any) -> Any:
        image = true(*args, **how)
        return image.detach() + 1.01 * (image - image.detach())

    monkeypatch.setattr(field_checks, "simulate", wrong)
    reason = field_checks._checked(field_checks.gradcheck, plain("square"), "detector.distance", mode)
    assert reason is not None


def test_a_configuration_that_raises_is_on_record() -> None:
    found = configurations.backward(None, "spec")  # type: ignore[arg-type]
    assert found["reason"].startswith("AttributeError")


def test_neutral_numbers_are_those_that_the_case_leaves_out() -> None:
    words = every_number.command(["-lambda", "1", "-misset", "1", "2", "3"])
    assert words.count("-misset") == 1
    assert words[-2:] == ["-detector_rotz", "0"]


def test_cost_is_measured_in_processes_of_their_own(project: Path) -> None:
    """Memory of a tiny frame; a task that fails says why."""
    task = {"do": "memory", "dtype": "float64", "compiled": "off"}
    found = cost.measure("tiny", 1, 120.0, {"memory_10": task, "broken": {**task, "dtype": "float99"}})
    good, broken = found["cost"]
    assert good["reason"] is None
    assert 0 <= good["above_bytes"] < 2**30 < 2**5 * good["interpreter_bytes"]
    assert broken["reason"]
    assert "above_bytes" not in broken


def test_a_bundle_is_judged_described_and_shown(bundle: Any) -> None:
    """What the target writes from the parts."""
    job = bundle("m", {})
    for name, part in GOOD.items():
        (job.bundle / f"{name}.json").write_text(json.dumps({"schema": 1, "part": name, **part}))
    (job.bundle / "logs").mkdir()
    step = {"rule": "measure_gradients", "started": "2026-01-02T03:04:05Z", "wall_s": 1.0}
    (job.bundle / "logs" / "measure_gradients.json").write_text(json.dumps(step))
    proof.write(job, ROOT, None)
    judged = json.loads((job.bundle / "gates.json").read_text())
    about = json.loads((job.bundle / "run_metadata.json").read_text())
    assert judged["verdict"] == "pass"
    assert about["command"] == f"snakemake tiny --config stamp={job.bundle.name}"
    assert set(about["engines"]) == {"c", "py"}
    assert {"report.html", "env.json"} <= {path.name for path in job.bundle.iterdir()}


def test_a_part_that_breaks_stops_no_other(bundle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file says why; a number that is none is written as nothing, and fails."""
    job = bundle("m", {})
    row = {**DIFFERENCE, "richardson": float("nan")}
    monkeypatch.setattr(every_number, "measure", lambda _: {"differences": [row], "no_slope": []})
    monkeypatch.setattr(field_checks, "measure", lambda: {}["lost"])
    monkeypatch.setattr(configurations, "measure", lambda: GOOD["configurations"])
    monkeypatch.setattr(cost, "measure", lambda *_: GOOD["cost"])
    proof.measure(job)
    found = {name: json.loads((job.bundle / f"{name}.json").read_text()) for name in gradient_gates.PARTS}
    assert found["fields"]["reason"] == "KeyError: 'lost'"
    status = {gate["id"]: gate["status"] for gate in judge(found)["gates"]}
    assert status == {"GR-C": "fail", "GR-FIELDS": "blocked", "GR-ALL": "pass", "GR-COST": "pass"}
