"""What a run says, to a reader who may leave (`| head`). Twin: reference/files/standard_output.c.

The files are the result: a run whose words nobody reads any more goes on, and its status is that of its work.
"""

import io
import sys
from typing import Any


class Words(io.FileIO):
    """A stream that takes what nobody reads; another problem is kept for the end."""

    problem: OSError | None = None

    def write(self, words: Any) -> int:
        """As a file does, but that it never fails."""
        try:
            return super().write(words)
        except BrokenPipeError:
            pass
        except OSError as error:  # a full disk, say
            self.problem = error
        return memoryview(words).nbytes


def outlive_reader() -> None:
    """Let the run outlive the readers of standard output and standard error."""
    for name in ("stdout", "stderr"):
        old = getattr(sys, name)
        new = io.TextIOWrapper(
            io.BufferedWriter(Words(old.fileno(), "w", closefd=False)),
            encoding=old.encoding,
            errors=old.errors,
            line_buffering=old.line_buffering,
            write_through=old.write_through,
        )
        setattr(sys, name, new)


def close_standard_output(status: int) -> int:
    """The exit status: 2, after one line, if what was said could not be written, to a full disk say."""
    sys.stdout.flush()
    raw = getattr(sys.stdout.buffer, "raw", None)
    if not isinstance(raw, Words) or raw.problem is None:
        return status
    print(f"error: standard output: expected to be written, got '{raw.problem.strerror}'", file=sys.stderr)
    return 2
