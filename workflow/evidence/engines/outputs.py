"""What a run leaves in its folder, told from what was there before."""

import json
from pathlib import Path
from typing import TypedDict

from evidence.records import Record
from evidence.store.hashes import readable_hash

CACHE = "Fdump.bin"  # reflections that a nanoBragg without -hkl would take up unasked
RECORD = "run.json"

Stamps = dict[str, tuple[int, int, int]]  # file name -> inode, size, time of the last change in ns


def clear(folder: Path) -> None:
    """Remove an earlier run's record, outputs and cache, so that nothing of it can pass for new."""
    names = {CACHE, RECORD}
    try:
        old = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        names |= {Path(found["path"]).name for found in old["outputs"]}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no run before, or one that was cut off: its files differ from new ones by their stamps
    for name in names:
        (folder / name).unlink(missing_ok=True)


def snapshot(folder: Path) -> Stamps:
    """The files in `folder`."""
    stats = {path.name: path.stat() for path in folder.iterdir() if path.is_file()}
    return {name: (found.st_ino, found.st_size, found.st_mtime_ns) for name, found in stats.items()}


class Output(TypedDict):
    """A file that a run wrote: name in its folder, size, hash (None: it could not be read)."""

    path: str
    bytes: int
    sha256: str | None


def described(path: Path) -> Output:
    return Output(path=path.name, bytes=path.stat().st_size, sha256=readable_hash(path))


def program_of(run: Record) -> str | None:
    """What kind of engine made a run.json; records of before called it `kind`."""
    return run.get("program", run.get("kind"))
