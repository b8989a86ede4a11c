"""Where two images differ, and by how much: counts of float32 steps, the worst pixels, shells of resolution.

A is the reference. Counted are pixels that are finite in both; the first that is not has a row of its own.
Each function returns rows of a table of metrics.json.
"""

import numpy as np
from numpy.typing import NDArray

from evidence.images.float32_steps import steps_between
from evidence.images.imagefile import Image
from evidence.records import Record

SHELLS = 10
WORST = 5  # pixels of each kind

Plane = NDArray[np.floating]


def step_rows(a: Image, b: Image) -> list[Record]:
    """How many pixels are 0, 1, 2 to 3, 4 to 7, ... float32 steps apart, up to the largest distance."""
    steps = steps_between(a, b)[_finite(a, b)]
    if not steps.size:
        return []
    bins = np.bincount(np.frexp(steps.astype(np.float64))[1])  # 0, 1, 2..3, 4..7: the bits of the number
    return [
        {"steps_from": 2 ** (n - 1) if n else 0, "steps_to": max(2**n - 1, 0), "pixels": int(count)}
        for n, count in enumerate(bins)
    ]


def worst_rows(a: Image, b: Image) -> list[Record]:
    """The pixels furthest apart in photons, and in float32 steps; first one that is not finite, if any.

    c and py are the values of A and B, None where they are not finite; identical images have no rows.
    """
    good = _finite(a, b)
    steps = np.where(good, steps_between(a, b), 0)
    gap = np.where(good, np.subtract(b, a, dtype=np.float64, where=good, out=np.zeros(a.shape)), 0.0)
    rows = [_row("not finite", a, b, gap, steps, at) for at in np.argwhere(~good)[:1]]
    for kind, plane in (("photons", np.abs(gap)), ("float32 steps", steps)):
        most = min(WORST, int(np.count_nonzero(plane)))
        furthest = np.argpartition(-plane.ravel(), most - 1)[:most] if most else np.zeros(0, np.intp)
        places = sorted(furthest, key=lambda n: (-plane.flat[n], n))
        rows += [_row(kind, a, b, gap, steps, np.unravel_index(n, a.shape)) for n in places]
    return rows


def shell_rows(a: Image, b: Image, spacing: Plane, shells: int = SHELLS) -> list[Record]:
    """Agreement in shells of resolution of equally many pixels, the lowest resolution first.

    spacing: d of each pixel in angstrom (slow, fast), infinite in the direct beam. r is the sum of |b - a|
    over that of |a|, None where a is all zero; the correlation is None where an image is constant.
    """
    good = _finite(a, b) & (spacing > 0)
    a, b = a[good].astype(np.float64), b[good].astype(np.float64)
    if a.size < shells:
        return []
    inverse = (1.0 / spacing[good]).astype(np.float32)
    inner = np.quantile(inverse, np.arange(1, shells) / shells)
    shell = np.searchsorted(inner, inverse, side="right").astype(np.uint8)
    steps = steps_between(a, b)
    rows = []
    for n in range(shells):
        here = shell == n
        if here.any():
            with np.errstate(divide="ignore"):  # d is infinite in the direct beam
                rows.append(_shell(a[here], b[here], steps[here], 1.0 / inverse[here].astype(np.float64)))
    return rows


def _shell(a: Plane, b: Plane, steps: NDArray[np.int64], spacing: Plane) -> Record:
    size = float(np.abs(a).sum())
    sum_a = float(a.sum())
    return {
        "d_max": _number(spacing.max()),
        "d_min": _number(spacing.min()),
        "pixels": int(a.size),
        "identical_share": float(np.mean(steps == 0)),
        "max_ulp": int(steps.max()),
        "r": float(np.abs(b - a).sum()) / size if size else None,
        "sum_ratio": float(b.sum()) / sum_a if sum_a else None,
        "correlation": _correlation(a, b),
    }


def _correlation(a: Plane, b: Plane) -> float | None:
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()))
    if a.min() == a.max() or b.min() == b.max():
        return None
    u, v = a / scale, b / scale
    u, v = u - u.mean(), v - v.mean()
    return _number(u @ v / np.sqrt((u @ u) * (v @ v)))


def _row(
    kind: str, a: Image, b: Image, gap: Plane, steps: NDArray[np.int64], at: tuple[np.intp, ...]
) -> Record:
    slow, fast = (int(n) for n in at)
    x, difference = float(a[slow, fast]), float(gap[slow, fast])
    finite = bool(np.isfinite(a[slow, fast]) and np.isfinite(b[slow, fast]))
    return {
        "kind": kind,
        "slow": slow,
        "fast": fast,
        "c": _number(a[slow, fast]),
        "py": _number(b[slow, fast]),
        "abs": abs(difference) if finite else None,
        "rel": abs(difference) / abs(x) if finite and x else None,
        "ulp": int(steps[slow, fast]) if finite else None,
    }


def _number(value: np.floating) -> float | None:
    """None for what JSON cannot hold."""
    return float(value) if np.isfinite(value) else None


def _finite(a: Image, b: Image) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(a) & np.isfinite(b))
