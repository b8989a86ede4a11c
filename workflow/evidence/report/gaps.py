"""Differences as the viewer shows them: photons, relative, float32 steps; and where they are largest."""

import numpy as np
from numpy.typing import NDArray

from evidence.images.float32_steps import signed_steps
from evidence.images.imagefile import Image

Gap = NDArray[np.float64]
Place = tuple[int, int]  # slow, fast
KINDS = ("difference", "relative", "steps")


def gaps(a: Image, b: Image) -> dict[str, Gap]:
    """B less A, pixel by pixel: photons; over the larger of the two; float32 numbers between them.

    NaN or infinite where one of the two is not finite.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        gap = b.astype(np.float64) - a
        larger = np.maximum(np.abs(b), np.abs(a))
        relative = np.where(larger > 0, gap / np.where(larger > 0, larger, 1), gap)
        steps = np.where(np.isfinite(gap), signed_steps(a, b), np.nan)
    return dict(zip(KINDS, (gap, relative, steps), strict=True))


def largest(a: Image, b: Image) -> dict[str, Place | None]:
    """The pixel with the largest gap of each kind, one that is not finite first; None if all are equal."""
    if np.array_equal(a, b):  # most often
        return dict.fromkeys(KINDS)
    return {kind: _furthest(values, a, b) for kind, values in gaps(a, b).items()}


def _furthest(values: Gap, a: Image, b: Image) -> Place | None:
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    size = np.where(same, -1.0, np.where(np.isfinite(values), np.abs(values), np.inf))
    at = int(np.argmax(size))
    if size.flat[at] < 0:
        return None
    slow, fast = np.unravel_index(at, size.shape)
    return int(slow), int(fast)
