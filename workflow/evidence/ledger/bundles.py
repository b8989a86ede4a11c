"""Find bundles: the folders results/<case>/<stamp>."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger import attempts, documents, sums
from evidence.records import FrozenRecord, Record
from evidence.store import atomic

BENCHMARK = "benchmark"  # stands where a case's name does
CAUSE = "cause.json"  # what a search for a cause leaves to read: it has no page
_STAMP = re.compile(r"\d{8}T\d{6}Z")


class NoBundleError(StoreError):
    """None there, which is not the same as a damaged one."""


@dataclass(frozen=True, order=True)
class Bundle:
    """A bundle's folder; `case` and `stamp` are the names of the last two folders of its path."""

    case: str
    stamp: str
    path: Path

    @property
    def name(self) -> str:
        """case/stamp"""
        return f"{self.case}/{self.stamp}"

    @property
    def sealed(self) -> bool:
        """Whether SEALED is there; says nothing about what is in it."""
        return (self.path / atomic.SEALED).exists()

    @property
    def has_page(self) -> bool:
        """Whether there is a page for a browser."""
        return (self.path / page_name(self.case)).is_file()

    @property
    def to_read(self) -> Path:
        """The file that a reader opens, which may not be there."""
        cause = self.path / CAUSE
        return cause if cause.is_file() else self.path / page_name(self.case)

    def load(self, name: str, shape: FrozenRecord | None = None) -> Record:
        """A JSON document of the bundle, e.g. "gates.json", as `documents.read` reads it."""
        return documents.read(self.path / name, shape)


def page_name(case: str) -> str:
    """The file in a bundle of this case that a reader opens."""
    return "benchmark.html" if case == BENCHMARK else "report.html"


def at(path: Path) -> Bundle:
    """The bundle of a folder."""
    full = path.absolute()
    return Bundle(full.parent.name, full.name, path)


def discover(results: Path, case: str | None = None) -> list[Bundle]:
    """All bundles by case and stamp: folders named by a stamp, or holding SEALED or SHA256SUMS."""
    found = []
    for folder in results.glob(f"{case or '*'}/*"):
        marked = any((folder / name).exists() for name in (atomic.SEALED, sums.SUMS))
        if folder.is_dir() and (marked or _STAMP.fullmatch(folder.name)):
            found.append(Bundle(folder.parent.name, folder.name, folder))
    return sorted(found)


def newest_first(results: Path, case: str | None = None) -> Iterator[Bundle]:
    """The bundles of all attempts (of `case`); by the ledger's order, which no clock can turn."""
    for attempt in reversed(attempts.attempts(results)):
        bundle = Bundle(attempt.case, attempt.stamp, results / attempt.case / attempt.stamp)
        if (case in (None, attempt.case)) and bundle.path.is_dir():
            yield bundle


def newest(results: Path, case: str | None = None, sealed: bool = False) -> Bundle:
    """The bundle of the newest attempt (of `case`)."""
    for bundle in newest_first(results, case):
        if bundle.sealed or not sealed:
            return bundle
    kind = "a sealed bundle" if sealed else "a bundle"
    raise NoBundleError(results / case if case else results, kind, "none")


def resolve(results: Path, case: str | None = None, stamp: str | None = None) -> Bundle:
    """The bundle that a user names by case and stamp; without a stamp the newest one with a verdict.

    Only a sealed bundle has one; where there is none, the newest that was begun.
    """
    if not results.is_dir():
        raise StoreError(f"--results {results}", "a folder", "none")
    if case is not None:
        _among("case", case, sorted({bundle.case for bundle in discover(results)}))
    if stamp is None:
        with contextlib.suppress(NoBundleError):
            return newest(results, case, sealed=True)
        return newest(results, case)
    known = discover(results, case)
    _among("stamp", stamp, sorted({bundle.stamp for bundle in known}))
    matches = [bundle for bundle in known if bundle.stamp == stamp]
    if len(matches) > 1:
        cases = ", ".join(bundle.case for bundle in matches)
        raise StoreError(f"stamp {stamp}", "--case with it", f"a stamp of {cases}")
    return matches[0]


def _among(what: str, value: str, known: list[str]) -> None:
    if value not in known:
        allowed = ", ".join(known[-8:]) or "none there"
        raise StoreError(what, f"one of {allowed}", f"'{value}'")
