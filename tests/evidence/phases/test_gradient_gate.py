"""VG-6 in phase M: passes on what the engines say, fails or is blocked on everything else."""

import json
import re
from typing import Any

import pytest
import torch

from evidence import gates
from evidence.derivatives import command_slopes, exactness
from evidence.engines.found import CEngines
from evidence.engines.programs import Engine
from evidence.phases import c_differences, m_factors
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from evidence.report import plots
from tests.helpers.project import Bundle

ALL = [[20, 27], [20, 28], [21, 27], [21, 28]]
NAMES = [check.name for check in c_differences.CHECKS]


@pytest.fixture
def work(bundle: Bundle, traces: dict[str, str]) -> PhaseJob:
    """Phase M of the tiny case with all its runs."""
    text = traces["c-parity"]
    return bundle("m", {"c": (text, ALL), "py_float64": (text, ALL)})


def gate(work: PhaseJob) -> tuple[str, dict[str, Any]]:
    """Status of VG-6, and its checks."""
    metrics = measure_phase(work, "m")
    row = next(gate for gate in gates.assemble("tiny", "s", {"M": metrics})["gates"] if gate["id"] == "VG-6")
    return row["status"], {check["name"]: check for check in row["checks"]}


def test_passes(work: PhaseJob) -> None:
    """Every number that stands for the others, at five steps; tables and a plot for the report."""
    status, found = gate(work)
    assert status == "pass", found
    assert list(found) == NAMES
    tables = json.loads((work.folder("m") / "metrics.json").read_text())["tables"]
    assert [row["parameter"] for row in tables["differences"]] == [
        "-cell",
        "-lambda",
        "-distance",
        "-pixel",
        "-osc",
    ]
    assert {row["field"]: row["gradient"] for row in tables["gradients"]}["crystal.cell"] is True
    (plot,) = plots.of_phase("M", tables)
    assert "<svg" in plot["svg"]


def test_thresholds_are_those_of_the_issue(work: PhaseJob) -> None:
    _, found = gate(work)
    limits = {name: (check["comparison"], check["threshold"]) for name, check in found.items()}
    assert limits["richardson"] == ("<=", 1e-6)
    assert limits["step_correlation"] == (">=", 0.99)
    assert limits["gradients_not_finite"] == limits["gradients_unexplained"] == ("equals", 0.0)


@pytest.mark.parametrize(
    ("factor", "status"), [(1 + 1e-5, "fail"), (-1.0, "fail"), (float("nan"), "fail"), (0.0, "blocked")]
)
def test_a_wrong_derivative(
    work: PhaseJob, factor: float, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A little off, of another sign, no number, none."""
    true = command_slopes.jacobian

    def wrong(*args: Any) -> Any:
        image, slopes = true(*args)
        return image, {name: slope * factor for name, slope in slopes.items()}

    monkeypatch.setattr(command_slopes, "jacobian", wrong)
    found = gate(work)
    assert found[0] == found[1]["richardson"]["status"] == status


@pytest.mark.parametrize("edit", ["nan", "lost", "other"])
def test_a_damaged_run(work: PhaseJob, edit: str) -> None:
    """A pixel that is no number, a trace that is gone, one of another image."""
    label = next(e.label for e in work.entries("m") if e.label.startswith(c_differences.LABEL))
    log = work.folder("m") / label / "run.log"
    text = log.read_text()
    pattern = r"(?m)^(TRACE_C: I_pixel_final ).*$"
    log.write_text(
        {"nan": re.sub(pattern, r"\1nan", text), "lost": "", "other": re.sub(pattern, r"\g<1>1e-3", text)}[
            edit
        ]
    )
    status, found = gate(work)
    assert status == ("blocked" if edit == "lost" else "fail")
    assert found["richardson"]["status"] == status


def test_missing_runs(work: PhaseJob) -> None:
    """Without one step, and without any run of C with a number moved."""
    path = work.folder("m") / "runs.json"
    runs = json.loads(path.read_text())
    for kept, reason in (
        ([run for run in runs["runs"] if not run["label"].endswith("_16")], "expected steps"),
        (
            [run for run in runs["runs"] if "moved" not in run["label"]],
            "rendered nothing with a number moved",
        ),
    ):
        path.write_text(json.dumps({**runs, "runs": kept}))
        status, found = gate(work)
        assert status == "blocked"
        assert all(reason in check["reason"] for check in found.values() if check["status"] == "blocked")


@pytest.mark.parametrize("lost", ["nan", "none", "raises"])
def test_gradients_of_fields(work: PhaseJob, lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one field no number, of one none at all; of all an error."""
    true = exactness.gradients

    def broken(*args: Any, **how: Any) -> Any:
        found = true(*args, **how)
        if lost == "raises":
            raise RuntimeError("no gradient today")
        value = torch.full((6,), float("nan"), dtype=torch.float64) if lost == "nan" else None
        return {**found, "crystal.cell": [value]}

    monkeypatch.setattr(exactness, "gradients", broken)
    status, found = gate(work)
    assert status == ("blocked" if lost == "raises" else "fail")
    name = "gradients_not_finite" if lost == "nan" else "gradients_unexplained"
    reason = "RuntimeError: no gradient today" if lost == "raises" else "crystal.cell"
    assert (found[name]["status"], found[name]["reason"]) == (status, reason)


def test_a_program_that_traces_one_pixel_a_run_is_not_asked(
    work: PhaseJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stock nanoBragg prints six digits: no difference could tell 1e-6."""
    one = CEngines(Engine("stock", "c", ("nanoBragg",), frozenset({"image", "printout"})))
    monkeypatch.setattr(c_differences, "find_c_engines", lambda *_: one)
    assert [run.label for run in m_factors.runs(work)] == ["c", "py_float64"]
    many = CEngines(Engine("ours", "c", ("x",), frozenset({"many_pixels"})))
    monkeypatch.setattr(c_differences, "find_c_engines", lambda *_: many)
    labels = [run.label for run in m_factors.runs(work)]
    assert len(labels) == 2 + 1 + 5 * 5
    assert labels[2:4] == ["moved_none", "moved_cell_1"]
