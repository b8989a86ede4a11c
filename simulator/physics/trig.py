"""Sines for the lattice sum. The C engine has libm's sin.

torch.sin and the C library agree to a unit in the last place over the whole range. In a compiled kernel the
sine is spelled out here instead, to the same accuracy: with the range reduction and the polynomial fused into
the loop it costs a third of a library call. tests/simulator/physics/test_trig.py holds both to exact values.
"""

import math

import torch
from torch import Tensor

# pi in parts of 26, 26 and 53 bits: k times either of the first two is exact for |k| < 2^27
PI_PARTS = (3.1415926218032837, 3.1786509424591713e-08, 1.2246467991473532e-16)
# (sin x/x - 1)/x^2 in powers of x^2: minimax on [-pi/2, pi/2], relative error of the sine 3e-19
SINE = (
    -0.16666666666666666,
    0.008333333333333194,
    -0.00019841269841209145,
    2.7557319211124294e-06,
    -2.5052106871582486e-08,
    1.6058939643083588e-10,
    -7.642989817411739e-13,
    2.72115698285728e-15,
)
# sin(pi x)/x in powers of x^2: minimax on [-1/2, 1/2], relative error 6e-9: enough for single precision
SINE_OF_TURNS = (
    3.1415926368953926,
    -5.167709684798911,
    2.550069726334561,
    -0.5982421264176118,
    0.07756038699144212,
)
# (sin(pi v)/(pi v) - 1)/v^2 and (cos(pi v) - 1)/v^2 in powers of v^2 on [-1/2, 1/2]: errors 1e-17 and, for
# single precision, 4e-9
SINE_PART = (
    -1.6449340668482264,
    0.8117424252833519,
    -0.19075182412194128,
    0.026147847813078808,
    -0.0023460809634923995,
    0.00014842817816693618,
    -6.972960555564221e-06,
    2.459180384815939e-07,
)
COSINE_PART = (
    -4.934802200544679,
    4.058712126416736,
    -1.3352627688518803,
    0.2353306302721577,
    -0.02580689002587539,
    0.001929562652479866,
    -0.00010458286368326585,
    4.166399462726949e-06,
)
SINE_PART_SINGLE = (
    -1.6449340665733154,
    0.8117423702881529,
    -0.19075006208997916,
    0.02612805885863882,
    -0.0022550628168998606,
)
COSINE_PART_SINGLE = (
    -4.934802196986985,
    4.0587114146834375,
    -1.3352399607008951,
    0.23507436832239592,
    -0.024627111595228457,
)


def sine(x: Tensor) -> Tensor:
    """sin(x), radians, |x| < 4e8, any shape, double precision."""
    if not torch.compiler.is_compiling():
        return torch.sin(x)
    turns = torch.round(x * (1.0 / math.pi))
    for part in PI_PARTS:
        x = x - turns * part
    half = turns * 0.5
    square = x * x
    value = x + x * (square * _polynomial(SINE, square))
    return value * (1.0 - 4.0 * (half - torch.floor(half)))  # negated after an odd number of turns


def sine_of_turns(x: Tensor) -> Tensor:
    """sin(pi x), |x| <= 1/2, any shape, single precision."""
    if not torch.compiler.is_compiling():
        return torch.sin(math.pi * x)
    return x * _polynomial(SINE_OF_TURNS, x * x)


def turn_parts(u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """sin(pi u), cos(pi u) and cos(pi u) - sin(pi u)/(pi u), u not 0, any shape.

    The last loses no digits where u is small; all are differentiable as they stand.
    """
    double = u.dtype == torch.float64
    turns = torch.round(u)
    v = u - turns
    square = v * v
    a = _polynomial(SINE_PART if double else SINE_PART_SINGLE, square)
    b = _polynomial(COSINE_PART if double else COSINE_PART_SINGLE, square)
    half = turns * 0.5
    sign = 1.0 - 4.0 * (half - torch.floor(half))
    whole = turns / u  # v/u is 1 - whole: nothing cancels where there are no turns
    rest = whole + square * (b - (1.0 - whole) * a)
    return sign * (math.pi * v) * (1.0 + square * a), sign * (1.0 + square * b), sign * rest


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    """Sum of coefficients[i] x^i."""
    last, *rest = reversed(coefficients)
    value = torch.full_like(x, last)
    for coefficient in rest:
        value = value * x + coefficient
    return value
