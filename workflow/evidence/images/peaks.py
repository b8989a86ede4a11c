"""Find the brightest spots of two images and pair them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from evidence.images.imagefile import Image
from evidence.records import Record

PERCENTILE = 99.9  # a peak is brighter than this share of the finite pixels
MOST = 50  # peaks kept, the brightest first
REACH = 10.0  # pixels: further apart is another spot


@dataclass(frozen=True)
class Peaks:
    """Positions (n x 2, slow and fast, sub-pixel, pixel centres at whole numbers) and heights (n)."""

    position: NDArray[np.float64]
    height: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.height)


@dataclass(frozen=True)
class Pairing:
    """Indices into A and B of the pairs, in the order of A's peaks, and their distances in pixels."""

    a: NDArray[np.intp]
    b: NDArray[np.intp]
    distance: NDArray[np.float64]


def find_peaks(image: Image, percentile: float = PERCENTILE, most: int = MOST) -> Peaks:
    """Maxima of 3 x 3 neighbourhoods above the percentile of the finite pixels; a plateau is one peak."""
    finite = np.isfinite(image)
    if not finite.any():
        return Peaks(np.empty((0, 2)), np.empty(0))
    filled = image if finite.all() else np.where(finite, image, -np.inf)
    floor = np.percentile(filled if finite.all() else image[finite], percentile)
    highest = filled.max()
    # A saturated plateau may fill all of the brightest share: it is a peak then. A flat image has none.
    bright = filled > floor if floor < highest else (filled == highest) & (filled.min() < highest)
    top = bright & (filled == ndimage.maximum_filter(filled, size=3, mode="nearest"))
    slow, fast = _one_per_plateau(top)
    height = filled[slow, fast].astype(np.float64)
    order = np.argsort(-height, kind="stable")[:most]
    corners = zip(slow[order], fast[order], strict=True)
    position = np.array([_centroid(filled, int(s), int(f)) for s, f in corners]).reshape(-1, 2)
    return Peaks(position, height[order])


def pair_peaks(a: Peaks, b: Peaks, reach: float = REACH) -> Pairing:
    """As many pairs within `reach` pixels as there can be, and of those the smallest sum of distances."""
    gap = a.position[:, None, :] - b.position[None, :, :]
    distance = np.sqrt(np.sum(gap**2, axis=-1))
    # Out of reach costs more than all pairs in reach together: one more pair always pays.
    cost = np.where(distance <= reach, distance, (reach + 1.0) * (len(a) + len(b) + 1))
    rows, columns = linear_sum_assignment(cost)
    near = distance[rows, columns] <= reach
    return Pairing(rows[near], columns[near], distance[rows[near], columns[near]])


def peak_metrics(a: Peaks, b: Peaks, corner: tuple[int, int], reach: float = REACH) -> Record:
    """The `peaks` of summary.json; `corner` (slow, fast) is the region's first pixel in the whole image."""
    pairs = pair_peaks(a, b, reach)
    n = len(pairs.distance)
    height_a, height_b = a.height[pairs.a], b.height[pairs.b]
    usable = height_a > 0
    off = height_b[usable] / height_a[usable] - 1.0
    rows = zip(pairs.a, pairs.b, pairs.distance, strict=True)
    return {
        "count_a": len(a),
        "count_b": len(b),
        "matched": n,
        "matched_share": n / max(len(a), len(b)) if len(a) or len(b) else None,
        "mean_distance_px": float(pairs.distance.mean()) if n else None,
        "max_distance_px": float(pairs.distance.max()) if n else None,
        "intensity_ratio_rms": float(np.sqrt(np.mean(off**2))) if off.size else None,  # of B/A - 1
        "pairs": [
            {
                "a": [float(v) for v in a.position[i] + corner],
                "b": [float(v) for v in b.position[j] + corner],
                "distance_px": float(d),
                "intensity_a": float(a.height[i]),
                "intensity_b": float(b.height[j]),
            }
            for i, j, d in rows
        ],
    }


def _one_per_plateau(top: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first pixel (raster order) of each 8-connected group: touching maxima are equally high."""
    labels, count = ndimage.label(top, structure=np.ones((3, 3), dtype=int))
    flat = np.flatnonzero(labels)
    _, first = np.unique(labels.ravel()[flat], return_index=True)
    assert len(first) == count
    slow, fast = np.unravel_index(flat[first], top.shape)
    return slow, fast


def _centroid(image: Image, slow: int, fast: int) -> tuple[float, float]:
    """Centre of mass (slow, fast) of the 3 x 3 box about a peak, over the box's lowest pixel."""
    s0, f0 = max(slow - 1, 0), max(fast - 1, 0)
    box = image[s0 : slow + 2, f0 : fast + 2].astype(np.float64)
    good = np.isfinite(box)
    weight = np.where(good, box - box[good].min(), 0.0)
    total = weight.sum()
    if not total > 0:  # a flat box has no centre of its own
        return float(slow), float(fast)
    rows, columns = np.indices(box.shape)
    return float(s0 + (rows * weight).sum() / total), float(f0 + (columns * weight).sum() / total)
