"""Fill a small disk, then write artifacts, append and seal on it: `full_disk.py FOLDER LIMIT`.

LIMIT "tmpfs": FOLDER is a small file system, filled up here with more and more room left. A number: no file
may grow past that many bytes (RLIMIT_FSIZE). Prints how often the disk was full; exit 1 with the reason when
the store is not as before or the work cannot be finished once there is room.
"""

import errno
import resource
import shutil
import signal
import sys
from pathlib import Path

from scenarios import BUNDLE, CASE, STAMP, SUMMARY

from evidence.ledger import attempts
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic

FULL = (errno.ENOSPC, errno.EFBIG)
BIG = b"x" * 100_000


def state(results: Path) -> dict[str, bytes]:
    """All files and their bytes, lock files apart."""
    return {
        str(p): p.read_bytes() for p in results.rglob("*") if p.is_file() and not p.name.endswith(".lock")
    }


def fill(path: Path, leave: int) -> None:
    """Take all room on the disk but `leave` bytes."""
    path.unlink(missing_ok=True)
    free = shutil.disk_usage(path.parent).free
    path.write_bytes(b"f" * max(free - leave, 0))


def attempt(results: Path) -> int:
    """Write and seal; how often the disk was full. Each failure must leave everything as it was."""
    bundle, full = results / CASE / STAMP, 0
    for number, action in enumerate(
        (
            lambda: atomic.write_bytes(bundle / "large.bin", BIG),
            lambda: attempts.append_start(results, CASE, "20261121T140000Z", note=BIG.decode()),
            lambda: atomic.write_json(bundle / "gates.json", {"large": BIG.decode()}),
        )
    ):
        before = state(results)
        try:
            action()
        except OSError as error:
            if error.errno not in FULL or state(results) != before:
                raise RuntimeError(f"action {number} failed oddly or left something behind") from error
            full += 1
    return full


def main(folder: str, limit: str) -> int:
    """Run out of room, then get room and finish."""
    results = Path(folder) / "results"
    shutil.copytree(BUNDLE, results / CASE / STAMP)
    attempts.append_start(results, CASE, STAMP)
    filler, full = Path(folder) / "filler", 0
    if limit == "tmpfs":
        for leave in (0, 4096, 16384, 65536):
            fill(filler, leave)
            full += attempt(results)
        filler.unlink()
    else:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does at start; the write fails instead
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), hard))
        full += attempt(results)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    seal(results / CASE / STAMP, results / attempts.LEDGER, dict(SUMMARY))
    found = [str(finding) for finding in verify(results)]
    assert found == [], found
    print(full)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
