"""Compare two traces tap by tap and name the first that differs, and its function on either side.

Numbers agree when |B - A| <= atol + rtol |A| + what the printed digits leave open. A NaN, a tap that one
side lacks, another order of taps, or nothing to compare at all is a divergence, never an agreement.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Self, TypedDict

from evidence.limits import TRACE_RTOL
from evidence.records import Record
from evidence.traces.pixel_trace import Entry, PixelTrace, Place
from evidence.traces.taps import CELL, ORDER, PHI, PIXEL, TAPS, split_block, twin


@dataclass(frozen=True)
class Row:
    """One component of one tap: `c` (the reference), `py`, and how far apart."""

    tap: str
    block: str  # "pixel" or "phi"
    phi_tic: int | None
    component: int | None  # of a vector
    unit: str
    c: float | None
    py: float | None
    abs: float | None
    rel: float | None
    ulp: int | None  # float64 steps between the two
    ok: bool


class Divergence(TypedDict):
    """Where two traces part, why, and the function on either side."""

    tap: str
    phi_tic: int | None
    component: int | None
    c: float | None
    py: float | None
    rel: float | None
    ulp: int | None
    function: str
    reason: str


@dataclass(frozen=True)
class TraceComparison:
    """The comparison of one pixel."""

    pixel: tuple[int, int] | None
    rtol: float
    atol: float
    rows: list[Row]
    missing_c: list[str]
    missing_py: list[str]
    not_compared: dict[str, str]
    first_divergence: Divergence | None

    @property
    def ok(self) -> bool:
        return self.first_divergence is None

    def to_dict(self) -> Record:
        found = {"kind": "trace_comparison", "schema": 1, "compared": len(self.rows), **asdict(self)}
        return {**found, "pixel": list(self.pixel) if self.pixel else None}

    @classmethod
    def from_dict(cls, found: Record) -> Self:
        """The comparison that `to_dict` wrote."""
        known = {key: value for key, value in found.items() if key in cls.__dataclass_fields__}
        pixel = (found["pixel"][0], found["pixel"][1]) if found["pixel"] else None
        return cls(**{**known, "pixel": pixel, "rows": [Row(**row) for row in found["rows"]]})


def compare(c: PixelTrace, py: PixelTrace, rtol: float = TRACE_RTOL, atol: float = 0.0) -> TraceComparison:
    """Compare two traces of one pixel; `c` is the reference of `rtol`, `atol` is in the unit of the tap.

    >>> from evidence.traces.divergence import Entry, PixelTrace, compare
    >>> c, py = (PixelTrace(None, (Entry("F_cell", (f,)),)) for f in (190.27, 190.28))
    >>> compare(c, py).first_divergence["tap"]
    'F_cell'
    """
    absent = {**c.absent, **py.absent}
    left, right = ({p: e for p, e in t.places().items() if p[1] not in absent} for t in (c, py))
    whole = c.pixel is not None or py.pixel is not None
    wanted = [*left, *(p for p in right if p not in left)]
    if whole:
        wanted += [p for p in _complete(wanted, absent) if p not in left and p not in right]
    wanted.sort(key=_rank)
    square = any(tap == "F_latt_a" for _, tap in wanted)
    rows: list[Row] = []
    missing: tuple[list[str], list[str]] = ([], [])
    first: Divergence | None = None
    for place in wanted:
        a, b = left.get(place), right.get(place)
        for entry, names in ((a, missing[0]), (b, missing[1])):
            if entry is None:
                names.append(_label(place))
        found = list(_rows(a, b, rtol, atol)) if a and b else []
        rows += found
        bad = next((row for row in found if not row.ok), None)
        if first is None and (bad is not None or a is None or b is None):
            first = _divergence(place, bad, "" if bad else "missing", square)
    early = _disorder(left, right, whole)
    if early is not None and (first is None or _rank(early) < _rank((first["phi_tic"], first["tap"]))):
        first = _divergence(early, None, "out of order", square)
    if c.pixel != py.pixel and c.pixel is not None and py.pixel is not None:
        first = _divergence((None, "trace_pixel"), None, f"pixel {c.pixel} against {py.pixel}", square)
    if first is None and not rows:
        first = _divergence((None, "trace_pixel"), None, "nothing to compare", square)
    return TraceComparison(c.pixel or py.pixel, rtol, atol, rows, *missing, absent, first)


def ulps(a: float, b: float) -> int | None:
    """Float64 steps from a to b (-0 and 0 are one), None if either is not finite."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return None
    u, v = (struct.unpack("<q", struct.pack("<d", x))[0] for x in (a, b))
    u, v = (x if x >= 0 else -(x & 0x7FFFFFFFFFFFFFFF) for x in (u, v))
    return abs(int(u - v))


def _rows(a: Entry, b: Entry, rtol: float, atol: float) -> Iterator[Row]:
    """A row a component; where one side has fewer numbers, the other's have no counterpart and fail."""
    known = TAPS.get(split_block(a.tap)[1])
    unit = known.unit if known else ""
    count = max(len(a.values), len(b.values))
    for i in range(count):
        x, y = (e.values[i] if i < len(e.values) else math.nan for e in (a, b))
        slack = sum(e.slack[i] for e in (a, b) if i < len(e.slack))
        distance = abs(y - x)
        relative = distance / abs(x) if x != 0 else (0.0 if distance == 0 else math.inf)
        yield Row(
            tap=a.tap,
            block="pixel" if a.phi_tic is None else "phi",
            phi_tic=a.phi_tic,
            component=i if count > 1 else None,
            unit=unit,
            c=_finite(x),
            py=_finite(y),
            abs=_finite(distance),
            rel=_finite(relative),
            ulp=ulps(x, y),
            ok=distance <= atol + rtol * abs(x) + slack,  # False where anything is NaN
        )


def _complete(seen: Iterable[Place], absent: Mapping[str, str]) -> Iterator[Place]:
    """Every tap that a whole trace must hold, given the phi steps it has (at least one)."""
    steps = sorted({step for step, _ in seen if step is not None}) or [0]
    for step, taps in [(None, CELL + PIXEL), *((k, PHI) for k in steps)]:
        yield from ((step, tap.name) for tap in taps if not tap.square_only and tap.name not in absent)


def _disorder(left: Mapping[Place, Entry], right: Mapping[Place, Entry], whole: bool) -> Place | None:
    """The first tap that the two print in different places, or (whole traces) not as the table has it."""
    common = [[place for place in trace if place in left and place in right] for trace in (left, right)]
    for a, b in zip(common[0], common[1], strict=True):
        if a != b:
            return min(a, b, key=_rank)
    known = [place for place in common[0] if place[1] in ORDER]
    pairs = zip(known[1:], known, strict=False)
    early = (place for place, before in pairs if whole and _rank(place) < _rank(before))
    found: Place | None = next(early, None)
    return found


def _rank(place: Place) -> tuple[int, int]:
    step, tap = place
    return (-1 if step is None else step, ORDER.get(tap, len(ORDER)))


def _divergence(place: Place, row: Row | None, reason: str, square: bool) -> Divergence:
    why = reason or (
        "differs" if row and row.rel is not None else "not finite, or one side has fewer numbers"
    )
    return Divergence(
        tap=place[1],
        phi_tic=place[0],
        component=row.component if row else None,
        c=row.c if row else None,
        py=row.py if row else None,
        rel=row.rel if row else None,
        ulp=row.ulp if row else None,
        function=twin(place[1], square),
        reason=why,
    )


def _label(place: Place) -> str:
    return place[1] if place[0] is None else f"phi_tic {place[0]} {place[1]}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
