"""How far a campaign is: a bar on a terminal, one line a minute elsewhere.

Batches run in processes of their own; each leaves a line a case in one file, which all of them count.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

EVERY_S = {True: 0.5, False: 60.0}  # on a terminal; elsewhere


def tally_of(bundle: Path) -> Path:
    """The file in which the batches of a bundle count."""
    return bundle.parents[1] / "logs" / bundle.parent.name / bundle.name / "progress.txt"


class Progress:
    """Cases done of `total`, failures, time left."""

    def __init__(self, total: int, tally: Path, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self.total, self.tally, self.out, self.clock = total, tally, out, clock
        self.live = out.isatty()
        self.last = clock()

    @classmethod
    def of(cls, bundle: Path, out: TextIO) -> "Progress":
        """Of a bundle's campaign; the file is beside the logs that no seal covers."""
        cases = json.loads((bundle / "inputs" / "cases.json").read_text(encoding="utf-8"))["cases"]
        return cls(len(cases), tally_of(bundle), out)

    def done(self, passed: bool, case: str = "") -> None:
        """Count a case; says something when it is time. A case that is run again counts once, as it ended."""
        self.tally.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.tally, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, f"{self.clock():.3f} {'pass' if passed else 'fail'} {case}\n".encode())
        finally:
            os.close(descriptor)
        if self.clock() - self.last >= EVERY_S[self.live]:
            self.last = self.clock()
            self.say()

    def say(self) -> None:
        """One line."""
        rows = [line.split() for line in self.tally.read_text(encoding="ascii").splitlines()]
        words = {row[2] if len(row) > 2 else number: row[1] for number, row in enumerate(rows)}
        failed = sum(word == "fail" for word in words.values())
        spent = self.clock() - float(rows[0][0])
        left = spent / max(len(rows) - 1, 1) * max(self.total - len(words), 0)
        text = f"{len(words)} of {self.total} cases, {failed} failed, {left:.0f} s left"
        self.out.write(f"\r{text:60}" if self.live else f"{text}\n")
        self.out.flush()
