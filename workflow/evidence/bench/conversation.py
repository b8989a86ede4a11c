"""The other end of evidence.bench.worker."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from evidence.bench.contest import Sample
from evidence.engines import programs
from evidence.engines.talking import EndedError, Talking
from evidence.records import Record


class WorkerError(RuntimeError):
    """The worker could not do what it was asked to."""


class Worker:
    """A Python process that renders again and again, so that start-up is not part of what is timed."""

    def __init__(self, folder: Path, threads: int, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.log = (folder / "worker.log").open("w+", encoding="utf-8")
        command = (sys.executable, "-m", "evidence.bench.worker")
        self.child = Talking(command, programs.environment(threads), folder, self.log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.end()
        self.log.close()

    def ask(self, do: str, **request: object) -> Record:
        """The answer to a request; WorkerError with the reason if there is none."""
        try:
            answer = self.child.ask({"do": do, **request}, self.timeout_s)
        except EndedError as problem:
            raise WorkerError(f"{problem}{self._last_words()}") from None
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
