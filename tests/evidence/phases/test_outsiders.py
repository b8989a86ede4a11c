"""Faults of an external nanoBragg, each seen by its gate. The C engine stands in for PyTorch, bit by bit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.engines import programs
from evidence.engines.adapters import OURS
from evidence.engines.build import build
from evidence.engines.programs import Engine
from evidence.phases import outsiders
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from evidence.phases.run_phase import run_phase
from evidence.traces.pixel_trace import Entry, PixelTrace
from tests.helpers.places import ROOT
from tests.helpers.project import SPOTS, STAMP, settings
from tests.helpers.standins import stand_in

Phases = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("engine") / "nanobragg-c"
    build(sorted((ROOT / "simulator" / "reference").rglob("*.[ch]")), binary)
    return binary


@pytest.fixture
def judged(project: Path, engine: Path, monkeypatch: pytest.MonkeyPatch) -> Phases:
    """judged(kind, fault, phases) runs and measures phases with such a program; returns phase -> check."""
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.setattr("evidence.engines.found.paths.c_engine", lambda: engine)
    own = Engine("ours", "c", (str(engine),), OURS, {})
    monkeypatch.setattr(programs, "py_engine", lambda *_, **__: own)
    monkeypatch.setattr("evidence.images.figures.draw_all", lambda *_, **__: [])
    monkeypatch.setattr(
        "evidence.phases.gradient.check", lambda _, found: found.measured.update(gradcheck=0.0)
    )

    def make(kind: str, fault: str, phases: str) -> dict[str, dict[str, Any]]:
        bundle = project / "results" / "tiny" / STAMP
        (bundle / "inputs").mkdir(parents=True)
        (bundle / "inputs" / "few.hkl").write_text(SPOTS, encoding="utf-8")
        program = stand_in(project / kind, engine, kind, fault)
        settled = Settings(**{**settings(), "c_engine": str(program)})
        job = PhaseJob(bundle, load_case(Path("config/cases/tiny.yaml")), settled, 1)
        for phase in phases:
            run_phase(job, phase)
        return {phase: measure_phase(job, phase) for phase in phases}

    return make


def status(metrics: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in metrics["checks"]}


def said(metrics: dict[str, Any], name: str) -> str:
    return next(str(check["reason"]) for check in metrics["checks"] if check["name"] == name)


@pytest.mark.parametrize("kind", ["stock", "instrumented"])
def test_a_faithful_one_passes_every_gate(judged: Phases, kind: str) -> None:
    found = judged(kind, "", "oklmn")
    assert {phase: metrics["status"] for phase, metrics in found.items()} == dict.fromkeys("oklmn", "pass")
    assert status(found["m"])["trace_external_1"] == status(found["l"])["proxy_external_1"] == "pass"
    # of four phi steps a stock program says not which it shows: nothing of VG-1 is compared, all is by proxy
    assert ("trace_external_1" in status(found["l"])) == (kind == "instrumented")


def test_one_wrong_pixel_fails_and_nothing_stands_by_proxy(judged: Phases) -> None:
    found = judged("stock", "image", "om")
    frame = status(found["o"])
    for name in ("max_rel_external_1", "max_rel_external_1_c"):
        assert frame[name] == "fail"
        assert "photons" in said(found["o"], name)
    assert frame["max_rel"] == "pass"  # our own two
    assert found["m"]["status"] == status(found["m"])["proxy_external_1"] == "blocked"
    assert "pixels of its image are not those" in said(found["m"], "proxy_external_1")


def test_all_of_it_a_thousandth_too_bright_fails(judged: Phases) -> None:
    frame = status(judged("instrumented", "image scaled", "o")["o"])
    for name in ("off_share_external_1", "block_sum_rel_external_1", "identical_share_external_1_c"):
        assert frame[name] == "fail"


def test_a_wrong_number_in_a_trace_fails(judged: Phases) -> None:
    found = judged("instrumented", "trace", "okm")
    assert status(found["m"])["trace_external_1"] == "fail"
    assert "hkl_frac of pixel [20, 27]" in said(found["m"], "trace_external_1")
    assert status(found["k"])["trace_external_1"] == "fail"
    assert found["o"]["status"] == "pass"


def test_one_that_fails_while_tracing_blocks_with_its_own_words(judged: Phases) -> None:
    found = judged("instrumented", "crash on traces", "ok")
    assert status(found["k"])["trace_external_1"] == "blocked"
    assert "exit status 1: cannot trace today" in said(found["k"], "trace_external_1")
    assert found["o"]["status"] == "pass"


def test_one_that_always_fails_blocks_everything_with_its_own_words(judged: Phases) -> None:
    found = judged("stock", "crash", "o")
    assert "exit status 3: no beam today" in said(found["o"], "correlation")


@pytest.mark.parametrize("phase", ["k", "l"])
def test_a_part_of_a_trace_has_that_part_of_every_block(phase: str) -> None:
    names = ("hkl_frac", "F_latt", "block_0_1_1_hkl_frac", "block_0_1_1_F_latt")
    absent = {"block_0_1_0_hkl_frac": "no block", "block_0_1_0_F_latt": "no block"}
    trace = PixelTrace((3, 4), tuple(Entry(name, (1.0,)) for name in names), absent)
    part = outsiders._part(trace, outsiders.TRACED[phase][1])
    assert [entry.tap for entry in part.entries] == ["hkl_frac", "block_0_1_1_hkl_frac"]
    assert list(part.absent) == ["block_0_1_0_hkl_frac"]
