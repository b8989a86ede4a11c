"""Rings of equal resolution that the viewer draws: round numbers that lie on the detector, well apart."""

import math

import numpy as np

from evidence.records import Record

ROUND = (
    50,
    30,
    20,
    15,
    10,
    8,
    6,
    5,
    4,
    3.5,
    3,
    2.5,
    2.2,
    2,
    1.8,
    1.6,
    1.4,
    1.2,
    1.1,
    1,
    0.9,
    0.8,
    0.7,
    0.6,
    0.5,
)
MOST = 5


def spacings(geometry: Record, places: list[tuple[float, float]]) -> list[float]:
    """d in angstrom at pixels (slow, fast) of a flat panel: wavelength over |diffracted - beam|."""
    origin, fast, slow, beam = (
        np.asarray(geometry[key], dtype=np.float64) for key in ("origin_mm", "fast", "slow", "beam")
    )
    found = []
    for s, f in places:
        place = origin + geometry["pixel_mm"] * ((f + 0.5) * fast + (s + 0.5) * slow)
        away = float(np.linalg.norm(place / np.linalg.norm(place) - beam))
        found.append(float(geometry["wavelength_A"]) / away if away else math.inf)
    return found


def rings(geometry: Record, shape: tuple[int, int]) -> list[float]:
    """d of at most five rings, the innermost first; none on a curved detector, where they are no conics."""
    if geometry["curved"]:
        return []
    rows, columns = shape
    edge = [(s, f) for s in np.linspace(0, rows - 1, 9) for f in np.linspace(0, columns - 1, 9)]
    d = spacings(geometry, edge)
    low, high = 1 / max(d), 1 / min(d)
    inside = [each for each in ROUND if low < 1 / each < high]
    wanted = np.linspace(0, high, MOST + 2)[1:-1]  # evenly in 1/d, which is nearly evenly on the panel
    nearest = [min(inside, key=lambda each: abs(1 / each - goal)) for goal in wanted] if inside else []
    return list(dict.fromkeys(nearest))
