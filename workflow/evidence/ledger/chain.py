"""The ledger's hash chain: each line holds its number, its own hash and the hash of the line before.

"self"  sha256 of the record without "self" (canonical JSON): a damaged line shows by itself
"prev"  sha256 of the bytes of the line before, line end included (`sed -n 3p ledger.jsonl | sha256sum`);
        64 zeros in the first line: a rewritten, removed or moved line shows in the line after it
"torn"  in a record of kind "torn": the hashes of the unreadable lines just before it, left by a crash
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.records import Record
from evidence.store.hashes import bytes_hash

START = "0" * 64
# Text that a record of a kind must hold to be read as one.
NEEDED = {
    "start": ("case", "stamp", "host", "boot_id"),
    "end": ("case", "stamp", "verdict"),
    "pin": ("name", "case", "stamp", "sha256sums"),
}


@dataclass(frozen=True)
class Line:
    """One line: position from 1, bytes with line end, record (None: unreadable), whether it was ended."""

    position: int
    raw: bytes
    record: Record | None
    ended: bool

    @property
    def digest(self) -> str:
        """What the next line must hold as "prev"."""
        return bytes_hash(self.raw)


@dataclass(frozen=True)
class Fault:
    """A line that breaks the chain. `torn`: unreadable end, as left by a crash; the next append tells."""

    position: int
    message: str
    torn: bool = False


def encode(record: Record) -> bytes:
    """Canonical bytes of a record, with its "self" hash and the line end."""
    bare = {key: value for key, value in record.items() if key != "self"}
    own = bytes_hash(_canonical(bare))
    return _canonical({**bare, "self": own}) + b"\n"


def _canonical(record: Record) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def split(data: bytes) -> list[Line]:
    """The lines of a ledger; a last line without line end gets one here and `ended=False`."""
    parts = data.split(b"\n")
    ended = parts.pop() if parts[-1] == b"" else None
    total = len(parts)
    return [
        Line(number, part + b"\n", _record(part), ended is not None or number < total)
        for number, part in enumerate(parts, start=1)
    ]


def _record(part: bytes) -> Record | None:
    try:
        found = json.loads(part)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("n"), int):
        return None
    needed = ("record", "time", *NEEDED.get(str(found.get("record")), ()))
    return found if all(isinstance(found.get(name), str) for name in needed) else None


def bad_tail(lines: Sequence[Line]) -> list[Line]:
    """The unreadable lines at the end, which the next record must name."""
    count = 0
    while count < len(lines) and lines[-1 - count].record is None:
        count += 1
    return list(lines[len(lines) - count :])


def check(lines: Sequence[Line]) -> tuple[list[Fault], list[str]]:
    """Faults of the chain and, apart, notes about tears that the chain itself records."""
    faults: list[Fault] = []
    notes: list[str] = []
    number, previous, pending = 0, START, list[Line]()
    for line in lines:
        if line.record is None:
            pending.append(line)
            previous = line.digest
            continue
        if pending:
            _settle(pending, line.record, faults, notes)
            pending = []
        message = _break(line, number, previous)
        if message:
            faults.append(Fault(line.position, message))
        number, previous = line.record["n"], line.digest
    faults += [Fault(line.position, "unreadable, as a crash or an edit leaves it", True) for line in pending]
    if lines and lines[-1].record is not None and not lines[-1].ended:
        faults.append(Fault(lines[-1].position, "whole, but its line end is missing", torn=True))
    return faults, notes


def _settle(pending: list[Line], record: Record, faults: list[Fault], notes: list[str]) -> None:
    if record["record"] == "torn" and record.get("torn") == [line.digest for line in pending]:
        notes += [
            f"line {line.position} was torn by a crash, as record {record['n']} says" for line in pending
        ]
    else:
        faults += [Fault(line.position, "unreadable") for line in pending]


def _break(line: Line, number: int, previous: str) -> str | None:
    """What is wrong with a readable line that follows record `number` and a line with hash `previous`."""
    record = line.record or {}
    if encode(record) != line.raw:
        return "altered: it does not have the hash that it holds of itself"
    if record["n"] != number + 1:
        return f"expected record {number + 1}, got {record['n']}: lines were removed, added or moved"
    if record.get("prev") != previous:
        return "does not hold the hash of the line before: that line was altered, or lines were replaced"
    return None
