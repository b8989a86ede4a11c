"""What a command shows: JSON, or the same as tables and verdicts for people at a terminal."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evidence.errors import StoreError
from evidence.records import Record

LONG_S = 60.0  # from here on minutes
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
    cells = [[shown(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(headings), *cells]) for i in range(len(headings))]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(headings))]
    lines = [_line(list(headings), widths, right), "  ".join("-" * width for width in widths)]
    return "\n".join([*lines, *(_line(row, widths, right) for row in cells)])


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right, strict=True)]
    return "  ".join(coloured(text) for text in padded).rstrip()


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


def duration(seconds: float | None) -> str | None:
    """73.2 -> "1 min 13 s"."""
    if seconds is None:
        return None
    if seconds < LONG_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)  # rounded once: 119.7 s is two minutes
    return f"{minutes} min {rest} s"
