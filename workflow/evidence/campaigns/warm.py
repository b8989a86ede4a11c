"""A warm worker: one request after the other; a worker that dies costs one case and is replaced."""

import os
import sys
from pathlib import Path
from types import TracebackType

from evidence.engines.programs import environment
from evidence.engines.talking import EndedError, Talking
from evidence.records import Record

COMMAND = (sys.executable, "-P", "-m", "evidence.campaigns.warm_worker")  # -P: of the copy that is named
START_S = 120.0  # longest start of a worker: imports on a busy machine


class Warm:
    """A worker, started when it is first asked and again after it died."""

    def __init__(self, command: tuple[str, ...] = COMMAND, simulator: Path | None = None) -> None:
        """`simulator`: the folder of another copy of the package to run."""
        self.command, self.simulator = command, simulator
        self.about: Record = {}
        self.child: Talking | None = None
        self.starts = 0

    def ask(self, request: Record, timeout_s: float) -> Record:
        """The answer; raises EndedError saying how the worker ended."""
        child = self._living()
        try:
            return child.ask(request, timeout_s + (START_S if request.get("do") else 0.0))
        except EndedError:
            self.child = None
            raise

    def _living(self) -> Talking:
        if self.child is not None and self.child.poll() is not None:
            self.stop()
        if self.child is None:
            self.child = Talking(self.command, self._environment())
            self.starts += 1
            self.about = self.child.ask({"do": "devices"}, START_S)
        return self.child

    def _environment(self) -> dict[str, str]:
        found = environment(1)
        if self.simulator is not None:
            found["PYTHONPATH"] = os.pathsep.join((str(self.simulator), found["PYTHONPATH"]))
        return found

    def stop(self, kill: bool = False) -> None:
        """End the worker."""
        child, self.child = self.child, None
        if child is not None:
            child.end(kill)

    def __enter__(self) -> "Warm":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(kill=kind is not None)
