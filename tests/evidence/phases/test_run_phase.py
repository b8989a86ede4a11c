"""Engine runs of a phase: what a program cannot do, how it fails, and what is left on record."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from evidence.cases.case import load_case
from evidence.cases.settings import Settings
from evidence.phases import k_lattice
from evidence.phases.job import PhaseJob
from evidence.phases.measure_phase import measure_phase
from evidence.phases.run_phase import run_phase
from tests.helpers.project import SPOTS, STAMP, settings

# Answers -help as ours does, then behaves as the test asks.
ENGINE = """#!{python}
import sys
if "-help" in sys.argv:
    print("--mode --quirks")
    sys.exit(0)
{body}
"""


def program(path: Path, body: str) -> str:
    path.write_text(ENGINE.format(python=sys.executable, body=body), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def only_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """The C run of phase K alone; the others are the same code."""
    planned = k_lattice.runs
    monkeypatch.setattr(k_lattice, "runs", lambda work: planned(work)[:1])
    monkeypatch.delenv("NB_C_BIN", raising=False)


def work(project: Path, engine: str, **more: Any) -> PhaseJob:
    bundle = project / "results" / "tiny" / STAMP
    (bundle / "inputs").mkdir(parents=True)
    (bundle / "inputs" / "few.hkl").write_text(SPOTS, encoding="utf-8")
    own = Settings(**{**settings(), "c_engine": engine, **more})
    return PhaseJob(bundle, load_case(Path("config/cases/tiny.yaml")), own, 1)


def listed(one: PhaseJob) -> dict[str, Any]:
    runs = json.loads((one.folder("k") / "runs.json").read_text(encoding="utf-8"))
    (entry,) = runs["runs"]
    return dict(entry)


@pytest.mark.usefixtures("only_c")
@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("print('no beam', file=sys.stderr); sys.exit(3)", "failed", "exit status 3: no beam"),
        ("import os; os.abort()", "failed", "SIGABRT"),
        ("print('hello')", "blocked", "lines that start with TRACE_C"),
        ("import time; time.sleep(60)", "failed", "ended after 1 s"),
    ],
)
def test_failing_engine_is_on_record(project: Path, body: str, status: str, reason: str) -> None:
    one = work(project, program(project / "engine", body), timeout_s=1)
    run_phase(one, "k")
    entry = listed(one)
    assert entry["status"] == status
    assert reason in entry["reason"]
    record = json.loads((one.folder("k") / "c" / "run.json").read_text(encoding="utf-8"))
    assert (one.folder("k") / "c" / record["log"]).is_file()
    assert str(project / "engine") in (one.folder("k") / "commands.txt").read_text(encoding="utf-8")
    metrics = measure_phase(one, "k")
    assert metrics["status"] == "blocked"
    assert reason in metrics["checks"][0]["reason"]


@pytest.mark.usefixtures("only_c")
def test_program_that_is_no_engine_is_blocked(project: Path) -> None:
    one = work(project, "/bin/true")
    run_phase(one, "k")
    assert listed(one)["status"] == "blocked"
    assert measure_phase(one, "k")["status"] == "blocked"


@pytest.mark.usefixtures("only_c")
def test_missing_program_is_blocked(project: Path) -> None:
    one = work(project, str(project / "nowhere"))
    run_phase(one, "k")
    assert listed(one)["status"] == "blocked"
    assert "cannot be started" in listed(one)["reason"]
