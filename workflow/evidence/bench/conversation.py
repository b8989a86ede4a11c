"""The other end of evidence.bench.worker: requests and answers, one line of JSON each."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.bench.contest import Sample
from evidence.engines import programs
from evidence.records import Record


class WorkerError(RuntimeError):
    """The worker could not do what it was asked to."""


class Worker:
    """A Python process that renders again and again, so that start-up is not part of what is timed."""

    def __init__(self, folder: Path, threads: int, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.log = (folder / "worker.log").open("w+", encoding="utf-8")
        self.child = subprocess.Popen(
            [sys.executable, "-m", "evidence.bench.worker"],
            cwd=folder,
            env={**os.environ, **programs.environment(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        with suppress(OSError):
            self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        self.log.close()

    def ask(self, do: str, **request: object) -> Record:
        """The answer to a request; WorkerError with the reason if there is none."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        watch = threading.Timer(self.timeout_s, self.child.kill)
        watch.start()
        try:
            self.child.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self.child.stdin.flush()
            line = self.child.stdout.readline()
        except OSError as problem:
            raise WorkerError(f"the worker is gone: {problem.strerror}") from None
        finally:
            watch.cancel()
        if not line:
            raise WorkerError(f"the worker ended{self._last_words()}")
        answer: Record = json.loads(line)
        if "error" in answer:
            raise WorkerError(str(answer["error"]))
        return answer

    def sample(self, do: str, **request: object) -> Sample:
        """The answer as a measurement; a failure is one too."""
        try:
            found = self.ask(do, **request)
        except WorkerError as problem:
            return Sample(0.0, problem=str(problem))
        keys = ("wall_s", "cpu_s", "peak_rss_bytes", "kernels")
        return Sample(**{key: found[key] for key in keys if key in found})

    def _last_words(self) -> str:
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return f": {lines[-1][:300]}" if lines else ""
