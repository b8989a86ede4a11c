"""A child process that stays: each line of JSON it is asked is answered by one line of JSON."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from evidence.records import Record


class EndedError(Exception):
    """The child ended, or was ended, before it answered."""


class Talking(subprocess.Popen[str]):
    """The side that asks."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        folder: Path | None = None,
        log: IO[str] | None = None,
    ) -> None:
        """Start `command` with `env` on top of the environment; standard error goes to `log`."""
        super().__init__(
            command, cwd=folder, env={**os.environ, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip

    def ask(self, request: Record, timeout_s: float) -> Record:
        """The answer; raises EndedError saying how the child ended. One that is late is killed."""
        assert self.stdin is not None
        assert self.stdout is not None
        try:
            self.stdin.write(json.dumps(request) + "\n")
            self.stdin.flush()
            line = _line(self.stdout, timeout_s)
        except OSError:
            line = ""
        if line is None:
            self.end(kill=True)
            raise EndedError(f"it was ended after {timeout_s:g} s")
        try:
            answer: Record = json.loads(line)
        except ValueError:
            raise EndedError(f"the worker died: {self.end()}") from None
        return answer

    def end(self, kill: bool = False) -> str:
        """End the child, at once or when it has answered; returns how it left."""
        if kill:
            self.kill()
        if self.stdin is not None:
            try:
                self.stdin.close()
            except OSError:
                pass  # what it was asked last never arrived
        try:
            code = self.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.wait()
        if self.stdout is not None:
            self.stdout.close()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def _line(stream: IO[str], timeout_s: float) -> str | None:
    """One whole line; empty at the end of the stream, None when time is up."""
    end = time.monotonic() + timeout_s
    ready, _, _ = select.select([stream], [], [], max(end - time.monotonic(), 0.0))
    return stream.readline() if ready else None


def answer(respond: Callable[[Record], Record]) -> None:
    """The side that answers, until standard input ends. What else is printed goes to standard error."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(respond(json.loads(line))), file=answers, flush=True)
