"""Several processes at once on one ledger and on one bundle, and a clock that goes backwards."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.ledger import attempts, book, chain
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic, process

HERE = Path(__file__).parent
BUNDLE = HERE.parent / "data" / "bundle"
CASE, STAMP = "toy", "20261121T120000Z"


@contextmanager
def contenders(what: str, results: Path, number: int, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that begin together and stay until the block ends."""
    go = results.parent / "go"
    command = [sys.executable, str(HERE / "contender.py"), what, str(results), str(count), str(go)]
    with ExitStack() as stack:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        children = [stack.enter_context(subprocess.Popen(command, **pipes)) for _ in range(number)]
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        go.touch()
        yield children


def line(child: subprocess.Popen[str]) -> str:
    """Next line that a contender prints."""
    assert child.stdout
    return child.stdout.readline().strip()


def finish(children: list[subprocess.Popen[str]]) -> list[int]:
    """Let them end; their exit codes."""
    for child in children:
        child.communicate(timeout=60)
    return [child.returncode for child in children]


def test_appends_of_many_processes_are_all_there(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with contenders("append", results, 4, 25) as children:
        assert finish(children) == [0, 0, 0, 0]
        wanted = {f"{child.pid}-{number}" for child in children for number in range(25)}
    lines = book.read(results)
    assert chain.check(lines) == ([], [])
    assert [record["n"] for record in attempts.records(results)] == list(range(1, 101))
    assert {record["case"] for record in attempts.records(results)} == wanted


def test_two_invocations_on_one_case_one_wins(tmp_path: Path) -> None:
    results = tmp_path / "results"
    with contenders("start", results, 2, 1) as children:
        said = sorted(line(child) for child in children)
        assert said[0] == "1"
        assert said[1].startswith("error: toy/20261121T120000Z: expected nobody at work on it, got process ")
        held = attempts.holder(results, CASE, STAMP)
        assert held
        assert held.status == "running"
        assert sorted(finish(children)) == [0, 5]
    # The winner is gone without an end record: the next one takes over, with no lock to clear.
    assert attempts.holder(results, CASE, STAMP) is None
    assert [attempt.status for attempt in attempts.attempts(results)] == ["killed"]
    assert attempts.append_start(results, CASE, STAMP)["n"] == 2


def test_two_seals_at_once_write_one_end(tmp_path: Path) -> None:
    results = tmp_path / "results"
    shutil.copytree(BUNDLE, results / CASE / STAMP)
    with contenders("seal", results, 3, 1) as children:
        assert [line(child) for child in children] == ["1", "1", "1"]
        assert finish(children) == [0, 0, 0]
    assert [record["record"] for record in attempts.records(results)] == ["end"]
    assert verify(results) == []


def test_a_living_process_on_another_host_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(process, "host", lambda: "elsewhere")
        attempts.append_start(tmp_path, CASE, STAMP)
    assert [attempt.status for attempt in attempts.attempts(tmp_path)] == ["unknown"]
    with pytest.raises(attempts.BusyError, match="on elsewhere"):
        attempts.append_start(tmp_path, CASE, STAMP)


def test_a_reused_process_number_is_not_the_process(tmp_path: Path) -> None:
    mine = process.identity()
    assert process.alive(mine) is True
    assert process.alive({**mine, "pid_started": mine["pid_started"] - 1}) is False
    assert process.alive({**mine, "boot_id": "an earlier boot"}) is False


def test_a_clock_that_goes_backwards_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for hour in range(4):
        monkeypatch.setattr(book, "now", lambda late=hour: moment - timedelta(hours=late))
        attempts.append_start(tmp_path, f"case{hour}", STAMP)
    assert [record["n"] for record in attempts.records(tmp_path)] == [1, 2, 3, 4]
    assert [attempt.case for attempt in attempts.attempts(tmp_path)] == ["case0", "case1", "case2", "case3"]
    assert [record.get("clock_behind_s") for record in attempts.records(tmp_path)] == [
        None,
        3600.0,
        3600.0,
        3600.0,
    ]
    kinds = [finding.kind for finding in verify(tmp_path)]
    assert kinds == ["clock", "clock", "clock", "nothing"]


def test_a_reader_during_appends_never_sees_a_broken_chain(tmp_path: Path) -> None:
    results = tmp_path / "results"
    atomic.make_folder(results)
    command = [sys.executable, "-c", _WRITER, str(results)]
    with subprocess.Popen(command) as writer:
        looks = 0
        while writer.poll() is None:
            assert {finding.kind for finding in verify(results)} <= {"nothing"}
            looks += 1
    assert writer.returncode == 0
    assert looks > 3
    assert len(book.read(results)) == 60


def test_a_reader_during_sealing_waits_for_the_ledger_line(tmp_path: Path) -> None:
    results = tmp_path / "results"
    bundle = results / CASE / STAMP
    shutil.copytree(BUNDLE, bundle)
    book_lock = results / book.LOCK
    with ThreadPoolExecutor() as pool:
        with atomic.locked(book_lock):  # holds the sealer between SEALED and its ledger line
            sealing = pool.submit(seal, bundle, results / attempts.LEDGER, {"verdict": "pass"})
            while not (bundle / atomic.SEALED).exists():
                time.sleep(0.001)
            looking = pool.submit(verify, results)
            time.sleep(0.05)
            assert not looking.done()
        assert looking.result(timeout=20) == []
        assert sealing.result(timeout=20)["record"] == "end"


_WRITER = """
import sys
from pathlib import Path
from evidence.ledger import attempts
for number in range(60):
    attempts.append_start(Path(sys.argv[1]), f"case{number}", "20261121T120000Z", word="w" * 5000)
"""
