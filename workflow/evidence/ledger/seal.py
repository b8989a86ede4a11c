"""Seal a bundle: SHA256SUMS, then SEALED, then the ledger's end line.

A kill between the steps leaves a state that `seal`, called again, completes. SEALED holds no time of day, so
that completing gives the same bytes. Once the ledger knows the hash, other files under the same stamp
are refused.
"""

import json
from pathlib import Path

from evidence.errors import SealedError, StoreError
from evidence.ledger import sums
from evidence.ledger.attempts import append_end, attempts
from evidence.ledger.sums import SUMS, Measured
from evidence.records import Record
from evidence.store import atomic
from evidence.store.hashes import bytes_hash, file_hash
from evidence.store.sweep import sweep


def seal(bundle: Path, ledger: Path, summary: Record) -> Record:
    """Close `bundle` (results/<case>/<stamp>) for good and return its end record.

    `summary` goes into the ledger: "verdict" (required), and as a rule "gates", "metrics", "engines".
    Call it after everything else, logs included, has been written.
    """
    if "verdict" not in summary:
        raise StoreError(bundle, "a summary with a verdict", sorted(summary))
    if not bundle.is_dir() or bundle.is_symlink():
        raise StoreError(bundle, "a folder", "none")
    with atomic.locked(bundle.parent / f".{bundle.name}.lock"):
        if not (bundle / atomic.SEALED).exists():
            _close(bundle, ledger.parent)
        else:  # a kill may have come before its name was on the disk
            atomic.sync_folder(bundle)
        listed, closed = digests(bundle)
        return append_end(
            ledger.parent,
            bundle.parent.name,
            bundle.name,
            sha256sums=listed,
            sealed_sha256=closed,
            **_fields(summary),
        )


def _fields(summary: Record) -> Record:
    """The summary without what the folder's name says already."""
    return {key: value for key, value in summary.items() if key not in ("schema", "case", "stamp")}


def digests(bundle: Path) -> tuple[str, str]:
    """SHA-256 of SHA256SUMS and of SEALED, which must agree."""
    listed = file_hash(bundle / SUMS)
    closed = (bundle / atomic.SEALED).read_bytes()
    if read_seal(closed).get("sha256sums") != listed:
        raise StoreError(bundle, f"SEALED to hold the hash of {SUMS}", "another")
    return listed, bytes_hash(closed)


def read_seal(data: bytes) -> Record:
    """The content of SEALED; empty when it is none."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _close(bundle: Path, results: Path) -> None:
    if busy := sweep(bundle):
        raise StoreError(bundle, "nobody at work on it", f"the temporary file {busy[0].name}")
    measured = _measure(bundle)
    listed = sums.format_sums(measured)
    digest = bytes_hash(listed)
    _refuse_changed(results, bundle, digest)
    path = bundle / SUMS
    if not path.is_file() or path.read_bytes() != listed:
        atomic.write_bytes(path, listed)
    sizes = {name: found.size for name, found in measured.items()}
    content = seal_content(bundle.parent.name, bundle.name, digest, sizes)
    atomic.write_json(bundle / atomic.SEALED, content)


def _measure(bundle: Path) -> dict[str, Measured]:
    """Hash all files and bring them, and the folders' names, to the disk: engines write with no such care."""
    found = sums.entries(bundle)
    if found.others:
        raise StoreError(bundle / found.others[0], "a regular file", "a link or special file")
    if not found.files:
        raise StoreError(bundle, "at least one file", "none")
    sums.refuse_names(found.files)
    measured = {name: sums.measure(bundle / name, to_disk=True) for name in found.files}
    for folder in sorted({(bundle / name).parent for name in found.files}):
        atomic.sync_folder(folder)
    return measured


def seal_content(case: str, stamp: str, digest: str, sizes: dict[str, int]) -> Record:
    """SEALED: case, stamp, hash of SHA256SUMS, and sizes, which tell a cut file from a flipped bit."""
    return {"kind": "seal", "schema": 1, "case": case, "stamp": stamp, "sha256sums": digest, "bytes": sizes}


def _refuse_changed(results: Path, bundle: Path, digest: str) -> None:
    for attempt in attempts(results):
        here = (attempt.case, attempt.stamp) == (bundle.parent.name, bundle.name)
        if here and attempt.sealed and attempt.end and attempt.end["sha256sums"] != digest:
            raise SealedError(bundle, "the files that were sealed", "others")
