"""Compare the files of a bundle with the hashes and sizes they were sealed with, and name each difference."""

from pathlib import Path

from evidence.ledger import sums
from evidence.ledger.bundles import Bundle
from evidence.ledger.findings import Finding
from evidence.ledger.sums import Measured

Subset = tuple[int, int]  # (n, t): the n-th of t parts, from 1


def check_files(
    bundle: Bundle, listed: dict[str, str], sizes: dict[str, int], subset: Subset | None = None
) -> list[Finding]:
    """Findings about all files of `bundle`; `listed`: path -> sealed hash, `sizes`: path -> sealed size."""
    here = sums.entries(bundle.path)
    findings = [_finding(bundle, "link", name, "not a regular file") for name in here.others]
    missing = sorted(listed.keys() - set(here.files) - set(here.others))
    added = sorted(set(here.files) - listed.keys())
    to_read = [*added, *part(sorted(listed.keys() & set(here.files)), subset)]
    read = {name: _measure(bundle, name, findings) for name in to_read}
    now = {name: measured for name, measured in read.items() if measured is not None}
    findings += _renamed(bundle, listed, now, missing, added)
    findings += [_finding(bundle, "missing", name, "sealed, now gone") for name in missing]
    findings += [_finding(bundle, "added", name, "was not sealed") for name in added]
    changed = [name for name in now if name in listed and now[name].sha256 != listed[name]]
    findings += _swapped(bundle, listed, now, changed)
    return findings + [_changed(bundle, name, listed, sizes.get(name), now[name]) for name in changed]


def part(names: list[str], subset: Subset | None) -> list[str]:
    """Every t-th name, so that the t parts together are all of them."""
    return names if subset is None else names[subset[0] - 1 :: subset[1]]


def _measure(bundle: Bundle, name: str, findings: list[Finding]) -> Measured | None:
    try:
        return sums.measure(bundle.path / name)
    except OSError as error:
        findings.append(_finding(bundle, "unreadable", name, error.strerror or str(error)))
        return None


def _renamed(
    bundle: Bundle, listed: dict[str, str], now: dict[str, Measured], missing: list[str], added: list[str]
) -> list[Finding]:
    """Pair a missing file with an added one that holds its bytes; both leave their lists."""
    findings = []
    for old in list(missing):
        new = next((name for name in added if name in now and now[name].sha256 == listed[old]), None)
        if new is not None:
            findings.append(_finding(bundle, "renamed", old, f"its bytes are now in {new}"))
            missing.remove(old)
            added.remove(new)
    return findings


def _swapped(
    bundle: Bundle, listed: dict[str, str], now: dict[str, Measured], changed: list[str]
) -> list[Finding]:
    """Pair two changed files that hold each other's bytes; both leave the list."""
    findings = []
    for one in list(changed):
        other = next((name for name in changed if _exchanged(one, name, listed, now)), None)
        if one in changed and other is not None:
            findings.append(_finding(bundle, "swapped", one, f"holds the bytes of {other}, and the reverse"))
            changed.remove(one)
            changed.remove(other)
    return findings


def _exchanged(one: str, other: str, listed: dict[str, str], now: dict[str, Measured]) -> bool:
    return now[one].sha256 == listed[other] and now[other].sha256 == listed[one]


def _changed(bundle: Bundle, name: str, listed: dict[str, str], size: int | None, now: Measured) -> Finding:
    twin = next((other for other in listed if listed[other] == now.sha256), None)
    tail = f"; it holds the bytes of {twin}" if twin else ""
    if size is None:
        return _finding(
            bundle, "flipped", name, f"other bytes ({now.size} now, its sealed size is not known){tail}"
        )
    if now.size == size:
        return _finding(bundle, "flipped", name, f"other bytes, same size of {size}{tail}")
    kind = "truncated" if now.size < size else "extended"
    return _finding(bundle, kind, name, f"{now.size} bytes, sealed with {size}{tail}")


def _finding(bundle: Bundle, kind: str, name: str, message: str) -> Finding:
    return Finding(kind, Path(bundle.case, bundle.stamp, name).as_posix(), message)
