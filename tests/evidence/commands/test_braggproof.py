"""`braggproof` from a shell: tables, JSON, exit status, one-line errors."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evidence.causes.cause_bundle import CauseBundle
from evidence.commands.braggproof import main
from evidence.ledger import attempts
from evidence.ledger.findings import KINDS, LIMITS, SEVERAL
from evidence.ledger.seal import seal
from evidence.store import atomic
from tests.helpers.places import BUNDLE

FIRST, SECOND = "20261121T120000Z", "20261121T130000Z"
SUMMARY = {
    "verdict": "pass",
    "gates": {"VG-0": "pass", "VG-5": "pass"},
    "metrics": {"correlation": 0.9999999},
}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sealed attempts in ./results of the working directory; no display, no browser."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(atomic, "fsync", lambda descriptor: None)  # for speed: nothing loses power here
    monkeypatch.setattr(atomic, "sync_folder", lambda folder: None)
    monkeypatch.chdir(tmp_path)
    folder = Path("results")
    for stamp in (FIRST, SECOND):
        attempts.append_start(folder, "toy", stamp)
        shutil.copytree(BUNDLE, folder / "toy" / stamp)
        seal(folder / "toy" / stamp, folder / attempts.LEDGER, dict(SUMMARY))
    return folder


class Shell:
    """Runs `braggproof` and keeps what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *argv: str) -> tuple[int, str, str]:
        status = main(argv)
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def json(self, *argv: str) -> Any:
        status, out, err = self(*argv, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def braggproof(capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command."""
    return Shell(capsys)


def test_list(results: Path, braggproof: Shell) -> None:
    status, out, _ = braggproof("list")
    lines = out.splitlines()
    assert status == 0
    assert lines[0].split() == "# case stamp status gates correlation sum_ratio took sealed".split()
    assert lines[2].split()[:7] == ["1", "toy", FIRST, "pass", "2/2", "pass", "0.9999999"]
    found = braggproof.json("list", "--case", "toy")["attempts"]
    assert [attempt["stamp"] for attempt in found] == [FIRST, SECOND]
    assert found[0]["metrics"] == {"correlation": 0.9999999}
    assert found[0]["sealed"] is True


def test_show(results: Path, braggproof: Shell) -> None:
    status, out, _ = braggproof("show")
    assert status == 0
    assert out.startswith(f"toy/{SECOND}  pass  sealed\n")
    assert "0.99 to 1.01" in out
    assert "phase_o/py_float64" in out
    found = braggproof.json("show", FIRST, "--case", "toy")
    assert found["path"] == f"results/toy/{FIRST}"
    assert [gate["id"] for gate in found["gates"]["gates"]] == ["VG-0", "VG-5"]


def test_a_phase_run_alone_replaces_no_verdict(results: Path, braggproof: Shell) -> None:
    """A newer bundle without a verdict: `show` and `open` take the newest that has one, `list` names it."""
    alone = "20261121T150000Z"
    attempts.append_start(results, "toy", alone)
    (results / "toy" / alone / "phase_k").mkdir(parents=True)
    attempts.append_end(results, "toy", alone, "incomplete")
    assert braggproof("show")[1].startswith(f"toy/{SECOND}  pass  sealed\n")
    assert braggproof("open")[1] == f"results/toy/{SECOND}/report.html\n"
    assert braggproof("show", "--case", "toy")[1].startswith(f"toy/{SECOND}  pass")
    found = braggproof.json("list")
    assert [attempt["status"] for attempt in found["attempts"]] == ["pass", "pass", "incomplete"]
    assert found["verdicts"] == {"toy": {"status": "pass", "stamp": SECOND}}
    assert braggproof("list")[1].splitlines()[-1].split() == ["toy", "pass", SECOND]


@pytest.mark.parametrize("command", ["show", "open", "list", "diff", "verify", "pin"])
def test_help_explains_stamp_and_case(braggproof: Shell, command: str) -> None:
    text = " ".join(braggproof(command, "--help")[1].split())
    if "--case" in text:
        assert "--case CASE only this case" in text
    if "STAMP]" in text:
        assert "folder" in text


def test_diff(results: Path, braggproof: Shell) -> None:
    assert braggproof("diff", FIRST)[0] == 0
    assert braggproof("pin", "base", "toy", FIRST)[0] == 0
    shutil.copytree(BUNDLE, results / "toy" / "20261121T140000Z")
    gates = json.loads((BUNDLE / "gates.json").read_bytes())
    gates["gates"][0]["status"] = "blocked"
    atomic.write_json(results / "toy" / "20261121T140000Z" / "gates.json", gates)
    status, out, _ = braggproof("diff", "base", "20261121T140000Z")
    assert status == 1
    assert "VG-0  pass    blocked" in out


def test_verify(results: Path, braggproof: Shell) -> None:
    status, out, _ = braggproof("verify")
    assert status == 0
    assert out.startswith("as sealed: 2 sealed bundle(s), 4 ledger lines, the last one ")
    assert LIMITS in out
    head = braggproof.json("verify")["ledger"]["head"]
    assert braggproof("verify", "--anchor", head, "--subset", "1/2")[0] == 0
    assert braggproof("verify", "--anchor", "0" * 64)[0] == KINDS["anchor"][0]
    (results / "toy" / FIRST / "memo.md").unlink()
    status, out, _ = braggproof("verify", FIRST, "--case", "toy")
    assert status == KINDS["missing"][0]
    assert out.startswith(f"missing: toy/{FIRST}/memo.md: sealed, now gone\ndamaged: 1 sealed bundle(s)")
    assert braggproof("verify", SECOND)[0] == 0
    (results / "toy" / SECOND / "new").touch()
    assert braggproof("verify")[0] == SEVERAL


def test_verifying_nothing_is_not_a_pass(tmp_path: Path, braggproof: Shell) -> None:
    assert braggproof("verify", "--results", str(tmp_path))[0] == KINDS["nothing"][0]


def test_pin(results: Path, braggproof: Shell) -> None:
    assert braggproof("pin")[1] == "no pins\n"
    assert braggproof("pin", "base", "toy", FIRST)[0] == 0
    status, _, err = braggproof("pin", "base", "toy", SECOND)
    assert status == 4
    assert err == f"error: pin base: expected --force to move it, got none; it keeps toy/{FIRST}\n"
    assert braggproof("pin", "base", "toy", SECOND, "--force")[0] == 0
    assert braggproof.json("pin")["pins"]["base"]["stamp"] == SECOND


def test_open(results: Path, braggproof: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert braggproof("open")[1] == f"results/toy/{SECOND}/report.html\n"
    other = results / "benchmark" / FIRST
    shutil.copytree(results / "toy" / FIRST, other)
    (other / "benchmark.html").write_text("<p>", encoding="utf-8")
    assert braggproof("open", FIRST, "--case", "benchmark")[1] == f"{other}/benchmark.html\n"
    shutil.rmtree(other.parent)
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda uri: opened.append(uri) or True)
    assert braggproof.json("open", FIRST)["opened"] is True
    assert opened == [(results / "toy" / FIRST / "report.html").resolve().as_uri()]


def test_open_after_a_search_for_a_cause(results: Path, braggproof: Shell) -> None:
    """It has no page but cause.json: opened where it is asked for, else passed over."""
    found = {"case": "a", "flags": 3, "divergence": {"tap": "polar"}, "reason": ""}
    path = CauseBundle(results, "reduce", "one").close(found, "braggproof reduce one a", {})
    assert braggproof("open", "--case", "reduce_one")[1] == f"{path}/cause.json\n"
    assert braggproof("open", path.name)[1] == f"{path}/cause.json\n"
    assert braggproof("open")[1] == f"results/toy/{SECOND}/report.html\n"
    shutil.rmtree(results / "toy")
    assert braggproof("open")[1] == f"{path}/cause.json\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["list", "--results", "nowhere"], "error: --results nowhere: expected a folder, got none"),
        (["list", "--case", "toys"], "error: --case: expected a case with attempts, got 'toys'"),
        (["show", "yesterday"], f"error: stamp: expected one of {FIRST}, {SECOND}, got 'yesterday'"),
        (["show", "--case", "toys"], "error: case: expected one of toy, got 'toys'"),
        (["diff", "base"], f"error: stamp: expected one of {FIRST}, {SECOND}, got 'base'"),
        (["verify", "--subset", "3/2"], "error: --subset: expected n/t with 1 <= n <= t, got '3/2'"),
        (["verify", "--anchor", "xyz"], "error: --anchor: expected 64 hexadecimal digits, got 'xyz'"),
        (["pin", "base", "toy"], "error: pin base: expected CASE STAMP, got 'toy' alone"),
        (["polish"], "error: command line: expected braggproof [-h] COMMAND ..., got this: argument COMMAND"),
        ([], "error: command line: expected braggproof [-h] COMMAND ..., got this: the following arguments"),
    ],
)
def test_mistakes_take_one_line_and_status_2(
    argv: list[str], words: str, results: Path, braggproof: Shell
) -> None:
    status, out, err = braggproof(*argv)
    assert (status, out) == (2, "")
    assert err.startswith(words)
    assert err.count("\n") == 1


def test_a_damaged_document_is_named(results: Path, braggproof: Shell) -> None:
    (results / "toy" / FIRST / "gates.json").write_text("{", encoding="utf-8")
    status, _, err = braggproof("show", FIRST)
    assert status == 2
    assert err.startswith(f"error: results/toy/{FIRST}/gates.json: expected JSON, got ")


def test_help_lists_every_exit_status(braggproof: Shell) -> None:
    status, out, _ = braggproof("verify", "--help")
    assert status == 0
    for kind, (code, _) in KINDS.items():
        assert f"{code:3}  {kind}: " in out
