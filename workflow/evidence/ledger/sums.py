"""SHA256SUMS: which files a bundle holds and their hashes, in the format of `sha256sum -c`."""

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from evidence.errors import StoreError
from evidence.store import atomic
from evidence.store.hashes import stream_hash

SUMS = "SHA256SUMS"
OUTSIDE = frozenset({SUMS, atomic.SEALED})  # they cannot hold their own hash
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class Measured(NamedTuple):
    """SHA-256 (hex) and size in bytes of one file."""

    sha256: str
    size: int


class Entries(NamedTuple):
    """What lies in a bundle, as sorted relative paths: regular files, and what is none (links, pipes)."""

    files: list[str]
    others: list[str]


def entries(bundle: Path) -> Entries:
    """List a bundle without following links; SHA256SUMS and SEALED at its top are left out."""
    files: list[str] = []
    others: list[str] = []
    for folder, folders, names in os.walk(bundle, onerror=_raise):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*names, *links):
            path = Path(folder) / name
            relative = path.relative_to(bundle).as_posix()
            (files if stat.S_ISREG(path.lstat().st_mode) else others).append(relative)
    return Entries(sorted(set(files) - OUTSIDE), sorted(others))


def _raise(error: OSError) -> None:
    raise error


def measure(path: Path, to_disk: bool = False) -> Measured:
    """Read every byte of `path`; `to_disk` also brings it to the disk, for files others have written."""
    with path.open("rb") as file:
        digest = stream_hash(file)
        if to_disk:
            atomic.fsync(file.fileno())
        return Measured(digest, file.tell())


def format_sums(measured: dict[str, Measured]) -> bytes:
    """SHA256SUMS of the files, sorted by path."""
    return "".join(f"{measured[name].sha256}  {name}\n" for name in sorted(measured)).encode("utf-8")


def parse_sums(data: bytes) -> dict[str, str]:
    """Path -> hash; StoreError names the line that is none, is out of order or comes twice."""
    found: dict[str, str] = {}
    previous = ""
    for number, line in enumerate(_decode(data).split("\n")[:-1], start=1):
        match = _LINE.fullmatch(line)
        if not match or match[2] <= previous:
            raise StoreError(f"{SUMS} line {number}", "'hash  path' in order", f"'{line[:80]}'")
        previous = match[2]
        found[previous] = match[1]
    return found


def _decode(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StoreError(SUMS, "UTF-8", f"byte {data[error.start]:#x}") from error
    if not text.endswith("\n"):
        raise StoreError(SUMS, "a line end after the last line", f"'{text[-20:]}'")
    return text


def refuse_names(names: list[str]) -> None:
    """Names that `sha256sum -c` would have to escape, or that are no UTF-8, cannot be sealed."""
    for name in names:
        if re.search(r"[\x00-\x1f\x7f\\]", name) or not name.isprintable():
            raise StoreError(f"{name!r}", "a printable file name without '\\'", "this one")
