"""A new baseline from the newest sealed campaign: with a reason, in the ledger, while the canary barks."""

from dataclasses import dataclass
from pathlib import Path

from evidence.campaigns import baseline, table
from evidence.campaigns.baseline import PREFIX, BaselineError, Flip
from evidence.campaigns.mutants import canary
from evidence.campaigns.suite import load_suite
from evidence.errors import StoreError
from evidence.ledger import book, bundles, verify
from evidence.ledger.bundles import Bundle, NoBundleError
from evidence.ledger.sums import SUMS
from evidence.paths import ROOT
from evidence.records import Record
from evidence.store.hashes import file_hash


@dataclass(frozen=True)
class Rebaselined:
    """What was written, from where, and what it changes."""

    path: Path
    bundle: str
    flips: list[Flip]
    canary: list[Record]


def rebaseline(results: Path, suite: str, reason: str | None, force: bool) -> Rebaselined:
    """Write config/baselines/<suite>.tsv and enter it in the ledger."""
    bundle = newest(results, suite)
    damaged = [found for found in verify.verify(results, bundle.case, bundle.stamp) if found.code]
    if damaged:
        raise StoreError(bundle.name, "a bundle as it was sealed", damaged[0])
    rows = table.read_batches(bundle.path)
    path, known = baseline.path_of(suite), baseline.read(baseline.path_of(suite))
    about = load_suite(suite)
    own = {*about.engines, *about.optional}
    flips = baseline.flips(rows, known or {}, [], whole=True)
    changed = [flip for flip in flips if flip.engine in own and (known is not None or flip.after != "pass")]
    if not reason:
        raise BaselineError(path, "--reason TEXT", "none")
    if changed and known is not None and not force:
        first = changed[0]
        told = f"{first.case} {first.engine}: {first.before} -> {first.after}"
        raise BaselineError(path, "--force", f"{len(changed)} changed verdicts without it, the first {told}")
    barks = canary(ROOT / "simulator")
    silent = [row["name"] for row in barks if row["case"] is None]
    if silent or len(barks) < 3:
        raise BaselineError("canary", "three cases that fail when their rule is undone", f"none for {silent}")
    verdicts = {
        case: {engine: word for engine, word in cells.items() if engine in own}
        for case, cells in baseline.verdicts_of(rows).items()
    }
    before = file_hash(path) if path.is_file() else None
    baseline.write(path, verdicts)
    with book.opened(results) as pages:
        pages.append(
            "baseline",
            {
                "suite": suite,
                "case": bundle.case,
                "stamp": bundle.stamp,
                "bundle_sha256sums": file_hash(bundle.path / SUMS),
                "sha256": file_hash(path),
                "previous": before,
                "reason": reason,
                "forced": force,
                "changed": len(changed),
                "canary": [row["case"] for row in barks],
            },
        )
    return Rebaselined(path, bundle.name, changed, barks)


def newest(results: Path, suite: str, case: str | None = None) -> Bundle:
    """The newest sealed campaign of the whole suite; with a case the newest one that holds it."""
    for bundle in bundles.newest_first(results, PREFIX + suite):
        staged = bundle.load("inputs/cases.json") if bundle.sealed else None
        held = [each["name"] for each in staged["cases"]] if staged else []
        if staged and (case in held if case else staged["selection"] is None):
            return bundle
    kind = f"a sealed campaign that holds {case}" if case else "a sealed campaign of the whole suite"
    raise NoBundleError(results / (PREFIX + suite), kind, "none")
