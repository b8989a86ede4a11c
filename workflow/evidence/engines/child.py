"""One child process: its output in a log, its time, its peak memory, and an end for sure."""

import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.store import atomic

PDEATHSIG = 1  # prctl(2): the signal that a process gets when its parent dies
FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT))
UNSTARTED = "it cannot be started: "
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class End:
    """How a child ended; `problem` is None only if it started and left with status 0."""

    exit_code: int | None
    problem: str | None
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    late: bool = False  # its time was up
    started: bool = True

    @property
    def cause(self) -> str | None:
        """What was wrong with the circumstances rather than with the program: room, time, signal."""
        if self.problem and any(text in self.problem for text in FULL):
            return "room"
        return "time" if self.late else "signal" if (self.exit_code or 0) < 0 else None


def run_child(
    argv: list[str], folder: Path, log: Path, env: Mapping[str, str], timeout_s: float | None
) -> End:
    """Run `argv` in `folder`. The log gets standard output, then standard error.

    They are kept apart while the child runs: a line of standard error must not tear a trace line in two.
    """
    start = time.monotonic()
    with atomic.staged(log) as partial:
        with partial.open("wb") as out, partial.with_name(partial.name + ".err").open("w+b") as err:
            Path(err.name).unlink()  # the open file is enough
            try:
                child = subprocess.Popen(
                    argv, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                    start_new_session=True,
                    preexec_fn=_die_with_parent,  # noqa: PLW1509 (one system call of a library loaded before)
                )  # fmt: skip
            except OSError as problem:
                out.write(f"not started: {problem}\n".encode())
                why = f"{UNSTARTED}{problem.strerror or problem}"
                return End(None, why, 0.0, 0.0, 0, started=False)
            try:
                status, usage, peak, late = _wait(child, timeout_s)
            except BaseException:
                _kill(child.pid)
                child.wait()
                raise
            _kill(child.pid)  # what it started and left behind
            err.seek(0)
            said = err.read()
            out.write(said)
        text = (said.strip() or _tail(partial)).decode("utf-8", "replace").strip().splitlines()
    code = os.waitstatus_to_exitcode(status)
    problem_text = _problem(code, text[-1] if text else "", timeout_s if late else None)
    wall, cpu = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    return End(code, problem_text, wall, cpu, peak, late)


def _tail(path: Path) -> bytes:
    """The end of what was printed: nanoBragg says on standard output what is wrong."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 4096, 0))
        return file.read()


def _die_with_parent() -> None:
    """Of a killed run no engine may live on and write into a folder that the next run uses."""
    if LIBC is not None:
        LIBC.prctl(PDEATHSIG, signal.SIGKILL)


def _wait(
    child: "subprocess.Popen[bytes]", timeout_s: float | None
) -> tuple[int, resource.struct_rusage, int, bool]:
    """Wait for the end: status, resources used, peak memory in bytes, and whether time ran out."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watch = _Watch(child.pid, timeout_s)
    watch.start()
    try:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)  # tell Popen that its child is gone
    finally:
        watch.over.set()
        watch.join()
    # A child starts with its parent's peak on its account: the kernel's figure counts if it is above that.
    peak = usage.ru_maxrss if usage.ru_maxrss > own or not watch.peak_kib else watch.peak_kib
    return status, usage, peak * 1024, watch.late


class _Watch(threading.Thread):
    """Reads the child's own high-water mark now and then, and kills it when its time is up."""

    def __init__(self, pid: int, timeout_s: float | None) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak_kib, self.late = pid, 0, False
        self.over = threading.Event()
        self.end = time.monotonic() + timeout_s if timeout_s is not None else None

    def run(self) -> None:
        pause = 0.002
        self._look()  # a run of a millisecond is over before the first pause
        while not self.over.wait(pause):
            self._look()
            pause = min(0.05, pause * 1.5)
            if self.end is not None and time.monotonic() > self.end and not self.late:
                self.late = True
                _kill(self.pid)

    def _look(self) -> None:
        try:
            lines = (
                Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
            )
        except OSError:
            return
        for line in lines:
            if line.startswith("VmHWM:"):
                self.peak_kib = max(self.peak_kib, int(line.split()[1]))


def _kill(pid: int) -> None:
    """End the child and all it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _problem(code: int, last_line: str, timeout_s: float | None) -> str | None:
    if timeout_s is not None:
        return f"it was ended after {timeout_s:g} s"
    if code == 0:
        return None
    name = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    return f"{name}: {last_line[:300]}" if last_line else name
