"""What every job does besides its work: its own log, one writer at a time, time and memory put on record."""

import errno
import os
import resource
import shutil
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TextIO

from evidence.errors import InputError, StoreError
from evidence.paths import LOCKS
from evidence.store import atomic

NO_ROOM = 1 << 20  # bytes: less than any run writes


class Job(Protocol):
    """What is used of Snakemake's object."""

    log: Sequence[str]


@contextmanager
def step(job: Job) -> Iterator[TextIO]:
    """Run the body of a script with stdout and stderr in its log; yields the terminal.

    `job` is Snakemake's object: `rule` and `log` are used. Beside NAME.log goes NAME.json: seconds and bytes.
    What a user can get wrong, and a full disk, end the script with one line and status 2. A job that outlived
    a killed run keeps its lock, so that its successor waits instead of writing into the same files.
    """
    log = Path(str(job.log[0]))
    try:
        with _step(log) as terminal:
            yield terminal
    except OSError as problem:
        if not is_full(problem):
            raise
        print(full_line(problem, log), file=sys.stderr, flush=True)
        sys.exit(2)


@contextmanager
def _step(log: Path) -> Iterator[TextIO]:
    log.parent.mkdir(parents=True, exist_ok=True)
    LOCKS.mkdir(parents=True, exist_ok=True)
    begun, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="milliseconds")
    with _redirected(log) as terminal, atomic.locked(LOCKS / (str(log).replace(os.sep, "~"))):
        try:
            yield terminal
        except (InputError, StoreError) as problem:
            print(f"error: {problem}", file=sys.stderr, flush=True)
            sys.exit(2)
        finally:
            _record(log, log.stem, started, time.monotonic() - begun)


def is_full(problem: BaseException) -> bool:
    """Whether it is about a disk without room."""
    return isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT)


def full_line(problem: OSError, path: Path) -> str:
    """What to say of it: the file, and the disk that it is on."""
    where = Path(str(problem.filename or path))
    return f"error: {where}: expected room on the disk of {_disk(where)}, got '{problem.strerror}'"


def full_disk(path: Path) -> Path | None:
    """The disk that a folder is on if it has no room left, None otherwise."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    return _disk(there) if shutil.disk_usage(there).free < NO_ROOM else None


def _disk(path: Path) -> Path:
    """The mount point of the disk that a file is, or would be, on."""
    path = path.absolute()
    return next((folder for folder in (path, *path.parents) if folder.is_mount()), Path(path.anchor))


@contextmanager
def _redirected(log: Path) -> Iterator[TextIO]:
    """Standard output and error into `log`, by descriptor, so that child processes write there too."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(number) for number in (1, 2)]
    with (
        os.fdopen(os.dup(1), "w", encoding="utf-8") as terminal,
        log.open("w", encoding="utf-8", buffering=1) as target,
        redirect_stdout(target),
        redirect_stderr(target),
    ):
        for number in (1, 2):
            os.dup2(target.fileno(), number)
        try:
            yield terminal
        except Exception as problem:
            if not is_full(problem):
                traceback.print_exc()  # into the log; the exception itself goes on
            raise
        finally:
            try:
                target.flush()
            finally:
                for number, old in zip((1, 2), kept, strict=True):
                    os.dup2(old, number)
                    os.close(old)


def _record(log: Path, name: str, started: str, wall_s: float) -> None:
    bundle = log.parent.parent
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 1 if sys.platform == "darwin" else 1024
    record = {
        "kind": "step",
        "schema": 1,
        "rule": name,
        "started": started,
        "wall_s": round(wall_s, 4),
        "peak_rss_bytes": peak * unit,
        "log": log.relative_to(bundle).as_posix(),
    }
    atomic.write_json(log.with_suffix(".json"), record)
