"""A full disk: a real small file system where one can be mounted, a limit on file sizes, and step by step."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidence.ledger import attempts
from evidence.ledger.seal import seal
from evidence.ledger.verify import verify
from evidence.store import atomic
from tests.helpers.places import BUNDLE

SCRIPT = Path(__file__).with_name("full_disk.py")
STAMP = "20261121T120000Z"


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run and capture; a full disk must not take long."""
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def private_mount() -> list[str] | None:
    """The `unshare` that lets us mount here: as root, or as root of a user namespace of our own."""
    for command in (["unshare", "-m"], ["unshare", "-r", "-m"]):
        trial = [*command, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
        if shutil.which("unshare") and run(trial).returncode == 0:
            return command
    return None


def test_full_file_system(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """On a 512 KiB tmpfs in a mount namespace of its own; where that is refused, by a limit on file sizes."""
    namespace = private_mount()
    record_property("disk_full_by", "tmpfs" if namespace else "RLIMIT_FSIZE")
    print("disk full by:", "tmpfs" if namespace else "RLIMIT_FSIZE (no tmpfs can be mounted here)")
    if namespace is None:
        done = run([sys.executable, str(SCRIPT), str(tmp_path), "50000"])
    else:
        mount = (
            f"mount -t tmpfs -o size=512k none {tmp_path} && exec {sys.executable} {SCRIPT} {tmp_path} tmpfs"
        )
        done = run([*namespace, "sh", "-c", mount])
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= (12 if namespace else 3)


def test_file_size_limit(tmp_path: Path) -> None:
    """RLIMIT_FSIZE runs everywhere: writes fail in the middle, with half of the bytes in the file."""
    done = run([sys.executable, str(SCRIPT), str(tmp_path), "50000"])
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 3


def _failing(real: Callable[..., Any], strike: list[int], code: int) -> Callable[..., Any]:
    def step(*arguments: Any, **options: Any) -> Any:
        strike[0] -= 1
        if strike[0] == 0:
            if real.__name__ == "write":
                real(arguments[0], arguments[1][: len(arguments[1]) // 2])
            raise OSError(code, os.strerror(code))
        return real(*arguments, **options)

    return step


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_error_at_each_step_leaves_no_temporary_file(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk error at step 1, 2, ... of an attempt: no temporary file stays, the next call completes."""
    for at in range(1, 200):
        results = tmp_path / str(at)
        shutil.copytree(BUNDLE, results / "toy" / STAMP)
        strike = [at]
        with monkeypatch.context() as patch:
            for name in ("create", "write", "fsync", "rename", "sync_folder"):
                patch.setattr(atomic, name, _failing(getattr(atomic, name), strike, code))
            failed = _errno(results)
        assert failed == (code if strike[0] <= 0 else None)
        assert not list(results.rglob(atomic.TEMPORARY + "*"))
        if strike[0] > 0:
            assert at > 35
            return
        _attempt(results)
        assert [finding.kind for finding in verify(results)] == []
    pytest.fail("the disk never stopped failing")


def _errno(results: Path) -> int | None:
    try:
        _attempt(results)
    except OSError as error:
        return error.errno
    return None


def _attempt(results: Path) -> None:
    bundle = results / "toy" / STAMP
    if not (bundle / atomic.SEALED).exists():
        attempts.append_start(results, "toy", STAMP)
        atomic.write_text(bundle / "memo.md", "# toy: pass\n")
    seal(bundle, results / attempts.LEDGER, {"verdict": "pass"})
