"""Where a file comes from: command line, version, commit and mode, for every format that can carry it."""

import json
import shlex
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache

from simulator.version import VERSION, commit

PROGRAM = "nanobragg-torch"


@dataclass(frozen=True)
class Made:
    """Who made a file, and how."""

    command: str
    mode: str
    quirks: str = ""
    version: str = "unknown"
    commit: str = "unknown"
    program: str = PROGRAM
    time: str = ""

    def line(self) -> str:
        """All of it in one line of ASCII."""
        return json.dumps(asdict(self))

    def short(self) -> str:
        """What fits everywhere: version, commit, mode."""
        return f"{self.version} {self.commit[:12]} {self.mode}"


def made(words: list[str], mode: str, quirks: str | None = None) -> Made:
    """For a command line of this program; without words a call from Python."""
    command = shlex.join([PROGRAM, *words]) if words else "called from Python"
    command = command.encode("utf-8", "backslashreplace").decode()  # bytes of a name that are no text
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Made(command, mode, quirks or "", VERSION, commit_here() or "unknown", time=now)


@cache
def commit_here() -> str | None:
    """The commit of the source that runs; asked for once."""
    return commit()
