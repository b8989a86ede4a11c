"""Sines for the lattice sum. The C engine has libm's sin.

torch.sin and the C library agree to a unit in the last place over the whole range. In a compiled kernel the
sine is spelled out here instead, to the same accuracy: with the range reduction and the polynomial fused into
the loop it costs a third of a library call. tests/simulator/test_trig.py holds both to exact values.
"""

import math

import torch
from torch import Tensor

# pi in parts of 26, 26 and 53 bits: k times either of the first two is exact for |k| < 2^27; in single
# precision the first part has 11 bits
PI_PARTS = {
    torch.float64: (3.1415926218032837, 3.1786509424591713e-08, 1.2246467991473532e-16),
    torch.float32: (3.140625, 9.67653589793e-4),
}
# (sin x/x - 1)/x^2 in powers of x^2: minimax on [-pi/2, pi/2], relative error of the sine 3e-19 and 6e-9
POLYNOMIALS = {
    torch.float64: (
        -0.16666666666666666,
        0.008333333333333194,
        -0.00019841269841209145,
        2.7557319211124294e-06,
        -2.5052106871582486e-08,
        1.6058939643083588e-10,
        -7.642989817411739e-13,
        2.72115698285728e-15,
    ),
    torch.float32: (
        -0.16666659544584955,
        0.00833306608299532,
        -0.0001980959012116109,
        2.6057507371023652e-06,
    ),
}


def sine(x: Tensor) -> Tensor:
    """sin(x), radians, |x| < 4e8, any shape."""
    if not torch.compiler.is_compiling():
        return torch.sin(x)
    turns = torch.round(x * (1.0 / math.pi))
    for part in PI_PARTS[x.dtype]:
        x = x - turns * part
    half = turns * 0.5
    return sine_within(x) * (1.0 - 4.0 * (half - torch.floor(half)))  # negated after an odd number of turns


def sine_within(x: Tensor) -> Tensor:
    """sin(x), radians, |x| <= pi/2, any shape."""
    if not torch.compiler.is_compiling():
        return torch.sin(x)
    first, *rest = reversed(POLYNOMIALS[x.dtype])
    square = x * x
    value = torch.full_like(x, first)
    for coefficient in rest:
        value = value * square + coefficient
    return x + x * (square * value)
