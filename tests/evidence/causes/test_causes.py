"""With a rule undone in a copy of the engine: a campaign notices, the case shrinks, the commit is found."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.campaigns import mutants
from evidence.campaigns.suite import load_suite
from evidence.causes import bisect as bisection
from evidence.causes.cause import ask, keep, reduce_case
from evidence.causes.cause_bundle import CauseBundle
from evidence.errors import InputError, StoreError
from evidence.ledger import attempts, verify
from tests.helpers.places import ROOT
from tests.reference.conftest import compile_engine

RULES = {rule.name: rule for rule in mutants.load(ROOT / "config" / "mutations.yaml")}


@pytest.fixture(scope="module")
def engine_c(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture
def project(tmp_path: Path, engine_c: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's suites, golden data and a C engine in a folder of its own."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "golden").symlink_to(ROOT / "tests" / "golden")
    (tmp_path / "results" / "build").mkdir(parents=True)
    shutil.copy(engine_c, tmp_path / "results" / "build" / "nanobragg-c")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_mutation_can_still_be_made() -> None:
    """Their texts stand in today's sources, each once; three are the canary."""
    assert len(RULES) >= 30
    for rule in RULES.values():
        with mutants.undone(rule, ROOT / "simulator") as folder:
            assert (folder is None) == (rule.quirk is not None)
            if folder is not None:
                assert rule.file is not None
                changed = (folder / "simulator" / rule.file).read_text()
                assert changed != (ROOT / "simulator" / rule.file).read_text()
    assert sum(rule.canary is not None for rule in RULES.values()) == 3


def test_the_canary_barks(project: Path) -> None:
    rows = mutants.canary(ROOT / "simulator")
    assert [row["case"] is not None for row in rows] == [True] * 3
    assert all("identical_share" in row["reason"] for row in rows)


def test_a_canary_without_its_mutation_is_silent(project: Path) -> None:
    """The same case with nothing undone passes: it is the rule that makes it bark."""
    rule = RULES["round-scale"]
    still = replace(rule, new=rule.old)
    assert mutants.first_caught(still, ["golden"], ROOT / "simulator", ["round_xtal"])["case"] is None
    gone = replace(rule, old="no such text")
    with pytest.raises(InputError, match=r"once in physics/lattice\.py"):
        mutants.first_caught(gone, ["golden"], ROOT / "simulator", ["round_xtal"])


def test_a_failure_shrinks_to_few_flags_and_names_its_tap(project: Path) -> None:
    found = reduce_case(ask(load_suite("golden"), "polar_095", None, RULES["kahn-sign"]))
    assert found.flags <= 6
    assert "-polar" in found.after
    assert "-misset" not in found.after
    assert found.divergence is not None
    assert found.divergence["tap"] == "polar"
    assert "polarization_factor" in found.divergence["function"]
    path = keep(found)
    kept = load_suite("found").all_cases()
    assert path.name == "found.yaml"
    assert [case.name for case in kept] == ["found_golden_polar_095"]


def test_a_case_that_passes_cannot_be_reduced(project: Path) -> None:
    with pytest.raises(StoreError, match="got a pass"):
        reduce_case(ask(load_suite("golden"), "polar_095", "torch-float64"))


@pytest.fixture
def history(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A repository of five commits; the fourth undoes the Kahn factor's sign in the PyTorch engine."""
    root = tmp_path_factory.mktemp("history")
    shutil.copytree(ROOT / "simulator", root / "simulator", ignore=shutil.ignore_patterns("__pycache__"))

    def git(*words: str) -> str:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        done = subprocess.run(
            ["git", "-C", str(root), *who, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "--quiet")
    names = {}
    rule = RULES["kahn-sign"]
    for number in range(1, 6):
        target = root / "simulator" / ("README.md" if number != 4 else str(rule.file))
        text = target.read_text()
        target.write_text(text.replace(rule.old, rule.new) if number == 4 else f"{text}\n{number}\n")
        git("add", "-A")
        git("commit", "--quiet", "-m", f"step {number}")
        names[f"step {number}"] = git("rev-parse", "HEAD")
    monkeypatch.setattr(bisection, "ROOT", root)
    return names


def test_bisect_finds_the_commit_and_the_tap(project: Path, history: dict[str, str]) -> None:
    suite = load_suite("golden")
    good, bad = history["step 1"], history["step 5"]
    found = bisection.bisect(bisection.ask(suite, "polar_095", good, bad, "torch-float64"))
    assert found["first"] == history["step 4"]
    assert found["good"] == history["step 3"]
    assert found["commit"].endswith("step 4")
    assert found["divergence"]["tap"] == "polar"
    with pytest.raises(StoreError, match="expected a pass at"):
        bisection.bisect(bisection.ask(suite, "polar_095", history["step 4"], bad, "torch-float64"))


def test_a_cause_is_sealed_and_one_that_came_to_nothing_is_in_the_ledger(tmp_path: Path) -> None:
    results = tmp_path / "results"
    found = {"case": "a", "flags": 3, "divergence": {"tap": "polar"}, "reason": ""}
    path = CauseBundle(results, "reduce", "golden").close(
        found, "braggproof reduce golden a", {"command.txt": "x\n"}
    )
    assert json.loads((path / "gates.json").read_text())["verdict"] == "pass"
    assert verify.verify(results) == []
    dropped = CauseBundle(results, "reduce", "golden")
    dropped.drop()
    assert not dropped.path.exists()
    assert verify.verify(results) == []
    assert [one.status for one in attempts.attempts(results)] == ["pass", "error"]
    none = {"case": "a", "flags": 9, "divergence": None, "reason": "every tap agrees"}
    path = CauseBundle(results, "reduce", "golden").close(none, "braggproof reduce golden a", {})
    assert json.loads((path / "gates.json").read_text())["verdict"] == "fail"
