"""Documents that a hand or a disk damaged: whoever reads one says so in one line, status 2."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evidence.campaigns.expand import Case
from evidence.campaigns.table import read_batches
from evidence.commands.braggproof import main
from evidence.errors import StoreError
from evidence.ledger import attempts, pins
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic
from tests.evidence.campaigns.test_baseline import LATER, STAMP, seal_campaign
from tests.helpers.places import BUNDLE

SUITE = (
    "{title: T, engines: [c], reference: c, batches: 1, gates: {default: {correlation: 1}}, "
    "cases: [{name: a, list: {b: -N 1}}]}"
)
CAMPAIGN = Path("results/campaign_one")


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite, one sealed campaign of it, and one sealed bundle of a case."""
    monkeypatch.setattr(atomic, "fsync", lambda descriptor: None)  # for speed: nothing loses power here
    monkeypatch.setattr(atomic, "sync_folder", lambda folder: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config" / "suites").mkdir(parents=True)
    (tmp_path / "config" / "suites" / "one.yaml").write_text(SUITE)
    folder = Path("results")
    seal_campaign(folder, STAMP, None, a="pass", b="fail")
    shutil.copytree(BUNDLE, folder / "toy" / LATER)
    seal(folder / "toy" / LATER, folder / attempts.LEDGER, {"verdict": "pass"})
    return folder


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line of a command that ends with status 2."""
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gates.json", "{}", "gates.json key verdict: expected a value, got nothing"),
        ("gates.json", '{"verdict": "pass", "gates": [1]}', "gates.json key gates.0: expected keys, got 1"),
        ("phase_o/c/run.json", "{}", "phase_o/c/run.json key cwd: expected a value, got nothing"),
        ("phase_o/c/run.json", '{"wall_s": NaN}', "run.json key wall_s: expected a finite number, got nan"),
    ],
)
@pytest.mark.parametrize("command", ["show", "diff"])
def test_a_bundle(
    command: str, name: str, text: str, words: str, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (results / "toy" / LATER / name).write_text(text)
    argv = [command, LATER, *([LATER] if command == "diff" else [])]
    assert words in refused(capsys, *argv)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "pins.json: expected a JSON object, got list"),
        ("{}", "pins.json key pins: expected a value, got nothing"),
        ('{"pins": []}', "pins.json key pins: expected keys, got []"),
        ('{"pins": {"a": 1}}', "pins.json key pins.a: expected keys, got 1"),
        ('{"pins": {"a": {}}}', "pins.json key pins.a.case: expected a value, got nothing"),
    ],
)
def test_pins(text: str, words: str, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (results / pins.PINS).write_text(text)
    assert words in refused(capsys, "pin")
    assert words in refused(capsys, "diff", "a", "a")
    assert [finding.kind for finding in verify(results) if finding.code] == ["pins"]


def test_cases_that_are_gone_are_not_passed_over(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A newest campaign that cannot be read is not the same as none."""
    (CAMPAIGN / STAMP / "inputs" / "cases.json").unlink()
    words = "cases.json: expected JSON, got No such file or directory"
    assert words in refused(capsys, "replay", "one", "b")
    assert words in refused(capsys, "coverage")


def test_cases_that_say_too_little(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ".arguments: expected a value, got nothing" in refused(capsys, "replay", "one", "b")


def test_batches(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = {"cases": [Case("b", ("-N", "1")).to_dict()], "selection": None}
    (CAMPAIGN / STAMP / "inputs" / "cases.json").write_text(json.dumps(cases))
    path = CAMPAIGN / STAMP / "batches" / "000-001.json"
    batch: dict[str, Any] = json.loads(path.read_text())
    path.write_text("")
    assert "000-001.json: expected JSON, got " in refused(capsys, "replay", "one", "b")
    assert "000-001.json: expected JSON, got " in refused(capsys, "coverage")
    path.write_text(json.dumps({**batch, "engines": ["c", "d"]}))
    with pytest.raises(StoreError, match=r"000-001\.json case a: expected a cell of d, got none"):
        read_batches(CAMPAIGN / STAMP)
    shutil.rmtree(path.parent)
    assert "batches: expected a row of b, got none" in refused(capsys, "replay", "one", "b")


def test_coverage_of_an_unknown_suite_says_which_there_are(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        refused(capsys, "coverage", "--suite", "nope") == "error: --suite: expected one of one, got 'nope'\n"
    )
