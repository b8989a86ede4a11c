"""Reproducible random numbers as nanoBragg draws them. Twin: reference/physics/rng.c.

The "minimal standard" generator of Park and Miller with a Bays-Durham shuffle, in single precision:
README "Random numbers".
"""

import math

import numpy as np
import torch
from torch import Tensor

MULTIPLIER, MODULUS, SCHRAGE_Q, SCHRAGE_R = 16807, 2147483647, 127773, 2836
SLOTS, WARM_UP = 32, 8
LARGEST = np.float32(1.0 - 1.2e-7)


class Ran1:
    """Uniform deviates in (0, 1), single precision, from a seed."""

    def __init__(self, seed: int) -> None:
        self.state = max(abs(seed), 1)
        self.table = [self._next() for _ in range(SLOTS + WARM_UP)][WARM_UP:][::-1]
        self.last = self.table[0]

    def _next(self) -> int:
        high, low = divmod(self.state, SCHRAGE_Q)
        self.state = MULTIPLIER * low - SCHRAGE_R * high
        if self.state < 0:
            self.state += MODULUS
        return self.state

    def draw(self) -> np.float32:
        """The next deviate."""
        fresh = self._next()
        slot = self.last // (1 + (MODULUS - 1) // SLOTS)
        self.last, self.table[slot] = self.table[slot], fresh
        return min(np.float32(self.last * (1.0 / MODULUS)), LARGEST)


def mosaic_rotation(generator: Ran1, spread: Tensor) -> Tensor:
    """Rotation matrix (3, 3) of one mosaic domain, from three deviates; spread in radians (a scalar).

    The axis is uniform over directions, the angle spread (1 - r^2)^(1/3) in single precision.
    """
    r1, r2, r3 = (2.0 * float(generator.draw()) - 1.0 for _ in range(3))
    xy = math.sqrt(1.0 - r2 * r2)
    axis = (xy * math.sin(math.pi * r1), xy * math.cos(math.pi * r1), r2)
    base, third = np.float32(1.0 - r3 * r3), np.float32(1.0 / 3.0)
    portion = np.float32(math.pow(base, third))  # as C's powf: single in, single out
    exact = spread * float(portion)
    rounded = (spread.detach().to(torch.float32) * float(portion)).to(spread.dtype)
    angle = exact + (
        rounded - exact.detach()
    )  # the rounded value, to the last bit, with the slope of the exact
    return axis_matrix(torch.tensor(axis, dtype=spread.dtype, device=spread.device), angle)


def axis_matrix(axis: Tensor, angle: Tensor) -> Tensor:
    """Right-handed rotation matrix (3, 3) about the unit axis (3) by an angle in radians."""
    x, y, z = axis.unbind()
    zero = torch.zeros_like(x)
    skew = torch.stack((zero, -z, y, z, zero, -x, -y, x, zero)).reshape(3, 3)
    cosine = torch.cos(angle)
    one = torch.eye(3, dtype=axis.dtype, device=axis.device)
    return one * cosine + skew * torch.sin(angle) + torch.outer(axis, axis) * (1.0 - cosine)
