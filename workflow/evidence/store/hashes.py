"""SHA-256 of files and of trees of files: the one place that knows how."""

import hashlib
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path


def file_hash(path: Path) -> str:
    """Of the bytes of a file, which need not fit into memory."""
    with path.open("rb") as file:
        return stream_hash(file)


def stream_hash(file: BufferedReader) -> str:
    """Of the rest of an open file."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def readable_hash(path: Path) -> str | None:
    """As file_hash; None where the file cannot be read."""
    try:
        return file_hash(path)
    except OSError:
        return None


def tree_hash(paths: Iterable[Path], root: Path | None = None) -> str:
    """Of names and contents, in the order of the names: below `root`, else the bare file names.

    The lines hashed are those that sha256sum prints.
    """
    named = sorted((path.relative_to(root).as_posix() if root else path.name, path) for path in paths)
    lines = (f"{file_hash(path)}  {name}\n" for name, path in named)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def bytes_hash(data: bytes) -> str:
    """Of bytes at hand."""
    return hashlib.sha256(data).hexdigest()
