"""The one layer that writes artifacts: whatever happens, a file is absent, or the old one, or whole.

Order of the steps: temporary name in the same folder, write, fsync, rename, fsync of the folder. A folder
that holds SEALED, and all below it, is closed for good. Each step is a function of this module and is
called through it, so that the tests can kill, tear or fail every one of them.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evidence.errors import SealedError, StoreError
from evidence.store import process

SEALED = "SEALED"
TEMPORARY = ".tmp~"


# --- the steps -------------------------------------------------------------------------------------------


def create(path: Path, append: bool = False) -> int:
    """Open for writing: a new file that must not exist, or, with `append`, the end of an old or new one."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_EXCL), 0o666)


def write(descriptor: int, data: bytes) -> None:
    """Write all of `data`."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def fsync(descriptor: int) -> None:
    """Bring the bytes of one file to the disk."""
    os.fsync(descriptor)


def rename(source: Path, target: Path) -> None:
    """Put the finished file in its place, atomically."""
    os.replace(source, target)


def sync_folder(folder: Path) -> None:
    """Bring the names in `folder` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- what the rest of the package calls ------------------------------------------------------------------


def refuse_sealed(path: Path) -> None:
    """Raise SealedError when `path` lies in, or is, a sealed folder."""
    full = path.parent.resolve() / path.name
    for folder in (full, *full.parents):
        if os.path.lexists(folder / SEALED):
            raise SealedError(path, "a bundle that is still open", "one that is sealed")


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """Yield a temporary path (same folder, same suffix); it becomes `path` if the block ends well."""
    refuse_sealed(path)
    make_folder(path.parent)
    temporary = path.parent / temporary_name(path.name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            fsync(file.fileno())
        refuse_sealed(path)  # somebody may have sealed it while the block ran
        rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """Write `path` from pieces, so that a large file need not be in memory."""
    with staged(path) as temporary:
        descriptor = create(temporary)
        try:
            for chunk in chunks:
                write(descriptor, chunk)
        finally:
            os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `path` whole or not at all."""
    write_chunks(path, [data])


def write_text(path: Path, text: str) -> None:
    """Write `path` as UTF-8 with the line ends of `text`."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    """Write `path` as JSON: sorted keys, two blanks, no NaN or Infinity."""
    write_bytes(path, encode_json(path, value))


def copy_file(source: Path, target: Path) -> None:
    """Copy bytes; the copy is as safe as any other artifact."""
    with source.open("rb") as file:
        write_chunks(target, iter(lambda: file.read(1 << 20), b""))


def encode_json(where: Path, value: object) -> bytes:
    """The bytes that write_json writes; `where` names the file in the error."""
    try:
        text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StoreError(where, "finite numbers and plain values", error) from error
    return (text + "\n").encode("utf-8")


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents, each entry brought to the disk."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; the kernel frees it when the holder dies, so no lock is ever stale."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def temporary_name(name: str) -> str:
    """A name that tells its writer, for `sweep`; the end of `name` keeps the suffix."""
    me = process.identity()
    parts = (me["host"], me["boot_id"], me["pid"], me["pid_started"], secrets.token_hex(4), name[-60:])
    return TEMPORARY + "~".join(map(str, parts))
