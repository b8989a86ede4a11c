"""The other end of a warm worker: one request after the other; a worker that dies costs one case."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from evidence.engines.programs import environment
from evidence.records import Record

COMMAND = (sys.executable, "-P", "-m", "evidence.campaigns.warm_worker")  # -P: of the copy that is named
START_S = 120.0  # longest start of a worker: imports on a busy machine


class WorkerDiedError(Exception):
    """The worker ended, or was ended, before it answered."""


class Warm:
    """A worker, started when it is first asked and again after it died."""

    def __init__(self, command: tuple[str, ...] = COMMAND, simulator: Path | None = None) -> None:
        """`simulator`: the folder of another copy of the package to run."""
        self.command, self.simulator = command, simulator
        self.about: Record = {}
        self.child: subprocess.Popen[str] | None = None
        self.starts = 0

    def ask(self, request: Record, timeout_s: float) -> Record:
        """The answer; raises WorkerDiedError saying how the worker ended."""
        child = self._living()
        asked, answers = _pipes(child)
        try:
            asked.write(json.dumps(request) + "\n")
            asked.flush()
            line = _line(answers, timeout_s + (START_S if request.get("do") else 0.0))
        except OSError:
            line = ""
        if line is None:
            self.stop(kill=True)
            raise WorkerDiedError(f"it was ended after {timeout_s:g} s")
        try:
            answer: Record = json.loads(line)
        except ValueError:
            raise WorkerDiedError(f"the worker died: {self._end()}") from None
        return answer

    def _living(self) -> "subprocess.Popen[str]":
        if self.child is not None and self.child.poll() is not None:
            self._end()
        if self.child is None:
            self.child = subprocess.Popen(
                self.command, env=self._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True, encoding="utf-8", start_new_session=True,
            )  # fmt: skip
            self.starts += 1
            asked, answers = _pipes(self.child)
            asked.write('{"do": "devices"}\n')
            asked.flush()
            self.about = json.loads(_line(answers, START_S) or "{}")
        return self.child

    def _environment(self) -> dict[str, str]:
        found = {**os.environ, **environment(1)}
        if self.simulator is not None:
            found["PYTHONPATH"] = os.pathsep.join((str(self.simulator), found["PYTHONPATH"]))
        return found

    def _end(self) -> str:
        child, self.child = self.child, None
        if child is None:
            return "it never started"
        try:
            code = child.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        for pipe in _pipes(child):
            pipe.close()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"

    def stop(self, kill: bool = False) -> None:
        """End the worker."""
        if self.child is not None:
            if kill:
                self.child.kill()
            elif self.child.stdin:
                self.child.stdin.close()
            self._end()

    def __enter__(self) -> "Warm":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(kill=kind is not None)


def _pipes(child: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert child.stdin is not None
    assert child.stdout is not None
    return child.stdin, child.stdout


def _line(stream: IO[str], timeout_s: float) -> str | None:
    """One whole line; empty at the end of the stream, None when time is up."""
    end = time.monotonic() + timeout_s
    while True:
        ready, _, _ = select.select([stream], [], [], max(end - time.monotonic(), 0.0))
        if not ready:
            return None
        return stream.readline()
