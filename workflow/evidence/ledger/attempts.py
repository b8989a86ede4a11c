"""What was attempted and how it ended: a start record, and the end record that answers it.

A start without an end, whose process is gone, reads as "killed".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evidence.errors import SealedError, StoreError
from evidence.ledger import book
from evidence.ledger.book import Book, head, records
from evidence.paths import LEDGER
from evidence.records import Record
from evidence.store import process

__all__ = [
    "LEDGER",
    "Attempt",
    "BusyError",
    "append_end",
    "append_start",
    "attempts",
    "head",
    "holder",
    "records",
]

VERDICTS = ("pass", "fail", "blocked", "incomplete", "error")  # incomplete, error: ended without a seal


class BusyError(StoreError):
    """Another living process is making this bundle."""


@dataclass(frozen=True)
class Attempt:
    """One attempt; `status` is the verdict, or running, killed, or unknown (started on another host)."""

    number: int  # counts attempts from 1
    case: str
    stamp: str
    status: str
    start: Record | None
    end: Record | None

    @property
    def sealed(self) -> bool:
        """Whether the attempt ended in a sealed bundle."""
        return bool(self.end and self.end.get("sha256sums"))


def append_start(results: Path, case: str, stamp: str, *, pid: int | None = None, **fields: object) -> Record:
    """Record that process `pid` (default: this one) makes a bundle.

    BusyError when another process that may be alive makes it; SealedError when it is sealed. The same
    process asking again gets its first record.
    """
    who = process.identity(pid)
    with book.opened(results) as pages:
        for attempt in _of(pages.records, case, stamp):
            if attempt.sealed:
                raise SealedError(f"{case}/{stamp}", "an open bundle", "one that is sealed")
            if attempt.start and not attempt.end:
                if process.same(attempt.start, who):
                    return attempt.start
                _refuse_busy(attempt)
        return pages.append("start", {"case": case, "stamp": stamp, **fields}, who)


def _refuse_busy(attempt: Attempt) -> None:
    if attempt.status != "killed" and attempt.start:
        at = f"process {attempt.start['pid']} on {attempt.start['host']}"
        raise BusyError(f"{attempt.case}/{attempt.stamp}", "nobody at work on it", at)


def append_end(
    results: Path, case: str, stamp: str, verdict: str, *, sha256sums: str | None = None, **fields: object
) -> Record:
    """Record how the newest attempt on a bundle ended (`sha256sums`: sealed); asked again, add nothing."""
    if verdict not in VERDICTS:
        allowed = ", ".join(VERDICTS)
        raise StoreError(f"{case}/{stamp} verdict", f"one of {allowed}", f"'{verdict}'")
    with book.opened(results) as pages:
        return _end(pages, case, stamp, {"verdict": verdict, "sha256sums": sha256sums, **fields})


def _end(pages: Book, case: str, stamp: str, fields: Record) -> Record:
    known = _of(pages.records, case, stamp)
    for attempt in known:
        if attempt.end and attempt.sealed:
            if fields["sha256sums"] not in (None, attempt.end["sha256sums"]):
                raise SealedError(f"{case}/{stamp}", "the files that were sealed", "others")
            return attempt.end
    last = known[-1] if known else None
    if last and last.end and fields["sha256sums"] is None:
        return last.end
    start = last.start["n"] if last and last.start and not last.end else None
    return pages.append("end", {"case": case, "stamp": stamp, "start": start, **fields})


def attempts(results: Path) -> list[Attempt]:
    """All attempts, in the order of their first record."""
    return _pair(records(results))


def holder(results: Path, case: str, stamp: str) -> Attempt | None:
    """The attempt that is, or may be, at work on a bundle now."""
    found = [one for one in _of(records(results), case, stamp) if one.status in ("running", "unknown")]
    return found[-1] if found else None


def _of(found: list[Record], case: str, stamp: str) -> list[Attempt]:
    return [one for one in _pair(found) if (one.case, one.stamp) == (case, stamp)]


def _pair(found: list[Record]) -> list[Attempt]:
    ends = {record["start"]: record for record in found if record["record"] == "end" and record.get("start")}
    paired: list[Attempt] = []
    for record in found:
        if record["record"] == "start":
            end = ends.get(record["n"])
            status = str(end["verdict"]) if end else _status(record)
            paired.append(Attempt(len(paired) + 1, record["case"], record["stamp"], status, record, end))
        elif record["record"] == "end" and not record.get("start"):
            paired.append(
                Attempt(len(paired) + 1, record["case"], record["stamp"], record["verdict"], None, record)
            )
    return paired


def _status(start: Record) -> Literal["running", "killed", "unknown"]:
    alive = process.alive(start)
    return "unknown" if alive is None else "running" if alive else "killed"
