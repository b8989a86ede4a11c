"""Reading and writing files with one wording for what goes wrong. Twin: reference/files/disk.c."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
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
    special = is_special(path)
    target = path if special else Path(os.path.realpath(path))
    folder = target.parent
    number = 0
    if len(os.fsencode(target.name)) > LONGEST_NAME:
        number = errno.ENAMETOOLONG
    elif target.is_dir():
        number = errno.EISDIR
    elif not folder.exists():
        number = errno.ENOENT
    elif not folder.is_dir():
        number = errno.ENOTDIR
    elif not os.access(target if special else folder, os.W_OK):
        number = errno.EACCES
    if number:
        raise InputError(where, "a writable file", f"'{os.strerror(number)}'")


def is_special(path: Path) -> bool:
    """Whether the path is there and no plain file: a device, a pipe. Such a thing is written to directly."""
    try:
        mode = path.stat().st_mode
    except OSError:  # a name too long for a file, say
        return False
    return not stat.S_ISREG(mode)


def same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, be it there or not."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def write_bytes(path: Path, *parts: bytes | memoryview) -> None:
    """Write under a temporary name beside the file, then rename: a reader never sees half of it.

    A link stays, the file that it leads to is written. Raises OSError naming the path.
    """
    try:
        if is_special(path):
            with path.open("wb") as stream:
                stream.writelines(parts)
        else:
            _replace(Path(os.path.realpath(path)), parts)
    except OSError as error:  # the disk filled up, say
        raise OSError(error.errno, error.strerror, str(path)) from None


def _replace(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
