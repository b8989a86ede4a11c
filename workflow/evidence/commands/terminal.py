"""What a command shows: JSON, or the same as tables and verdicts for people at a terminal."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import tabulate

from evidence.errors import StoreError
from evidence.records import Record

tabulate.MIN_PADDING = 0  # a column is as wide as its widest cell
COLOURS = {"pass": "32", "fail": "31", "blocked": "33", "killed": "33", "running": "36", "error": "31"}


class View(NamedTuple):
    """JSON, text, exit status."""

    data: Record
    text: str
    status: int = 0


def refuse_missing(results: Path) -> None:
    """A folder of results that is not there is a mistake, not an empty ledger."""
    if not results.is_dir():
        raise StoreError(f"--results {results}", "a folder", "none")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; columns of numbers to the right."""
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(headings))]
    made = tabulate.tabulate(
        [[coloured(shown(value)) for value in row] for row in rows],
        [*headings],
        tablefmt="simple",
        colalign=["right" if number else "left" for number in right] if rows else None,
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
