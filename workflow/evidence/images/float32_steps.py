"""How many float32 numbers lie between the pixels of two images."""

import numpy as np
from numpy.typing import NDArray

from evidence.images.imagefile import Image


def steps_between(a: Image, b: Image) -> NDArray[np.int64]:
    """Float32 steps between the pixels of two finite images of one shape."""
    return np.asarray(np.abs(signed_steps(a, b)))


def signed_steps(a: Image, b: Image) -> NDArray[np.int64]:
    """How many float32 numbers B lies above A, pixel by pixel; meaningless where one is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _ordinal(b) - _ordinal(a)


def _ordinal(image: Image) -> NDArray[np.int64]:
    """Neighbouring float32 get neighbouring integers, -0 and +0 both 0."""
    bits = image.astype(np.float32).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
