"""What a command shows: JSON, or the same as tables and verdicts for people at a terminal."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import tabulate

from evidence.errors import InputError, StoreError
from evidence.records import Record

tabulate.MIN_PADDING = 0  # a column is as wide as its widest cell
COLOURS = {"pass": "32", "fail": "31", "blocked": "33", "killed": "33", "running": "36", "error": "31"}


class View(NamedTuple):
    """JSON, text, exit status, and which of the two is printed."""

    data: Record
    text: str
    status: int = 0
    as_json: bool = False


def run(command: Callable[[], View]) -> int:
    """Print what `command` shows; returns the exit status. A mistake takes one line and, mostly, status 2."""
    try:
        seen = command()
    except SystemExit as leave:  # argparse: --help, or a mistake it has told
        seen = View({}, "", leave.code if isinstance(leave.code, int) else 2)
    except (InputError, StoreError, OSError) as error:
        print(f"error: {_told(error)}", file=sys.stderr)
        return error.exit_status if isinstance(error, StoreError) else 2
    text = json.dumps(seen.data, indent=2, sort_keys=True, allow_nan=False) if seen.as_json else seen.text
    try:
        print(text, end="\n" if text else "", flush=True)
    except BrokenPipeError:  # the reader, `head` for one, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a full disk, say
        print(f"error: {_told(error)}", file=sys.stderr)
        return 2
    return int(seen.status)


def _told(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: expected to read or write it, got '{error.strerror or error}'"
    return str(error)


def refuse_missing(results: Path) -> None:
    """A folder of results that is not there is a mistake, not an empty ledger."""
    if not results.is_dir():
        raise StoreError(f"--results {results}", "a folder", "none")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[str] = ()) -> str:
    """Columns as wide as their widest cell; columns of numbers and those named in `right` to the right."""
    numbers = [all(_is_number(row[i]) for row in rows) for i in range(len(headings))]
    sides = [name in right or number for name, number in zip(headings, numbers, strict=True)]
    made = tabulate.tabulate(
        [[coloured(shown(value)) for value in row] for row in rows],
        [*headings],
        tablefmt="simple",
        colalign=["right" if side else "left" for side in sides] if rows else None,
        disable_numparse=True,
    )
    return "\n".join(line.rstrip() for line in str(made).splitlines())


def shown(value: object) -> str:
    """A cell: `-` for nothing, twelve significant digits for a float, for a correlation has many nines."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def coloured(text: str) -> str:
    """Colour a verdict, where the terminal shows colours and nobody asked for none (NO_COLOR)."""
    code = COLOURS.get(text.strip())
    if code is None or os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\x1b[{code}m{text}\x1b[0m"
