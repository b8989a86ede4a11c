"""What an invocation says last, and the exit status it leaves with.

A script that has a verdict puts it on record here and ends well, whatever the verdict is; once Snakemake has
said its part, the verdicts are printed and decide the status. So no verdict looks like a crash.
"""

import io
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from evidence.paths import CLOSING
from evidence.store import atomic


class Last(io.StringIO):
    """What is written here is said last; `status` 0: pass."""

    status: int = 1


@contextmanager
def last(name: str) -> Iterator[Last]:
    """The last words of the target `name`; an exception leaves none."""
    words = Last()
    yield words
    atomic.write_json(CLOSING / f"{name}.json", {"status": words.status, "text": words.getvalue()})


def clear() -> None:
    """Forget what an earlier invocation left."""
    for path in CLOSING.glob("*.json"):
        path.unlink(missing_ok=True)


def say(logs: Sequence[str]) -> int | None:
    """Print what the targets left, in the order they ended; the worst status, None if there is no verdict."""
    paths = sorted(CLOSING.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    if not found:
        return None
    sys.stderr.flush()
    for each in found:
        print(each["text"], end="")
    print("".join(f"log:    {path}\n" for path in logs), end="", flush=True)
    return max(int(each["status"]) for each in found)
