"""results/ledger.jsonl as a file: one line a record, only ever appended to, under a lock.

Order and numbers come from the file, never from the clock. A line torn by a crash stays where it is; the
next append names it in a record of its own.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger import chain
from evidence.ledger.chain import Line
from evidence.paths import LEDGER
from evidence.records import Record
from evidence.store import atomic, process

LOCK = ".ledger.lock"
OWN = frozenset({"n", "record", "time", "prev", "self", "torn", *process.identity()})


def now() -> datetime:
    """The clock of the ledger."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """2026-11-21T21:40:00.123Z"""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(results: Path) -> list[Line]:
    """All lines, readable or not; none when there is no ledger yet."""
    try:
        return chain.split((results / LEDGER).read_bytes())
    except FileNotFoundError:
        return []


def records(results: Path) -> list[Record]:
    """The readable records, in order."""
    return [line.record for line in read(results) if line.record is not None]


@dataclass
class Book:
    """The ledger while its lock is held."""

    path: Path
    lines: list[Line]

    @property
    def records(self) -> list[Record]:
        """The readable records, in order."""
        return [line.record for line in self.lines if line.record is not None]

    def append(self, kind: str, fields: Mapping[str, object], who: process.Identity | None = None) -> Record:
        """Add one record and bring it to the disk; what a crash tore before is recorded first."""
        if clash := OWN & fields.keys():
            raise StoreError(self.path, "fields of the caller's own", sorted(clash))
        torn = chain.bad_tail(self.lines)
        lines = [self._line(record) for record in ([_torn(torn)] if torn else [])]
        mend = b"" if not self.lines or self.lines[-1].ended else b"\n"
        self.lines += lines
        try:
            last = self._line({"record": kind, **fields, **(who or process.identity())})
        except ValueError as error:
            raise StoreError(self.path, "finite numbers", error) from error
        self.lines.append(last)
        self._write(mend + b"".join(line.raw for line in [*lines, last]))
        assert last.record is not None
        return last.record

    def _line(self, fields: Record) -> Line:
        """The next line, numbered and chained to the last one."""
        number = self.records[-1]["n"] + 1 if self.records else 1
        previous = self.lines[-1].digest if self.lines else chain.START
        record = {**fields, "n": number, "prev": previous, "time": iso(now())}
        return chain.split(chain.encode(_with_clock(record, self.records)))[0]

    def _write(self, data: bytes) -> None:
        fresh = not self.path.exists()
        descriptor = atomic.create(self.path, append=True)
        size = os.fstat(descriptor).st_size
        try:
            atomic.write(descriptor, data)
            atomic.fsync(descriptor)
        except BaseException:
            with suppress(OSError):  # disk full: take back the half line; we hold the lock
                os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)
        if fresh:
            atomic.sync_folder(self.path.parent)


def _torn(lines: list[Line]) -> Record:
    size = sum(len(line.raw) for line in lines)
    return {"record": "torn", "torn": [line.digest for line in lines], "bytes": size, **process.identity()}


def _with_clock(record: Record, before: list[Record]) -> Record:
    """Say so when the clock stands before the last record's time."""
    if not before or str(before[-1]["time"]) <= record["time"]:
        return record
    try:
        late = datetime.fromisoformat(before[-1]["time"]) - datetime.fromisoformat(record["time"])
    except (TypeError, ValueError):  # an edited line: verification names it, appending goes on
        return record
    return {**record, "clock_behind_s": late.total_seconds()}


@contextmanager
def opened(results: Path) -> Iterator[Book]:
    """Hold the ledger's lock: read, decide and append as one step."""
    atomic.make_folder(results)
    with atomic.locked(results / LOCK):
        yield Book(results / LEDGER, read(results))


def head(results: Path) -> tuple[int, str]:
    """Number and hash of the last line: kept elsewhere (mail, report, commit), it anchors all before it."""
    lines = read(results)
    return (len(lines), lines[-1].digest) if lines else (0, chain.START)
