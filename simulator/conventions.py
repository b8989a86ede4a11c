"""Detector conventions: directions, beam centre rules and pivots. Twin: reference/conventions.c.

The table of section 3 of the behaviour page.
"""

from dataclasses import dataclass

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Convention:
    """Directions of a convention in the laboratory frame, and the pivot it insists on."""

    beam: Vector
    fast: Vector
    slow: Vector
    normal: Vector
    twotheta_axis: Vector
    polar: Vector
    spindle: Vector
    pivot: str | None


_MOSFLM: tuple[Vector, ...] = ((1, 0, 0), (0, 0, 1), (0, -1, 0), (1, 0, 0))
CONVENTIONS: dict[str, Convention] = {
    "mosflm": Convention(*_MOSFLM, (0, 0, -1), (0, 0, 1), (0, 0, 1), "beam"),
    "denzo": Convention(*_MOSFLM, (0, 0, -1), (0, 0, 1), (0, 0, 1), "beam"),
    "adxv": Convention((0, 0, 1), (1, 0, 0), (0, -1, 0), (0, 0, 1), (-1, 0, 0), (1, 0, 0), (1, 0, 0), "beam"),
    "xds": Convention((0, 0, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0), (1, 0, 0), (1, 0, 0), "sample"),
    "dials": Convention((0, 0, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0), (0, 1, 0), (0, 1, 0), "sample"),
    "custom": Convention(*_MOSFLM, (0, 1, 0), (0, 0, 1), (0, 0, 1), None),
}


def convention_frame(name: str) -> Convention:
    """The row of the table; raises KeyError for an unknown name."""
    return CONVENTIONS[name]
