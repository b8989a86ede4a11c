"""The image data of a report, small enough to embed, and exact where the eye goes.

A frame of millions of pixels does not fit a report. Embedded are:

- the whole frame if it is small; otherwise an overview, the maximum over blocks of f x f pixels on a
  logarithmic 16-bit scale (spots survive a maximum, not a mean), and for each pair of images the largest
  differences in a block on 8-bit scales: in photons, relative, in float32 steps;
- the region of interest and what else is worth a close look (spots, traced pixels, those that differ most)
  as float32, bit for bit.

Images after the first are stored as XOR with (or difference from) the first, which compresses to almost
nothing when the engines agree; float32 words are split into byte planes for the same reason.
"""

import base64
import gzip
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evidence.cases.roi import Roi
from evidence.report.gaps import KINDS, gaps

Image = NDArray[np.float32]

WHOLE_PIXELS = 300_000  # a frame up to this size is embedded exactly
OVERVIEW_PIXELS = 400_000
EXACT_PIXELS = 300_000  # for the region of interest of a larger frame
CLOSE_UP = 16  # pixels on each side of a spot
NEIGHBOURS = 4  # and of a pixel that only itself is worth a look
CODES = 65_533  # steps of the 16-bit scale; code 0 is zero or below, CODES + 2 is not finite
NOT_FINITE = CODES + 2


@dataclass
class Payload:
    """What the page needs: `manifest` as JSON, `blobs` as base64 of gzip."""

    manifest: dict[str, object]
    blobs: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, data: NDArray[np.generic]) -> str:
        raw = np.ascontiguousarray(data).view(np.uint8).reshape(-1, data.itemsize).T.tobytes()
        self.blobs[name] = base64.b64encode(gzip.compress(raw, 7, mtime=0)).decode("ascii")
        return name

    @property
    def size(self) -> int:
        """Bytes of base64."""
        return sum(map(len, self.blobs.values()))


def pack(
    images: dict[str, Image],
    roi: Roi,
    points: list[tuple[int, int]],
    limit: int = 4_200_000,
    single: Sequence[tuple[int, int]] = (),
) -> Payload:
    """The payload, below `limit` bytes, for images (slow, fast) of one shape.

    `points` get close-ups; `single` pixels a few neighbours.
    """
    overview_pixels, exact_pixels = OVERVIEW_PIXELS, EXACT_PIXELS
    while True:
        boxes = _boxes(next(iter(images.values())).shape, roi, points, single, exact_pixels)
        payload = _pack(images, boxes, overview_pixels)
        if payload.size <= limit:
            return payload
        if exact_pixels < 1000:
            raise ValueError(f"report images: expected at most {limit} bytes, got {payload.size}")
        overview_pixels, exact_pixels = overview_pixels * 3 // 4, exact_pixels * 2 // 3


def _pack(images: dict[str, Image], boxes: list[Roi], overview_pixels: int) -> Payload:
    names, stack = list(images), list(images.values())
    shape = stack[0].shape
    whole = stack[0].size <= WHOLE_PIXELS
    boxes = [Roi.whole(shape)] if whole else boxes
    payload = Payload({"shape": list(shape), "names": names, "tiles": [list(box) for box in boxes]})
    exact = [np.concatenate([_cut(image, box).ravel() for box in boxes]).view(np.uint32) for image in stack]
    payload.manifest["exact"] = [
        payload.add(f"exact-{n}", words if n == 0 else words ^ exact[0]) for n, words in enumerate(exact)
    ]
    factor = 1 if whole else math.ceil(math.sqrt(stack[0].size / overview_pixels))
    payload.manifest["factor"] = factor
    payload.manifest["range"] = _display_range(stack[0])
    payload.manifest["overview"] = None if whole else _overview(payload, stack, factor)
    return payload


def _boxes(
    shape: tuple[int, ...],
    roi: Roi,
    points: list[tuple[int, int]],
    single: Sequence[tuple[int, int]],
    exact_pixels: int,
) -> list[Roi]:
    """The region of interest, cut to `exact_pixels` about its middle if larger, and one box a point."""
    x0, x1, y0, y1 = roi
    scale = min(1.0, math.sqrt(exact_pixels / ((x1 - x0 + 1) * (y1 - y0 + 1))))
    dx, dy = (int((x1 - x0 + 1) * (1 - scale) / 2), int((y1 - y0 + 1) * (1 - scale) / 2))
    boxes = [Roi(x0 + dx, x1 - dx, y0 + dy, y1 - dy)]
    boxes += [Roi.around(*point, CLOSE_UP).within(shape) for point in points]
    boxes += [Roi.around(*point, NEIGHBOURS).within(shape) for point in single]
    return list(dict.fromkeys(boxes))


