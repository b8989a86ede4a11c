"""Where two images differ most: in photons, relative to the pixel, in float32 steps, in blocks of pixels."""

import numpy as np
from numpy.typing import NDArray

from evidence.images.float32_steps import steps_between
from evidence.images.imagefile import Image
from evidence.records import Record

BLOCK = 8  # pixels on a side: flux that moves between blocks shows, whatever the correlation says
FAINT = 1e-3  # of the brightest block: below, a block's sum is compared with this much
FLOOR = 1e-6  # of the brightest pixel: below, a pixel is compared with this much
LEAST = float(np.finfo(np.float64).tiny)  # a share of the brightest may round to 0
STEPS = 1  # float32 steps that the last rounding may leave between equal sums


def differences(
    a: Image, b: Image, good: NDArray[np.bool_], corner: tuple[int, int], steps: int = STEPS
) -> Record:
    """Metrics of one pixel or block each, with its place (slow, fast of the whole image) and both values.

    a, b: images (slow, fast); `good`: pixels finite in both, at least one; `corner`: the first pixel's place.
    """
    a, b = np.where(good, a, 0), np.where(good, b, 0)
    size = np.abs(a.astype(np.float64))
    gap = np.abs(b.astype(np.float64) - a)
    relative = np.divide(gap, np.where(size > 0, size, gap), out=np.zeros_like(gap), where=gap > 0)
    apart = steps_between(a, b)
    count = int(np.count_nonzero(good))
    off = int(np.count_nonzero(apart > steps))
    found: Record = {
        "identical_pixels": count - int(np.count_nonzero(apart)),
        "off_steps": steps,
        "off_pixels": off,
        "off_share": off / count,
        "worst": {},
    }
    found["identical_float32_share"] = found["identical_pixels"] / count
    floored = gap / np.maximum(size, max(FLOOR * size.max(), LEAST)) if size.max() > 0 else relative
    planes = {"max_abs_diff": gap, "max_rel_diff": relative, "max_rel_floored": floored, "max_ulp": apart}
    for name, plane in planes.items():
        slow, fast = (int(n) for n in np.unravel_index(int(np.argmax(plane)), plane.shape))
        found[name] = plane[slow, fast].item()
        found[f"{name}_pixel"] = (slow + corner[0], fast + corner[1])
        found["worst"][name] = [float(a[slow, fast]), float(b[slow, fast])]
    return found | _blocks_apart(a, b, corner)


def block_sum_rel(a: Image, b: Image) -> float | None:
    """Largest relative difference of the sums over 8 x 8 pixels; None where A has no light."""
    good = np.isfinite(a) & np.isfinite(b)
    value: float | None = _blocks_apart(np.where(good, a, 0), np.where(good, b, 0), (0, 0))["block_sum_rel"]
    return value


def _blocks_apart(a: Image, b: Image, corner: tuple[int, int]) -> Record:
    sums_a, sums_b = (_block_sums(image.astype(np.float64)) for image in (a, b))
    size = np.abs(sums_a)
    if size.max() == 0.0:
        return {"block_sum_rel": None, "block_sum_rel_pixel": None}
    relative = np.abs(sums_b - sums_a) / np.maximum(size, max(FAINT * size.max(), LEAST))
    slow, fast = (int(n) for n in np.unravel_index(int(np.argmax(relative)), relative.shape))
    place = (BLOCK * slow + corner[0], BLOCK * fast + corner[1])
    return {"block_sum_rel": float(relative[slow, fast]), "block_sum_rel_pixel": place}


def _block_sums(image: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.pad(image, [(0, -size % BLOCK) for size in image.shape])
    slow, fast = (size // BLOCK for size in padded.shape)
    return np.asarray(padded.reshape(slow, BLOCK, fast, BLOCK).sum(axis=(1, 3)))
