"""What the digits of a printed number leave open."""

import math
from collections.abc import Callable

Rounding = Callable[[float], float]  # value as printed -> half a unit of its last digit


def significant(digits: int) -> Rounding:
    """%.Ng: N significant digits."""

    def half(value: float) -> float:
        if value == 0 or not math.isfinite(value):
            return 0.0
        return 0.500001 * 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)

    return half


def decimals(digits: int) -> Rounding:
    """%.Nf: N digits after the point."""
    return lambda _: 0.500001 * 10.0**-digits


def single(value: float) -> float:
    """A float32 printed with 10 significant digits: what was rounded off before it was printed counts too."""
    return significant(10)(value) + abs(value) * 2.0**-24 if math.isfinite(value) else 0.0


def exact(_: float) -> float:
    """A whole number, printed whole."""
    return 0.0
