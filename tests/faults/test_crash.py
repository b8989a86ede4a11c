"""Kill -9, torn writes and power loss at every step the store takes; then look, resume, and look again."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evidence.ledger import attempts, sums
from evidence.ledger.verify import verify
from evidence.store import atomic

HERE = Path(__file__).parent


def _scenarios() -> Any:
    spec = importlib.util.spec_from_file_location("fault_scenarios", HERE / "scenarios.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SCENARIOS = _scenarios()
BUNDLE = Path(SCENARIOS.CASE, SCENARIOS.STAMP)
# Steps that must at least be struck, so that a layer that no longer reaches the store fails here.
LEAST = {"artifact": 5, "append": 3, "attempt": 25, "pin": 8}
LEAST_WRITES = {"artifact": 1, "append": 1, "attempt": 5, "pin": 2}


def crash(name: str, mode: str, folder: Path, again: int = 0) -> list[Path]:
    """Results folders, one for each step that was struck."""
    command = [sys.executable, str(HERE / "crash.py"), name, mode, str(folder), str(again)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    least = (LEAST_WRITES if mode == "torn" else LEAST)[name]
    assert int(done.stdout) >= least
    return [folder / str(step) / "results" for step in range(1, int(done.stdout) + 1)]


@pytest.mark.parametrize("mode", ["kill", "torn", "drop", "keep"])
@pytest.mark.parametrize("name", list(LEAST))
def test_crash_leaves_no_half_state_and_resumes(name: str, mode: str, tmp_path: Path) -> None:
    scenario = SCENARIOS.SCENARIOS[name]
    for results in crash(name, mode, tmp_path):
        found = verify(results)
        assert {finding.kind for finding in found} <= scenario.kinds, (results, found)
        _resume(scenario, results)


@pytest.mark.parametrize("mode", ["kill", "drop"])
@pytest.mark.parametrize("again", [3, 40])
def test_a_resumption_may_crash_too(again: int, mode: str, tmp_path: Path) -> None:
    scenario = SCENARIOS.SCENARIOS["attempt"]
    for results in crash("attempt", mode, tmp_path, again):
        found = verify(results)
        assert {finding.kind for finding in found} <= scenario.kinds, (results, found)
        _resume(scenario, results)


def _resume(scenario: Any, results: Path) -> None:
    if name_of(scenario) == "attempt" and not (results / BUNDLE / atomic.SEALED).exists():
        scenario.prepare(results)  # the workflow makes again what a power loss took
    scenario.act(results)
    left = [finding for finding in verify(results) if finding.kind not in ("tear", "unsealed", "nothing")]
    assert left == [], results
    assert not [path for path in results.rglob(atomic.TEMPORARY + "*") if name_of(scenario) == "attempt"]


def name_of(scenario: Any) -> str:
    """Name of a scenario object."""
    return type(scenario).__name__.lower()


@pytest.mark.parametrize("mode", ["kill", "torn", "drop", "keep"])
def test_an_artifact_is_the_old_one_or_the_new_one(mode: str, tmp_path: Path) -> None:
    seen = set()
    for results in crash("artifact", mode, tmp_path):
        seen.add(json.loads((results / BUNDLE / "gates.json").read_bytes())["value"])
    assert seen == ({"old"} if mode in ("torn", "drop") else {"old", "new"})


def test_a_killed_attempt_is_told_and_its_resumption_sealed_once(tmp_path: Path) -> None:
    for results in crash("attempt", "kill", tmp_path):
        before = [attempt.status for attempt in attempts.attempts(results)]
        assert before in ([], ["killed"], ["pass"]), results
        SCENARIOS.SCENARIOS["attempt"].act(results)
        after = attempts.attempts(results)
        assert [attempt.sealed for attempt in after].count(True) == 1
        assert after[-1].status == "pass"
        assert [attempt.status for attempt in after[:-1]] in ([], ["killed"])
    last = results / BUNDLE
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", sums.SUMS], cwd=last, check=True)


def test_a_torn_ledger_line_stays_and_is_recorded(tmp_path: Path) -> None:
    (results,) = crash("append", "torn", tmp_path)
    torn = (results / attempts.LEDGER).read_bytes()
    assert not torn.endswith(b"\n")
    assert [finding.kind for finding in verify(results)] == ["torn"]
    SCENARIOS.SCENARIOS["append"].act(results)
    assert (results / attempts.LEDGER).read_bytes().startswith(torn + b"\n")
    assert [record["record"] for record in attempts.records(results)] == ["start", "end", "torn", "start"]
    assert [finding.kind for finding in verify(results)] == ["tear", "nothing"]
