"""What a campaign comes to in numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evidence.campaigns import baseline
from evidence.campaigns.campaign_gates import gates
from evidence.campaigns.expand import Case
from evidence.campaigns.judge import Policy, judge
from evidence.campaigns.outcome import Outcome
from evidence.campaigns.suite import load_suite
from evidence.campaigns.summary import badness, summarize
from tests.helpers.places import ROOT


def cell(verdict: str = "pass", **metrics: float) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "reason": "",
        "metrics": metrics,
        "black": False,
        "wall_s": 0.01,
        "peak_rss_bytes": 1,
        "added": "",
    }


def row(name: str, **cells: dict[str, Any]) -> dict[str, Any]:
    return {
        "case": name, "arguments": "-N 1", "expect": "image", "values": {}, "verdict": "pass", "quirks": [],
        "overhead_s": 0.01, "cells": {engine.replace("_", "-"): found for engine, found in cells.items()},
    }  # fmt: skip


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shipped suites, and nothing known of them."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(baseline, "BASELINES", tmp_path)


@pytest.fixture
def found(unknown: None) -> dict[str, Any]:
    del unknown
    rows = [
        row("a", c=cell(), torch_float64=cell(correlation=1.0), torch_float32=cell(correlation=0.99)),
        row(
            "b",
            c=cell(),
            torch_float64=cell("fail", correlation=0.5),
            torch_float32=cell(correlation=1 - 3e-7),
        ),
    ]
    return summarize(load_suite("speed"), rows, [], None)


def test_what_fails_is_worst_and_decades_count_every_case(found: dict[str, Any]) -> None:
    assert [(each["case"], each["engine"]) for each in found["worst"]] == [
        ("b", "torch-float64"), ("a", "torch-float32"), ("b", "torch-float32"),
    ]  # fmt: skip
    for each in found["metrics"]:
        assert each["exact"] + sum(each["decades"]) == each["measured"] == 2


def test_one_gate_an_engine_that_is_here(found: dict[str, Any]) -> None:
    judged = gates(found, "20260102T030405Z", warn_only=False)
    assert {gate["id"]: gate["status"] for gate in judged["gates"]} == {
        "CG-c": "pass", "CG-torch-float64": "fail", "CG-torch-float32": "pass",
    }  # fmt: skip
    assert judged["verdict"] == "fail"
    assert gates(found, "20260102T030405Z", warn_only=True)["verdict"] == "pass"
    tests = {
        "status": "blocked",
        "exit_code": 0,
        "counts": {"tests": 1, "failures": 0, "errors": 0, "skipped": 1},
    }
    assert gates(found, "20260102T030405Z", True, tests)["verdict"] == "blocked"


STAMP = "20260102T030405Z"


def statuses(rows: list[dict[str, Any]], guests: Sequence[str] = ()) -> dict[str, str]:
    judged = gates(summarize(load_suite("speed"), rows, guests, None), STAMP, warn_only=False)
    return {gate["id"]: gate["status"] for gate in judged["gates"]} | {"verdict": judged["verdict"]}


@pytest.mark.usefixtures("unknown")
def test_an_engine_dropped_from_the_suite_does_not_pass() -> None:
    known = {"a": {"c": "pass", "torch-float64": "pass", "torch-float32": "pass"}}
    baseline.write(baseline.path_of("speed"), known)
    found = statuses([row("a", c=cell(), torch_float64=cell())])
    assert found == {
        "CG-c": "pass", "CG-torch-float64": "pass", "CG-torch-float32": "fail", "verdict": "fail",
    }  # fmt: skip


@pytest.mark.usefixtures("unknown")
@pytest.mark.parametrize(
    ("expect", "c", "other", "status"),
    [
        ("image", "pass", "absent", "fail"),  # nothing to compare with
        ("image", "absent", "absent", "fail"),
        ("text", "pass", "absent", "pass"),
        ("text", "absent", "absent", "fail"),
    ],
)
def test_a_case_that_too_few_engines_ran_proves_nothing(expect: str, c: str, other: str, status: str) -> None:
    good = row("a", c=cell(), torch_float64=cell())
    few = row("b", c=cell(c), torch_float64=cell(other)) | {"expect": expect}
    assert statuses([good, few])["CG-c"] == status


@pytest.mark.usefixtures("unknown")
def test_a_guest_that_compared_nothing_is_blocked() -> None:
    rows = [row(name, c=cell(), torch_float64=cell(), true=cell("blocked")) for name in "ab"]
    assert statuses(rows, ["true"]) | {"CG-true": "blocked", "verdict": "blocked"} == statuses(rows, ["true"])
    refusals = [each | {"expect": "refusal"} for each in rows]  # a suite with nothing for it
    assert "CG-true" not in statuses(refusals, ["true"])
    rows[0]["cells"]["true"]["verdict"] = "pass"
    assert statuses(rows, ["true"])["CG-true"] == "pass"


def test_badness_is_a_distance() -> None:
    assert badness("sum_ratio", 0.98) == pytest.approx(0.02)
    assert badness("max_abs_photons", 3.0) == 3.0
    assert badness("correlation", None) is None
    assert badness("correlation", float("nan")) is None


def test_a_negative_image_has_a_scale_too() -> None:
    a = np.full((8, 8), -3.0, "<f4")
    a[0, 0] = -1.0
    b = a * np.float32(1.01)
    limits = {"max_abs_over_max": 0.02}
    judged = judge(Case("a", ()), Outcome("ok", picture=b), Outcome("ok", picture=a), limits, Policy(), False)
    assert judged.status == "pass"
    assert judged.metrics["max_abs_over_max"] == pytest.approx(0.01, rel=1e-4)
