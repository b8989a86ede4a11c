"""Temporary files that killed writers left behind: found by their name, removed when the writer is gone."""

import time
from pathlib import Path

from evidence.store import atomic, process

FOREIGN_AGE_S = 3600.0  # a writer on another host cannot be asked; after an hour it is taken for dead


def writer(path: Path) -> process.Identity | None:
    """Who wrote the temporary file `path`; None when the name is not one of ours."""
    parts = path.name.removeprefix(atomic.TEMPORARY).split("~", 5)
    if not path.name.startswith(atomic.TEMPORARY) or len(parts) != 6 or not parts[2].isdigit():
        return None
    start = int(parts[3]) if parts[3].isdigit() else None
    return {"host": parts[0], "boot_id": parts[1], "pid": int(parts[2]), "pid_started": start}


def sweep(folder: Path) -> list[Path]:
    """Remove what dead writers left in `folder` and below; the files of living writers are returned."""
    busy = []
    for path in sorted(folder.rglob(atomic.TEMPORARY + "*")):
        who = writer(path)
        if who is None:
            continue
        if _at_work(who, path):
            busy.append(path)
        else:
            path.unlink(missing_ok=True)
    return busy


def _at_work(who: process.Identity, path: Path) -> bool:
    alive = process.alive(who)
    if alive is None:
        return time.time() - path.lstat().st_mtime < FOREIGN_AGE_S
    return alive
