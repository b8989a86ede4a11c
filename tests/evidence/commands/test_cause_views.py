"""`braggproof reduce|bisect`: a typo is told before anything is begun."""

import shutil
from pathlib import Path

import pytest

from evidence.causes import bisect
from evidence.commands.braggproof import main
from tests.helpers.places import ROOT

SUITE = (
    "{title: T, engines: [c, torch-float64], reference: c, batches: 1, gates: {default: {correlation: 1}}, "
    "cases: [{name: a, list: {b: -N 1, bad: {arguments: -N x, refuse: x}}}]}"
)
ENGINES = "{c: {kind: program}, torch-float64: {kind: torch}}"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one suite, its engines and no results."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    (tmp_path / "config" / "suites").mkdir(parents=True)
    (tmp_path / "config" / "suites" / "one.yaml").write_text(SUITE)
    (tmp_path / "config" / "engines.yaml").write_text(ENGINES)
    shutil.copy(ROOT / "config" / "mutations.yaml", tmp_path / "config")
    return tmp_path


@pytest.mark.parametrize("command", ["reduce", "bisect"])
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["nope"], "CASE: expected one of the 2 cases of one such as a_b, got 'nope'"),
        (["a_bad"], "CASE a_bad: expected a case with an image, got one that expects: refusal"),
        (["a_b", "--engine", "d"], "--engine: expected one of c torch-float64, got 'd'"),
    ],
)
def test_a_typo_leaves_nothing_behind(
    command: str, argv: list[str], words: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "one", *argv, *(["--good", "HEAD"] if command == "bisect" else [])]) == 2
    assert capsys.readouterr().err == f"error: {words}\n"
    assert not (project / "results").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--good", "nope"], "--good: expected a commit, got 'nope'"),
        (["--good", "HEAD", "--bad", "nope"], "--bad: expected a commit, got 'nope'"),
    ],
)
def test_a_wrong_revision_leaves_nothing_behind(
    argv: list[str],
    words: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def known(command: list[str], **_: object) -> object:
        return type("Done", (), {"returncode": "nope^{commit}" in command, "stdout": ""})

    monkeypatch.setattr(bisect.subprocess, "run", known)
    assert main(["bisect", "one", "a_b", *argv]) == 2
    assert capsys.readouterr().err == f"error: {words}\n"
    assert not (project / "results").exists()
