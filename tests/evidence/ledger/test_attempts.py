"""The ledger: chain, attempts, and the end of a file that a crash left."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.errors import SealedError, StoreError
from evidence.ledger import attempts, book, chain

STAMP, LATER = "20261121T120000Z", "20261121T130000Z"
STARTER = """
import sys
from pathlib import Path
from evidence.ledger import attempts
attempts.append_start(Path(sys.argv[1]), "toy", sys.argv[2])
"""


def raw(results: Path) -> list[bytes]:
    """The ledger's lines."""
    return (results / attempts.LEDGER).read_bytes().splitlines(keepends=True)


def test_each_line_holds_the_hash_of_the_one_before(tmp_path: Path) -> None:
    attempts.append_start(tmp_path, "toy", STAMP)
    attempts.append_end(tmp_path, "toy", STAMP, "incomplete")
    attempts.append_start(tmp_path, "toy", LATER)
    lines = raw(tmp_path)
    records = [json.loads(line) for line in lines]
    assert [record["n"] for record in records] == [1, 2, 3]
    assert records[0]["prev"] == "0" * 64
    assert [r["prev"] for r in records[1:]] == [hashlib.sha256(line).hexdigest() for line in lines[:-1]]
    assert attempts.head(tmp_path) == (3, hashlib.sha256(lines[-1]).hexdigest())


def test_start_and_end_make_an_attempt(tmp_path: Path) -> None:
    start = attempts.append_start(tmp_path, "toy", STAMP, engines={"c": "ours"})
    assert [attempt.status for attempt in attempts.attempts(tmp_path)] == ["running"]
    attempts.append_end(tmp_path, "toy", STAMP, "fail", sha256sums="ab", gates={"VG-0": "fail"})
    (attempt,) = attempts.attempts(tmp_path)
    assert (attempt.number, attempt.status, attempt.sealed, attempt.start) == (1, "fail", True, start)
    assert attempt.end
    assert attempt.end["start"] == 1


def test_the_same_process_starts_once(tmp_path: Path) -> None:
    assert attempts.append_start(tmp_path, "toy", STAMP) == attempts.append_start(tmp_path, "toy", STAMP)
    assert len(raw(tmp_path)) == 1


def test_a_start_whose_process_is_gone_reads_as_killed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", STARTER, str(tmp_path), STAMP], check=True)
    assert [attempt.status for attempt in attempts.attempts(tmp_path)] == ["killed"]
    attempts.append_start(tmp_path, "toy", STAMP)
    attempts.append_end(tmp_path, "toy", STAMP, "pass", sha256sums="ab")
    assert [attempt.status for attempt in attempts.attempts(tmp_path)] == ["killed", "pass"]


def test_ends_are_not_doubled_and_a_sealed_one_stands(tmp_path: Path) -> None:
    attempts.append_start(tmp_path, "toy", STAMP)
    first = attempts.append_end(tmp_path, "toy", STAMP, "error")
    assert attempts.append_end(tmp_path, "toy", STAMP, "incomplete") == first
    sealed = attempts.append_end(tmp_path, "toy", STAMP, "pass", sha256sums="ab")
    assert attempts.append_end(tmp_path, "toy", STAMP, "pass", sha256sums="ab") == sealed
    assert attempts.append_end(tmp_path, "toy", STAMP, "error") == sealed
    with pytest.raises(SealedError):
        attempts.append_end(tmp_path, "toy", STAMP, "pass", sha256sums="cd")
    with pytest.raises(SealedError):
        attempts.append_start(tmp_path, "toy", STAMP)
    assert [record["record"] for record in attempts.records(tmp_path)] == ["start", "end", "end"]


def test_numbers_that_are_none_and_fields_of_the_ledger_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected finite numbers"):
        attempts.append_end(tmp_path, "toy", STAMP, "pass", metrics={"correlation": float("nan")})
    with pytest.raises(StoreError, match="expected fields of the caller's own, got \\['prev'\\]"):
        attempts.append_end(tmp_path, "toy", STAMP, "pass", prev="0")
    assert not (tmp_path / attempts.LEDGER).exists()


@pytest.mark.parametrize("tail", [b'{"case":', b"\0\0\0", b"{}", b"\xff\xfe", b"17", b"\n", b"x\ny"])
def test_any_torn_tail_is_kept_and_recorded(tail: bytes, tmp_path: Path) -> None:
    attempts.append_start(tmp_path, "toy", STAMP)
    before = (tmp_path / attempts.LEDGER).read_bytes() + tail
    (tmp_path / attempts.LEDGER).write_bytes(before)
    faults, _ = chain.check(book.read(tmp_path))
    assert faults
    assert all(fault.torn for fault in faults)
    attempts.append_start(tmp_path, "toy", LATER)
    after = (tmp_path / attempts.LEDGER).read_bytes()
    assert after.startswith(before)
    faults, notes = chain.check(book.read(tmp_path))
    assert faults == []
    assert len(notes) == len([line for line in book.read(tmp_path) if line.record is None])
    assert [record["n"] for record in attempts.records(tmp_path)] == [1, 2, 3]


def test_a_line_without_its_end_is_mended(tmp_path: Path) -> None:
    attempts.append_start(tmp_path, "toy", STAMP)
    whole = (tmp_path / attempts.LEDGER).read_bytes()
    (tmp_path / attempts.LEDGER).write_bytes(whole.rstrip(b"\n"))
    attempts.append_start(tmp_path, "toy", LATER)
    assert raw(tmp_path)[0] == whole
    assert chain.check(book.read(tmp_path)) == ([], [])


def test_a_torn_record_must_name_the_very_lines(tmp_path: Path) -> None:
    attempts.append_start(tmp_path, "toy", STAMP)
    with (tmp_path / attempts.LEDGER).open("ab") as file:
        file.write(b'{"torn')
    attempts.append_start(tmp_path, "toy", LATER)
    path = tmp_path / attempts.LEDGER
    path.write_bytes(path.read_bytes().replace(b'{"torn\n', b'{"worn\n'))
    faults, _ = chain.check(book.read(tmp_path))
    assert [fault.position for fault in faults] == [2, 3]
    assert not any(fault.torn for fault in faults)
