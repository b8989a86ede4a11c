"""What is said last: the verdicts, in the order they came, and the worst status."""

import os
from pathlib import Path

import pytest

from evidence.errors import InputError
from evidence.jobs import closing, known_targets


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def leave(name: str, status: int, age: int) -> None:
    with closing.last(name) as out:
        print(f"verdict of {name}", file=out)
        out.status = status
    os.utime(closing.CLOSING / f"{name}.json", (1e9 - age, 1e9 - age))


def test_verdicts_are_said_in_order_and_the_log_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    leave("parity_a", 0, age=10)
    leave("parity_b", 1, age=20)
    assert closing.say([".snakemake/log/x.log"]) == 1
    out = capsys.readouterr().out
    assert out == "verdict of parity_b\nverdict of parity_a\nlog:    .snakemake/log/x.log\n"


def test_without_a_verdict_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    leave("verify", 0, age=0)
    closing.clear()
    assert closing.say(["x.log"]) is None
    assert capsys.readouterr().out == ""


def test_a_target_that_broke_leaves_no_words() -> None:
    with pytest.raises(ZeroDivisionError), closing.last("parity_a"):
        raise ZeroDivisionError
    assert closing.say([]) is None


def test_who_forgets_the_status_does_not_pass() -> None:
    with closing.last("parity_a"):
        pass
    assert closing.say([]) == 1


KNOWN = {"parity_": ["cubic", "supervisor"], "phase_": list("klmno"), "roundtrip_": []}


@pytest.mark.parametrize("word", ["parity_cubic", "phase_m", "results/x", "all", "--config", "case=parity_x"])
def test_what_is_there_is_not_refused(word: str) -> None:
    known_targets.refuse_unknown([word], KNOWN)


@pytest.mark.parametrize(("word", "told"), [
    ("parity_nope", "expected one of parity_cubic, parity_supervisor, got 'parity_nope'"),
    ("parity_superviser", "got 'parity_superviser' (is it parity_supervisor?)"),
    ("phase_x", "expected one of phase_k, phase_l, phase_m, phase_n, phase_o, got 'phase_x'"),
    ("roundtrip_x", "none is there"),
])  # fmt: skip
def test_an_unknown_target_lists_those_there_are(word: str, told: str) -> None:
    with pytest.raises(InputError, match="target: ") as caught:
        known_targets.refuse_unknown(["--cores", "1", word], KNOWN)
    assert told in str(caught.value)
