"""Two audits that need neither engine: sincg in high precision, and reflections looked up in the file."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import mpmath

from evidence.errors import InputError

DIGITS = 60
Index = tuple[int, int, int]


class Reflection(NamedTuple):
    """One line of a reflection list."""

    line: int
    value: float


def sincg(h: float, n: int) -> mpmath.mpf:
    """sin(pi N h)/sin(pi h) for the binary64 number h, exact to 60 digits; +-N at whole h, 1 for N = 1."""
    with mpmath.workdps(DIGITS):
        exact = mpmath.mpf(h)
        below = mpmath.sin(mpmath.pi * exact)
        if float(h).is_integer():
            # l'Hospital: N cos(pi N h)/cos(pi h)
            return mpmath.mpf(n) * (-1 if int(h) % 2 and (n - 1) % 2 else 1)
        return mpmath.sin(mpmath.pi * n * exact) / below


def sincg_error(h: float, n: int, value: float) -> float:
    """Relative distance of an engine's `value` from the exact one; NaN stays NaN."""
    if not (math.isfinite(value) and math.isfinite(h)):
        return math.nan
    with mpmath.workdps(DIGITS):
        exact = sincg(h, n)
        distance = abs(mpmath.mpf(value) - exact)
        return float(distance / abs(exact)) if exact != 0 else float(distance)


def read_reflections(path: Path) -> dict[Index, Reflection]:
    """Miller index -> line number and F; of an index given twice the last line stands, as in the engines."""
    found: dict[Index, Reflection] = {}
    for number, line in enumerate(_lines(path), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            index, value = _index(words[:3]), float(words[3])
        except (ValueError, IndexError):
            raise InputError(f"{path} line {number}", "'h k l F'", f"'{line.strip()[:40]}'") from None
        found[index] = Reflection(number, value)
    return found


def _index(words: Sequence[str]) -> Index:
    h, k, l = (int(word) for word in words)  # noqa: E741 (Miller indices)
    return h, k, l


def expected_factor(
    listed: Mapping[Index, Reflection], index: Index, default: float
) -> tuple[int | None, float]:
    """Line and F that a lookup of `index` must give; no line where the default stands in."""
    entry = listed.get(index)
    return (entry.line, entry.value) if entry else (None, default)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError as problem:
        raise InputError(path, "a readable file", f"'{problem.strerror}'") from None
