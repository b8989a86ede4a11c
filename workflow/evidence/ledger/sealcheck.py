"""Check a bundle's SHA256SUMS and SEALED against each other and against the ledger's end record."""

from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import StoreError
from evidence.ledger import sums
from evidence.ledger.bundles import Bundle
from evidence.ledger.findings import Finding
from evidence.ledger.seal import read_seal, seal_content
from evidence.ledger.sums import SUMS
from evidence.records import Record
from evidence.store.atomic import SEALED, encode_json
from evidence.store.hashes import bytes_hash


@dataclass
class Sealed:
    """The sealed hashes and sizes by path, as far as they can be trusted, and what was found."""

    findings: list[Finding] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def check_seal(bundle: Bundle, end: Record | None, ledger_whole: bool) -> Sealed:
    """Judge SHA256SUMS and SEALED; if they disagree, the ledger, else the files, tell which is wrong."""
    if bundle.path.is_symlink():
        return Sealed([_finding(bundle, "link", "", "the bundle is a link")])
    listed, closed = _read(bundle, SUMS), _read(bundle, SEALED)
    if listed is None or closed is None:
        return _incomplete(bundle, listed, closed, end)
    digest = bytes_hash(listed)
    content = read_seal(closed)
    if (message := _malformed(listed)) is not None:
        return Sealed([_finding(bundle, "sums", SUMS, message)])
    names = sums.parse_sums(listed)
    if content.get("sha256sums") != digest:
        wrong = _which(bundle, names, digest, content, end)
        if wrong == "sums":
            return Sealed([_finding(bundle, "sums", SUMS, _edited(bundle, names))])
        return Sealed([_finding(bundle, "seal", SEALED, f"does not hold the hash of {SUMS}")], names)
    return Sealed(_against_ledger(bundle, digest, closed, end, ledger_whole), names, _sizes(content))


def sealed_as(bundle: Bundle) -> tuple[str, str]:
    """Case and stamp that SEALED names."""
    content = read_seal(_read(bundle, SEALED) or b"")
    return str(content.get("case")), str(content.get("stamp"))


def _read(bundle: Bundle, name: str) -> bytes | None:
    path = bundle.path / name
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _incomplete(bundle: Bundle, listed: bytes | None, closed: bytes | None, end: Record | None) -> Sealed:
    if closed is not None or (end is not None and listed is None):
        return Sealed([_finding(bundle, "sums", SUMS, "sealed bundle without it")])
    if end is not None:
        return Sealed(
            [_finding(bundle, "seal", SEALED, "the ledger knows the bundle as sealed, but it is gone")]
        )
    if listed is not None:
        return Sealed(
            [_finding(bundle, "half-sealed", SUMS, f"without {SEALED}: sealing was cut short; seal again")]
        )
    return Sealed([_finding(bundle, "unsealed", "", "not sealed, so not verified")])


def _malformed(listed: bytes) -> str | None:
    try:
        sums.parse_sums(listed)
    except StoreError as error:
        return str(error)
    return None


def _which(bundle: Bundle, names: dict[str, str], digest: str, content: Record, end: Record | None) -> str:
    """ "sums" or "seal": which of the two was edited, when they disagree."""
    if end is not None and digest == end["sha256sums"]:
        return "seal"
    if end is not None and content.get("sha256sums") == end["sha256sums"]:
        return "sums"
    return "sums" if _wrong_lines(bundle, names) else "seal"


def _wrong_lines(bundle: Bundle, names: dict[str, str]) -> list[str]:
    paths = {name: bundle.path / name for name in names}
    return [n for n, path in paths.items() if not path.is_file() or sums.measure(path).sha256 != names[n]]


def _edited(bundle: Bundle, names: dict[str, str]) -> str:
    wrong = _wrong_lines(bundle, names)
    where = (
        f"; not as the files are: {', '.join(wrong[:5])}"
        if wrong
        else "; it agrees with the files as they are"
    )
    return f"does not have the hash that {SEALED} holds{where}"


def _against_ledger(
    bundle: Bundle, digest: str, closed: bytes, end: Record | None, whole: bool
) -> list[Finding]:
    here = (bundle.case, bundle.stamp)
    known = end is not None and digest == end["sha256sums"]
    if sealed_as(bundle) != here and not known:
        return [_finding(bundle, "renamed", "", f"was sealed as {'/'.join(sealed_as(bundle))}")]
    if end is None:
        found = read_seal(closed)
        content = seal_content(*here, digest, _sizes(found))
        kept = {key: value for key, value in content.items() if key in found or key != "kind"}
        if closed != encode_json(Path(SEALED), kept):  # seals of before say no kind
            return [_finding(bundle, "seal", SEALED, "not as sealing writes it")]
        # With a broken ledger nobody can say whether the record was ever there.
        return (
            [_finding(bundle, "unlisted", SEALED, "no end record in the ledger; seal again")] if whole else []
        )
    if not known:
        message = f"other hashes than ledger record {end['n']} holds: files and seal were replaced together"
        return [_finding(bundle, "resealed", SUMS, message)]
    if bytes_hash(closed) != end.get("sealed_sha256"):
        return [_finding(bundle, "seal", SEALED, f"other bytes than ledger record {end['n']} knows")]
    return []


def _sizes(content: Record) -> dict[str, int]:
    sizes = content.get("bytes")
    return {str(k): v for k, v in sizes.items() if isinstance(v, int)} if isinstance(sizes, dict) else {}


def _finding(bundle: Bundle, kind: str, name: str, message: str) -> Finding:
    return Finding(kind, Path(bundle.case, bundle.stamp, name).as_posix(), message)