def _cut(image: Image, box: Roi) -> Image:
    return np.ascontiguousarray(image[box.cut], dtype="<f4")


def _display_range(image: Image) -> list[float]:
    """Photons at the white and the black end of the grey scale: the median and the maximum of what is lit."""
    lit = image[np.isfinite(image) & (image > 0)]
    if not lit.size:
        return [1e-3, 1.0]
    top = float(lit.max())
    return [max(float(np.percentile(lit, 50)), top * 1e-6), top]


def _overview(payload: Payload, stack: list[Image], factor: int) -> dict[str, object]:
    pooled = [_pool(image, factor).max(axis=-1) for image in stack]
    lit = np.concatenate([p[np.isfinite(p) & (p > 0)] for p in pooled])
    ends = [math.log(float(lit.min())), math.log(float(lit.max()))] if lit.size else [0.0, 1.0]
    codes = [_encode(p, ends) for p in pooled]
    others = [
        {
            "delta": payload.add(f"delta-{n}", codes[n] - codes[0]),
            **_coarse(payload, stack[0], stack[n], factor, f"{n}"),
        }
        for n in range(1, len(stack))
    ]
    pairs = {
        f"{i}-{j}": _coarse(payload, stack[i], stack[j], factor, f"{i}-{j}")
        for i, j in itertools.combinations(range(1, len(stack)), 2)
    }
    return {
        "shape": list(pooled[0].shape),
        "ends": ends,
        "first": payload.add("first", codes[0]),
        "others": others,  # each against the first
        "pairs": pairs,  # of two of the others
    }


def _coarse(payload: Payload, a: Image, b: Image, factor: int, name: str) -> dict[str, object]:
    """The largest difference of B from A in each block, of every kind."""
    found: dict[str, object] = {}
    if np.array_equal(a.view("<u4"), b.view("<u4")):
        blocks = tuple(math.ceil(n / factor) for n in a.shape)
        same = payload.add(f"difference-{name}", np.zeros(blocks, np.int8))
        return {kind: {"blob": same, "ends": [1.0, 1.0]} for kind in KINDS}
    for kind, values in gaps(a, b).items():
        signed, span = _signed(_extreme(_pool(values, factor)))
        found[kind] = {"blob": payload.add(f"{kind}-{name}", signed), "ends": span}
    return found


def _pool(image: NDArray[np.floating], factor: int) -> NDArray[np.floating]:
    """(rows, columns, factor * factor): the pixels of each block; the edge is repeated to fill the last."""
    rows, columns = (math.ceil(n / factor) for n in image.shape)
    pad = ((0, rows * factor - image.shape[0]), (0, columns * factor - image.shape[1]))
    blocks = np.pad(image, pad, mode="edge").reshape(rows, factor, columns, factor)
    return blocks.transpose(0, 2, 1, 3).reshape(rows, columns, -1)


def _encode(values: NDArray[np.floating], ends: list[float]) -> NDArray[np.uint16]:
    """Logarithmic 16-bit codes: 0 is zero or below, 1 .. CODES + 1 span `ends` (natural logarithms)."""
    step = max(ends[1] - ends[0], 1e-12) / CODES
    with np.errstate(divide="ignore", invalid="ignore"):
        codes = np.rint((np.log(values) - ends[0]) / step) + 1
    codes = np.where(values > 0, codes, 0)
    return np.where(np.isfinite(values), codes, NOT_FINITE).astype("<u2")


def _extreme(blocks: NDArray[np.floating]) -> NDArray[np.floating]:
    """The entry of largest size in each block, with its sign; NaN wins."""
    index = np.argmax(np.where(np.isnan(blocks), np.inf, np.abs(blocks)), axis=-1)
    return np.take_along_axis(blocks, index[..., None], axis=-1)[..., 0]


def _signed(values: NDArray[np.floating]) -> tuple[NDArray[np.int8], list[float]]:
    """Signed logarithmic 8-bit codes: 0 is zero, +-1 .. +-127 span the returned sizes, -128 is not finite."""
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    low, high = (float(size.min()), float(size.max())) if size.size else (1.0, 1.0)
    span = max(math.log(high / low), 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        codes = np.sign(values) * (np.rint(np.log(np.abs(values) / low) / span * 126) + 1)
    codes = np.where(values == 0, 0, codes)
    return np.where(np.isfinite(values), codes, -128).astype(np.int8), [low, high]
