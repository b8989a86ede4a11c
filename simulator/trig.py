"""Sines for the lattice sum. Twin: reference/trig.c (libm's sin).

torch.sin and the C library agree to a unit in the last place over the whole range. In a compiled kernel the
sine is spelled out here instead, to the same accuracy: with the range reduction and the polynomial fused into
the loop it costs a third of a library call. tests/simulator/test_trig.py holds both to exact values.
"""

import math

import torch
from torch import Tensor

# pi in three parts of 26, 26 and 53 bits: k times either of the first two is exact for |k| < 2^27
PI_64 = (3.1415926218032837, 3.1786509424591713e-08, 1.2246467991473532e-16)
PI_32 = (3.140625, 9.67653589793e-4)  # the first part: 11 bits
TAYLOR_64 = [(-1) ** n / math.factorial(2 * n + 1) for n in range(1, 11)]
TAYLOR_32 = TAYLOR_64[:6]


def _polynomial(x: Tensor, coefficients: list[float]) -> Tensor:
    """x + x^3 (c0 + c1 x^2 + ...), on [-pi/2, pi/2]."""
    square = x * x
    value = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = value * square + coefficient
    return x + x * (square * value)


def _signed(value: Tensor, turns: Tensor) -> Tensor:
    """The value, negated after an odd number of half turns."""
    half = turns * 0.5
    return value * (1.0 - 4.0 * (half - torch.floor(half)))


def sine(x: Tensor) -> Tensor:
    """sin(x), radians, |x| < 4e8, any shape."""
    if not torch.compiler.is_compiling():
        return torch.sin(x)
    turns = torch.round(x * (1.0 / math.pi))
    double = x.dtype == torch.float64
    for part in PI_64 if double else PI_32:
        x = x - turns * part
    return _signed(_polynomial(x, TAYLOR_64 if double else TAYLOR_32), turns)
