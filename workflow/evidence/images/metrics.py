"""How alike two images are: the numbers of summary.json.

A is the reference (the C image), B the image on trial. Everything is taken over the pixels of the region
that are finite in both. What cannot be computed is None with a reason, which no threshold lets pass.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evidence.cases.roi import Roi
from evidence.errors import InputError
from evidence.images.differences import STEPS, differences
from evidence.images.imagefile import Image
from evidence.images.peaks import MOST, PERCENTILE, REACH, find_peaks, peak_metrics
from evidence.records import Record

Plane = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """The metrics; `to_dict` has the same names. Photons per pixel unless a name says otherwise."""

    shape: tuple[int, int]  # of the whole image, slow x fast
    roi: Roi
    finite_pixels: int
    nonfinite_a: int
    nonfinite_b: int
    correlation: float | None = None  # Pearson
    rmse: float | None = None
    rmse_over_max: float | None = None  # of A
    sum_a: float | None = None
    sum_b: float | None = None
    sum_ratio: float | None = None  # B/A
    max_a: float | None = None
    max_b: float | None = None
    max_ratio: float | None = None  # B/A
    max_abs_diff: float | None = None
    max_abs_diff_pixel: tuple[int, int] | None = None  # slow, fast of the whole image
    max_rel_diff: float | None = None  # |B - A| / |A|, or 1 where only A is zero
    max_rel_diff_pixel: tuple[int, int] | None = None
    max_rel_floored: float | None = None  # the same, a pixel taken as at least 1e-6 of the brightest
    max_rel_floored_pixel: tuple[int, int] | None = None
    identical_float32_share: float | None = None
    identical_pixels: int | None = None
    max_ulp: int | None = None  # float32 steps between two pixels, at most
    max_ulp_pixel: tuple[int, int] | None = None
    off_steps: int | None = None  # a pixel further apart than this is off
    off_pixels: int | None = None
    off_share: float | None = None
    block_sum_rel: float | None = None  # |B - A| / |A| of the sums over 8 x 8 pixels
    block_sum_rel_pixel: tuple[int, int] | None = None  # the block's first
    worst: dict[str, list[float]] = field(default_factory=dict)  # metric -> A and B at its pixel
    peaks: Record = field(default_factory=dict)
    resampled: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)  # metric -> why it is None

    def to_dict(self) -> Record:
        return {"kind": "image_comparison", "schema": 1, **asdict(self)}

    @classmethod
    def from_dict(cls, found: Record) -> Self:
        """The comparison that `to_dict` wrote."""
        pairs = ["shape", *(name for name in cls.__dataclass_fields__ if name.endswith("_pixel"))]
        known = {key: value for key, value in found.items() if key in cls.__dataclass_fields__}
        known |= {key: tuple(known[key]) for key in pairs if known.get(key) is not None}
        return cls(**{**known, "roi": Roi(*found["roi"])})


def compare_images(
    a: Image,
    b: Image,
    roi: Roi | None = None,
    *,
    percentile: float = PERCENTILE,
    most_peaks: int = MOST,
    reach: float = REACH,
    resampled: str | None = None,
    steps: int = STEPS,
) -> Comparison:
    """All metrics of B against A over `roi` (default: the whole image).

    a, b: float32 images (slow, fast) of one shape; A is the reference. Raises InputError (a ValueError) for
    other shapes and for a region off the image. A pixel more than `steps` float32 steps apart is off.

    >>> import numpy as np
    >>> from evidence.images.metrics import compare_images
    >>> a = np.random.default_rng(1).random((20, 30), dtype=np.float32)
    >>> found = compare_images(a, a * np.float32(1.5))
    >>> round(found.correlation, 6), round(found.sum_ratio, 6), found.identical_float32_share
    (1.0, 1.5, 0.0)
    """
    if a.shape != b.shape:
        raise InputError("images", f"B of {a.shape[0]} x {a.shape[1]} as A", f"{b.shape[0]} x {b.shape[1]}")
    shape = (int(a.shape[0]), int(a.shape[1]))
    region = checked_region(roi, shape)
    a, b = a[region.cut], b[region.cut]
    good_a, good_b = np.isfinite(a), np.isfinite(b)
    good = good_a & good_b
    finite = int(np.count_nonzero(good))
    reasons: dict[str, str] = {}
    numbers: Record = {}
    if finite == 0:
        reasons = {name: "no pixel is finite in both images" for name in NEEDS_PIXELS}
    else:
        numbers = _sums(a[good].astype(np.float64), b[good].astype(np.float64), reasons)
        numbers |= differences(a, b, good, (region.y0, region.x0), steps)
        if numbers["block_sum_rel"] is None:
            reasons["block_sum_rel"] = "image A has no light"
    if finite < good.size:
        a, b = np.where(good, a, np.nan), np.where(good, b, np.nan)
    spots_a, spots_b = (find_peaks(image, percentile, most_peaks) for image in (a, b))
    peaks = peak_metrics(spots_a, spots_b, (region.y0, region.x0), reach)
    if peaks["mean_distance_px"] is None:
        reasons["mean_distance_px"] = f"no pair of {peaks['count_a']} and {peaks['count_b']} peaks"
    return Comparison(
        shape=shape,
        roi=region,
        finite_pixels=finite,
        nonfinite_a=int(np.count_nonzero(~good_a)),
        nonfinite_b=int(np.count_nonzero(~good_b)),
        peaks=peaks,
        resampled=resampled,
        reasons=reasons,
        **numbers,
    )


def agreement(a: Image, b: Image) -> tuple[float, float]:
    """Share of pixels equal as float32 and largest relative difference of two finite images of one shape."""
    a, b = np.atleast_2d(a), np.atleast_2d(b)
    found = differences(a, b, np.ones(a.shape, dtype=bool), (0, 0))
    return found["identical_float32_share"], found["max_rel_diff"]


def checked_region(roi: Roi | None, shape: tuple[int, ...]) -> Roi:
    """`roi` if it holds a pixel of an image of `shape` (slow, fast), all of it inside; None: everything."""
    found = Roi.whole(shape) if roi is None else Roi(*map(int, roi))
    if not found.fits(shape):
        text = f"0 <= x0 <= x1 <= {shape[1] - 1} and 0 <= y0 <= y1 <= {shape[0] - 1}"
        raise InputError("roi", text, " ".join(map(str, found)))
    return found


def _ratio(top: float, bottom: float, name: str, reasons: dict[str, str]) -> float | None:
    value = top / bottom if bottom != 0 else float("nan")
    if np.isfinite(value):
        return float(value)
    reasons[name] = "the divisor, of image A, is 0" if bottom == 0 else "out of the range of a double"
    return None


def _sums(a: Plane, b: Plane, reasons: dict[str, str]) -> dict[str, float | None]:
    """Metrics that need no positions; a and b are 1-D, finite, of at least one pixel."""
    # Divided by one common scale first, so that squares of any float32 or float64 stay in range.
    scale = max(float(np.abs(a).max()), float(np.abs(b).max())) or 1.0
    difference = b / scale - a / scale
    rmse = scale * float(np.sqrt(np.mean(difference**2)))
    sum_a, sum_b, max_a, max_b = float(a.sum()), float(b.sum()), float(a.max()), float(b.max())
    return {
        "correlation": _correlation(a, b, reasons),
        "rmse": rmse,
        "rmse_over_max": _ratio(rmse, max_a, "rmse_over_max", reasons),
        "sum_a": sum_a,
        "sum_b": sum_b,
        "sum_ratio": _ratio(sum_b, sum_a, "sum_ratio", reasons),
        "max_a": max_a,
        "max_b": max_b,
        "max_ratio": _ratio(max_b, max_a, "max_ratio", reasons),
    }


def _correlation(a: Plane, b: Plane, reasons: dict[str, str]) -> float | None:
    for name, image in (("A", a), ("B", b)):
        if image.min() == image.max():
            reasons["correlation"] = f"image {name} is constant over the region"
            return None
    u, v = a / np.abs(a).max(), b / np.abs(b).max()
    u, v = u - u.mean(), v - v.mean()
    value = float(u @ v / np.sqrt((u @ u) * (v @ v)))
    if not np.isfinite(value):
        reasons["correlation"] = "the images vary too little for a double"
        return None
    return min(1.0, max(-1.0, value))


NEEDS_PIXELS = [
    item.name for item in fields(Comparison) if item.default is None and item.name not in ("resampled",)
]
