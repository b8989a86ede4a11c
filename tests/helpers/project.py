"""A small project folder: settings, one tiny case, and a bundle whose traces come from the real engine."""

import contextlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.phases import c_differences
from evidence.phases.job import PhaseJob
from simulator.cli import main as nanobragg_torch
from tests.helpers.places import ROOT

STAMP = "20260102T030405Z"
TINY: dict[str, Any] = {
    "title": "Tiny",
    "command": "-cell 40 50 60 90 85 90 -hkl few.hkl -default_F 20 -Na 5 -Nb 6 -Nc 7 -lambda 1 -distance 50 "
    "-detpixels 48 -pixel 0.4 -oversample 1 -phi 0 -osc 1 -phisteps 4 -nonoise -nointerpolate",
    "inputs": {"few.hkl": "config/inputs/few.hkl"},
    "trace_pixels": [[20, 27]],
    "probe": {"slow": [20, 21], "fast": [27, 28]},
    "roi": {"slow": [4, 43], "fast": [4, 43]},
}
SPOTS = "".join(f"{n % 3} {n // 3 % 3} {n // 9} {10 + n}\n" for n in range(27))


def settings() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    return {**values, "case": "tiny"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Current folder with config/config.yaml, config/cases/tiny.yaml and its input."""
    (tmp_path / "config" / "cases").mkdir(parents=True)
    (tmp_path / "config" / "inputs").mkdir()
    (tmp_path / "config" / "config.yaml").write_text(yaml.safe_dump(settings()), encoding="utf-8")
    (tmp_path / "config" / "inputs" / "few.hkl").write_text(SPOTS, encoding="utf-8")
    (tmp_path / "config" / "cases" / "tiny.yaml").write_text(yaml.safe_dump(TINY), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def traced(folder: Path, pixels: list[tuple[int, int]], mode: str, command: str = TINY["command"]) -> str:
    """What the PyTorch engine prints of these pixels, as TRACE_C lines."""
    (folder / "few.hkl").write_text(SPOTS, encoding="utf-8")
    words = [*command.split(), "-nopgm", "--trace-only", "--mode", mode]
    for slow, fast in pixels:
        words += ["-trace_pixel", str(slow), str(fast)]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert nanobragg_torch(words, folder) == 0
    return out.getvalue().replace("TRACE_PY:", "TRACE_C:")


@pytest.fixture(scope="session")
def traces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Mode -> trace of the tiny case's pixels: the traced one, then the probe."""
    folder = tmp_path_factory.mktemp("trace")
    pixels = [(20, 27), (20, 28), (21, 27), (21, 28)]
    return {mode: traced(folder, pixels, mode) for mode in ("c-parity", "spec")}


Bundle = Callable[..., PhaseJob]
Moved = dict[str, tuple[str, list[list[int]], list[str]]]  # label -> trace, pixels, command
MOVED: dict[tuple[str, ...], Moved] = {}  # by the case's command: planned and traced once


def moved_runs(job: PhaseJob) -> Moved:
    """What phase M's runs with one number moved print, from the real engine."""
    made = MOVED.setdefault(job.case.arguments, {})
    if not made:
        with tempfile.TemporaryDirectory() as folder:
            for run in c_differences.planned(job):
                words = list(run.command or job.case.arguments)
                text = traced(Path(folder), list(run.pixels), run.mode, " ".join(words))
                made[run.label] = text, [list(pixel) for pixel in run.pixels], words
    return made


@pytest.fixture
def bundle(project: Path, traces: dict[str, str]) -> Bundle:
    """bundle(phase, {label: (text, pixels)}) lays out runs of a phase and returns its PhaseJob."""

    def make(phase: str, logs: dict[str, tuple[str, list[list[int]]]], status: str = "ok") -> PhaseJob:
        place = project / "results" / "tiny" / STAMP
        (place / "inputs").mkdir(parents=True, exist_ok=True)
        shutil.copy(project / "config" / "inputs" / "few.hkl", place / "inputs")
        job = PhaseJob(place, load_case(Path("config/cases/tiny.yaml")), Settings(**settings()), 1)
        moved = moved_runs(job) if phase == "m" and logs and status == "ok" else {}
        entries = []
        for label, (text, pixels) in {
            **logs,
            **{name: (run[0], run[1]) for name, run in moved.items()},
        }.items():
            folder = place / f"phase_{phase}" / label
            folder.mkdir(parents=True)
            (folder / "run.log").write_text(text, encoding="utf-8")
            argv = moved[label][2] if label in moved else []
            (folder / "run.json").write_text(
                json.dumps({"log": "run.log", "status": status, "argv": argv}), encoding="utf-8"
            )
            reason = None if status == "ok" else "exit status 1"
            entries.append(
                {"label": label, "status": status, "reason": reason, "folders": [label], "pixels": pixels}
            )
        runs = {"schema": 1, "phase": phase.upper(), "runs": entries}
        (place / f"phase_{phase}").mkdir(exist_ok=True)
        (place / f"phase_{phase}" / "runs.json").write_text(json.dumps(runs), encoding="utf-8")
        return job

    return make
