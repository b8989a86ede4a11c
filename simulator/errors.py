"""What a user got wrong, in one line: where, what was expected, what came instead."""

import sys
from collections.abc import Callable


class ExpectationError(ValueError):
    """`str()` is the one line to print after `error: `."""

    def __init__(self, where: object, expected: object, got: object) -> None:
        super().__init__(f"{where}: expected {expected}, got {got}")


class InputError(ExpectationError):
    """A mistake in what a user gave: exit status 2."""


def status_of(command: Callable[[], int]) -> int:
    """Exit status of a command: 2, after one line, for a mistake or a file that cannot be written."""
    try:
        return command()
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:  # the disk filled up, say
        what = error.filename or "output"
        print(f"error: {what}: expected a writable file, got '{error.strerror}'", file=sys.stderr)
    return 2


def quoted(text: str | bytes) -> str:
    """A piece of someone's input, safe to print: one line, 40 characters, in single quotes."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    shown = "".join(chr(c) if 0x20 <= c <= 0x7E else "?" for c in raw)
    return f"'{shown[:40]}...'" if len(shown) > 40 else f"'{shown}'"
