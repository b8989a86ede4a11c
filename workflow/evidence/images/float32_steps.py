"""How many float32 numbers lie between the pixels of two images."""

import numpy as np
from numpy.typing import NDArray

from evidence.images.imagefile import Image
from evidence.records import Record


def bit_distance(a: Image, b: Image) -> Record:
    """Share of pixels equal as float32, and the largest count of float32 steps between two."""
    with np.errstate(over="ignore"):
        steps = np.abs(_ordinal(a) - _ordinal(b))
    return {"identical_float32_share": float(np.mean(steps == 0)), "max_ulp": int(steps.max())}


def _ordinal(image: Image) -> NDArray[np.int64]:
    """Neighbouring float32 get neighbouring integers, -0 and +0 both 0."""
    bits = image.astype(np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
