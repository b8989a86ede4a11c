"""Read the trace lines out of an engine's log.

    TRACE_C: trace_pixel 685 1039
    TRACE_C: hkl_frac -6.8795206024501 -0.607255839576692 -13.766298525469

Other lines are passed over. Values are the binary64 numbers that were printed with 17 digits.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from evidence.errors import InputError
from evidence.traces.pixel_trace import Entry, PixelTrace
from evidence.traces.taps import CELL, OPENS_PHI, OPENS_PIXEL

LINE = re.compile(r"TRACE_(?:C|PY): +(\S+)((?: +\S+)+)\s*$")
HEADER = {tap.name for tap in CELL}
Pixel = tuple[int, int]


def read_trace(path: Path) -> list[PixelTrace]:
    """Every pixel traced in the file, in its order. Raises InputError (a ValueError) for a file without any.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from evidence.traces.log import read_trace
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = Path(folder, "c.log")
    ...     _ = log.write_text("TRACE_C: trace_pixel 685 1039\\nTRACE_C: polar 0.91463969894451\\n")
    ...     (trace,) = read_trace(log)
    >>> trace.pixel, trace.entries[0].tap, trace.entries[0].values
    ((685, 1039), 'polar', (0.91463969894451,))
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise InputError(path, "a readable file", repr(problem.strerror)) from None
    return parse(text, str(path))


def parse(text: str, where: str = "trace") -> list[PixelTrace]:
    """Every pixel traced in the text; a log without trace lines is a InputError."""
    header: list[Entry] = []
    blocks: list[tuple[Pixel | None, list[Entry]]] = []
    step: int | None = None
    for number, name, values in tapped(text, where):
        if name == OPENS_PIXEL:
            pixel = _pixel(values, f"{where} line {number}")
            if any(pixel == before for before, _ in blocks):
                raise InputError(f"{where} line {number}", "each pixel once", f"{pixel} again")
            blocks.append((pixel, []))
            step = None
        elif name == OPENS_PHI:
            step = _step(values, f"{where} line {number}")
        elif name in HEADER:
            header.append(Entry(name, values))
        else:
            if not blocks:  # a fragment: taps of an unnamed pixel
                blocks.append((None, []))
            blocks[-1][1].append(Entry(name, values, step))
    if not blocks and header:
        blocks.append((None, []))
    if not blocks:
        raise InputError(where, "lines that start with TRACE_C: or TRACE_PY:", "none")
    for named, entries in [(None, header), *blocks]:
        refuse_twice(named, entries, where)
    return [PixelTrace(named, (*header, *entries)) for named, entries in blocks]


def tapped(text: str, where: str) -> Iterator[tuple[int, str, tuple[float, ...]]]:
    """Line number, name and values of every trace line."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("TRACE_C: ", "TRACE_PY: ")):
            yield number, *_split(line, f"{where} line {number}")


def _split(line: str, where: str) -> tuple[str, tuple[float, ...]]:
    match = LINE.match(line)
    if match is None:
        raise InputError(where, "TRACE_C: NAME VALUE...", repr(line[:60]))
    try:
        return match[1], tuple(float(word) for word in match[2].split())
    except ValueError:
        raise InputError(where, f"numbers after {match[1]}", repr(match[2].strip()[:60])) from None


def _pixel(values: tuple[float, ...], where: str) -> Pixel:
    if len(values) != 2 or not all(value.is_integer() for value in values):
        raise InputError(where, "trace_pixel SLOW FAST", " ".join(f"{v:g}" for v in values))
    return int(values[0]), int(values[1])


def _step(values: tuple[float, ...], where: str) -> int:
    if len(values) != 1 or not values[0].is_integer() or values[0] < 0:
        raise InputError(where, "phi_tic K", " ".join(f"{v:g}" for v in values))
    return int(values[0])


def refuse_twice(pixel: Pixel | None, entries: Iterable[Entry], where: str) -> None:
    """Raise InputError for a tap that one pixel (or block of one) has twice."""
    seen: set[tuple[int | None, str]] = set()
    for entry in entries:
        place = (entry.phi_tic, entry.tap)
        if place in seen:
            raise InputError(f"{where} pixel {pixel}", f"{entry.tap} once a pixel and phi step", "it again")
        seen.add(place)
