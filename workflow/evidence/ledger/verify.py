"""Read every byte of the sealed bundles and of the ledger, and name what is not as it was sealed.

Times and modes of files are never trusted: only the bytes count. `subset` (n, t) reads the n-th of t parts of
the files' bytes; names, SHA256SUMS, SEALED and the ledger are always checked whole.
"""

from pathlib import Path

from evidence.ledger import book, bundles, chain, sealcheck
from evidence.ledger.bundles import Bundle
from evidence.ledger.chain import Line
from evidence.ledger.filecheck import Subset, check_files
from evidence.ledger.findings import Finding
from evidence.ledger.pins import check_pins
from evidence.paths import LEDGER
from evidence.records import Record
from evidence.store import atomic

Ends = dict[tuple[str, str], Record]
CUT = frozenset({"half-sealed", "unlisted"})


def verify(
    results: Path,
    case: str | None = None,
    stamp: str | None = None,
    *,
    subset: Subset | None = None,
    anchor: str | None = None,
) -> list[Finding]:
    """Findings about the sealed bundles (of `case`, of `stamp`) and the ledger; notes included."""
    lines = _settled_lines(results)
    findings, trusted = _check_ledger(lines)
    ends = _ends(trusted)
    whole = not any(finding.code for finding in findings)
    chosen = [one for one in bundles.discover(results, case) if stamp in (None, one.stamp)]
    for bundle in chosen:
        found = _check_bundle(bundle, ends, whole, subset)
        findings += _again(results, bundle, subset, found) if any(f.kind in CUT for f in found) else found
    if case is None and stamp is None:
        findings += check_pins(results, trusted) if whole else []
    findings += _lost(ends, chosen, case, stamp)
    if anchor is not None and anchor not in {line.digest for line in lines}:
        findings.append(Finding("anchor", LEDGER, f"no line has the hash {anchor}"))
    if not any(bundle.sealed for bundle in chosen) and not any(finding.code for finding in findings):
        findings.append(Finding("nothing", "/".join(filter(None, [case, stamp])) or ".", "no sealed bundle"))
    return findings


def _settled_lines(results: Path) -> list[Line]:
    """The ledger; if its end looks torn, read again under the lock: somebody may be writing just now."""
    lines = book.read(results)
    if any(fault.torn for fault in chain.check(lines)[0]):
        try:
            with atomic.locked(results / book.LOCK):
                return book.read(results)
        except OSError:  # results on a read-only disk: nobody is writing
            return lines
    return lines


def _check_ledger(lines: list[Line]) -> tuple[list[Finding], list[Record]]:
    """Findings, and the records of the lines that are not in doubt."""
    faults, notes = chain.check(lines)
    findings = [
        Finding("torn" if fault.torn else "ledger", LEDGER, f"line {fault.position}: {fault.message}")
        for fault in faults
    ]
    findings += [Finding("tear", LEDGER, note) for note in notes]
    doubted = {fault.position for fault in faults if not fault.torn}
    records = [line.record for line in lines if line.record is not None and line.position not in doubted]
    findings += [
        Finding("clock", LEDGER, f"record {record['n']}: {record['clock_behind_s']} s behind the one before")
        for record in records
        if "clock_behind_s" in record
    ]
    return findings, records


def _ends(records: list[Record]) -> Ends:
    """Case and stamp -> the record that ended it with a seal."""
    return {(r["case"], r["stamp"]): r for r in records if r["record"] == "end" and r.get("sha256sums")}


def _again(results: Path, bundle: Bundle, subset: Subset | None, found: list[Finding]) -> list[Finding]:
    """A bundle between two steps of its sealing: wait for the sealer, if one is at work, and look again."""
    lock = results / bundle.case / f".{bundle.stamp}.lock"
    if not lock.exists():
        return found
    try:
        with atomic.locked(lock):
            faults, trusted = _check_ledger(book.read(results))
            return _check_bundle(bundle, _ends(trusted), not any(f.code for f in faults), subset)
    except OSError:
        return found


def _check_bundle(bundle: Bundle, ends: Ends, whole: bool, subset: Subset | None) -> list[Finding]:
    try:
        sealed = sealcheck.check_seal(bundle, ends.get((bundle.case, bundle.stamp)), whole)
        if not sealed.listed:
            return sealed.findings
        found = check_files(bundle, sealed.listed, sealed.sizes, subset)
    except OSError as error:
        where = f"{bundle.name}/{Path(error.filename or '').name}"
        return [Finding("unreadable", where, error.strerror or str(error))]
    return sealed.findings + found


def _lost(ends: Ends, chosen: list[Bundle], case: str | None, stamp: str | None) -> list[Finding]:
    """Bundles that the ledger knows as sealed and that no folder holds."""
    here = {(bundle.case, bundle.stamp) for bundle in chosen}
    moved = {sealcheck.sealed_as(bundle) for bundle in chosen}
    return [
        Finding("lost", f"{key[0]}/{key[1]}", f"sealed by ledger record {end['n']}, now gone")
        for key, end in ends.items()
        if case in (None, key[0]) and stamp in (None, key[1]) and key not in here | moved
    ]
