"""Differences of images from another program against a derivative: do they go where they should, how fast?

Forward differences at 1, 2, 4, 8 and 16 times a base step err in proportion to the step; extrapolated to a
step of 0 (L. F. Richardson, Phil. Trans. R. Soc. A 226, 299, 1927) they are the derivative.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from evidence.errors import MissingError
from evidence.records import Record

Pixels = npt.NDArray[np.float64]
STEPS = (1, 2, 4, 8, 16)  # times the base step
CHANGE = 1e-4  # of the brightest pixel, by the base step: curvature and rounding both stay small
STRAIGHT = 1e-9  # error at the longest step below which an image is linear in a number


@dataclass(frozen=True)
class Comparison:
    """Of one number: errors are over the largest slope of a pixel; r is None where there is no curvature."""

    parameter: str
    step: float  # the base step, in the unit of the flag
    largest: float  # slope, photons per unit of the flag
    errors: list[float]  # of the difference at each step
    richardson: float  # of the extrapolated difference
    r: float | None  # correlation of errors with steps

    def to_dict(self) -> Record:
        """A row of a table."""
        row = asdict(self)
        errors = row.pop("errors")
        return {
            **row,
            "linear": self.r is None,
            **{f"error_{k}": error for k, error in zip(STEPS, errors, strict=True)},
        }


def base_step(pixels: Pixels, slope: Pixels) -> float:
    """A power of two that changes the brightest pixel by `CHANGE` or less: sums with it are not rounded.

    NaN where a derivative is no number. Raises MissingError where nothing changes.
    """
    largest, brightest = float(np.abs(slope).max()), float(np.abs(pixels).max())
    if largest == 0 or brightest == 0:
        raise MissingError("no pixel changes with it")
    return float(2.0 ** np.floor(np.log2(CHANGE * brightest / largest)))


def compare(parameter: str, slope: Pixels, base: Pixels, images: Mapping[float, Pixels]) -> Comparison:
    """A derivative (n pixels) against images by the change of the number; MissingError if they are no row.

    A pixel that is no number makes every figure NaN.
    """
    changes = sorted(images)
    if len(changes) != len(STEPS) or not np.allclose(
        changes, [k * changes[0] for k in STEPS], rtol=1e-6, atol=0
    ):
        raise MissingError(f"{parameter}: expected steps {STEPS} times the first, got {changes}")
    largest = float(np.abs(slope).max())
    if largest == 0:
        raise MissingError(f"{parameter}: the derivative is 0")
    rows = [(images[change] - base) / change for change in changes]
    errors = [float(np.abs(row - slope).max()) / largest for row in rows]
    while len(rows) > 1:  # each column removes one more power of the step
        power = 2 ** (len(STEPS) - len(rows) + 1)
        rows = [(power * fine - coarse) / (power - 1) for fine, coarse in pairwise(rows)]
    bent = not errors[-1] <= STRAIGHT  # NaN is not straight
    return Comparison(
        parameter,
        changes[0],
        largest,
        errors,
        float(np.abs(rows[0] - slope).max()) / largest,
        float(np.corrcoef(STEPS, errors)[0, 1]) if bent else None,
    )
