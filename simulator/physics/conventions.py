"""Detector conventions: directions, beam centre rules and pivots. Twin: reference/physics/conventions.c.

README "Conventions".
"""

from dataclasses import dataclass

Vector = tuple[float, ...]


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


X, Y, Z, DOWN = (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, -1, 0)
CONVENTIONS: dict[str, Convention] = {
    "mosflm": Convention(X, Z, DOWN, X, (0, 0, -1), Z, Z, "beam"),
    "denzo": Convention(X, Z, DOWN, X, (0, 0, -1), Z, Z, "beam"),
    "adxv": Convention(Z, X, DOWN, Z, (-1, 0, 0), X, X, "beam"),
    "xds": Convention(Z, X, Y, Z, X, X, X, "sample"),
    "dials": Convention(Z, X, Y, Z, Y, Y, Y, "sample"),
    "custom": Convention(X, Z, DOWN, X, Y, Z, Z, None),
}


def convention_frame(name: str) -> Convention:
    """The row of the table; raises KeyError for an unknown name."""
    return CONVENTIONS[name]
