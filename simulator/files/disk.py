"""Reading and writing files with one wording for what goes wrong. Twin: reference/files/disk.c."""

import errno
import os
import tempfile
from pathlib import Path

from simulator.errors import InputError

LONGEST_NAME = 200  # bytes: a temporary name must fit as well


def read_bytes(path: Path, where: str) -> bytes:
    """The file's bytes; raises InputError naming `where` (the flag and the path)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(where, "a readable file", f"'{error.strerror}'") from None


def check_writable(path: Path, where: str) -> None:
    """Raise InputError if the file cannot be written; leaves nothing behind."""
    folder = path.parent
    number = 0
    if len(os.fsencode(path.name)) > LONGEST_NAME:
        number = errno.ENAMETOOLONG
    elif path.is_dir():
        number = errno.EISDIR
    elif not folder.exists():
        number = errno.ENOENT
    elif not folder.is_dir():
        number = errno.ENOTDIR
    elif not os.access(folder, os.W_OK):
        number = errno.EACCES
    if number:
        raise InputError(where, "a writable file", f"'{os.strerror(number)}'")


def write_bytes(path: Path, *parts: bytes | memoryview) -> None:
    """Write under a temporary name beside the file, then rename: a reader never sees half of it."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            for part in parts:
                stream.write(part)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
