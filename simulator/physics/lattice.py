"""Lattice factors: how N cells along each axis add up around a reciprocal-lattice point.

Twin: reference/physics/lattice.c. Formulas: README "Lattice factor" (J. Holton, nanoBragg).
"""

import math

import torch
from torch import Tensor

from simulator.physics.slopes import (
    AxisFactor,
    SphereFactor,
    differentiates,
    off_zero,
    parity,
    with_slopes,
)
from simulator.physics.trig import sine, sine_of_turns

Indices = tuple[Tensor, Tensor, Tensor]  # h, k, l, or something for each of them
ROUND_SCALE = 0.723601254558268  # makes the sphere's forward value match the square crystal's volume
GAUSS_WIDTH = 0.63  # exponent of the Gaussian spot: exp(-g/0.63)
TOPHAT_EDGE = 0.3969  # 0.63^2: where the top hat ends


SERIES = 0.5  # below this x a sphere's transform is summed up where nothing may cancel
SPHERE_RATIOS = (10.0, 28.0, 54.0, 88.0, 130.0, 180.0)  # of that series: 2(k + 1)(2k + 5)


def sincg(x: Tensor, n: Tensor) -> Tensor:
    """Grating function sin(n x)/sin(x), n where x is 0. x in radians, n broadcast against it."""
    return with_slopes(AxisFactor, grating(x.detach(), n.detach()), x / math.pi, n)


def grating(x: Tensor, n: Tensor) -> Tensor:
    """The value of `sincg`, as C computes it."""
    x = off_zero(x)
    return sine(x * n) / sine(x)


def sinc3(x: Tensor, cancels: bool = True) -> Tensor:
    """Transform of a solid sphere, 3(sin x/x - cos x)/x^2, 1 where x is 0.

    The difference cancels as x goes to 0: unless that is wanted, as C has it, a series takes over there.
    """
    return with_slopes(SphereFactor, sphere(x.detach(), cancels), x * x)


def sphere(x: Tensor, cancels: bool) -> Tensor:
    """The value of `sinc3`."""
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    value = torch.where(zero, 1.0, 3.0 * (torch.sin(safe) / safe - torch.cos(safe)) / (safe * safe))
    if cancels:
        return value
    y, series = x * x, torch.ones_like(x)
    for ratio in reversed(SPHERE_RATIOS):
        series = 1.0 - y / ratio * series
    return torch.where(x < SERIES, series, value)


def lattice_square(hkl: Indices, n_cells: Tensor, cancels: bool = True) -> tuple[Indices, Tensor]:
    """Square crystal: the factors of its axes, sincg(pi h, Na) and so on, and their product F_latt.

    hkl: fractional Miller indices, each (...); n_cells: (3). An axis of one cell contributes 1. The whole
    part of h takes digits from pi h: unless that is wanted, as C has it, it is dropped first.
    """
    a, b, c = (lattice_axis(x, n, cancels) for x, n in zip(hkl, n_cells.unbind(), strict=True))
    return (a, b, c), a * b * c


def lattice_axis(h: Tensor, n: Tensor, cancels: bool) -> Tensor:
    """Factor of one axis of a square crystal at fractional h (...), n cells."""
    plain, cells = h.detach(), n.detach()
    if cancels:
        return with_slopes(AxisFactor, grating(math.pi * plain, cells), h, n)
    whole = torch.ceil(plain - 0.5)
    return with_slopes(AxisFactor, grating(math.pi * (plain - whole), cells) * parity(whole, cells), h, n)


def lattice_reduced(dhkl: Indices, n_cells: Tensor) -> tuple[Indices, Tensor]:
    """`lattice_square` from the distances to the nearest lattice point, at most half a cell: for float32.

    The sign is lost: what whole turns would give vanishes in the square.
    """
    if differentiates():
        a, b, c = (reduced_axis(dh, n) for dh, n in zip(dhkl, n_cells.unbind(), strict=True))
        return (a, b, c), a * b * c
    x, y, z = (off_zero(dh) for dh in dhkl)
    turns = (u * n for u, n in zip((x, y, z), n_cells.unbind(), strict=True))
    over_x, over_y, over_z = (sine_of_turns(u - torch.round(u)) for u in turns)
    x, y, z = sine_of_turns(x), sine_of_turns(y), sine_of_turns(z)
    # one division instead of three
    return (over_x / x, over_y / y, over_z / z), over_x * over_y * over_z / (x * y * z)


def reduced_axis(dh: Tensor, n: Tensor) -> Tensor:
    """Factor of one axis at dh (...), at most half a cell, n cells, its sign kept."""
    x = off_zero(dh.detach())
    turns = x * n.detach()
    whole = torch.round(turns)
    value = sine_of_turns(turns - whole) / sine_of_turns(x)
    return with_slopes(AxisFactor, value * (1.0 - 2.0 * torch.abs(torch.fmod(whole, 2.0))), dh, n)


def lattice_round(dhkl: Indices, n_cells: Tensor, fudge: Tensor, cancels: bool = True) -> Tensor:
    """Ellipsoidal crystal: F_latt (...) from the distances, each (...), to the nearest lattice point."""
    (dh, dk, dl), (na, nb, nc) = dhkl, n_cells.unbind()
    square = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc
    distance = square * fudge
    value = sphere(math.pi * torch.sqrt(distance.detach()), cancels)
    # by the square: a root has no slope at 0
    return na * nb * nc * ROUND_SCALE * with_slopes(SphereFactor, value, math.pi**2 * distance)


def spot_distance(dhkl: Indices, star: Tensor, n_cells: Tensor) -> Tensor:
    """Squared distance to the lattice point on the scale of the spot: |dh a* + dk b* + dl c*|^2 (Na Nb Nc)^2.

    dhkl: each (...); star: rows a*, b*, c* (3, 3) in 1/A.
    """
    dh, dk, dl = dhkl
    x, y, z = (dh * star[0, i] + dk * star[1, i] + dl * star[2, i] for i in range(3))
    na, nb, nc = n_cells.unbind()
    return (x * x + y * y + z * z) * na * na * nb * nb * nc * nc


def lattice_gauss(g: Tensor, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Gaussian spot Na Nb Nc exp(-(g/0.63) fudge), g from `spot_distance`."""
    return n_cells.prod() * torch.exp(-(g / GAUSS_WIDTH * fudge))


def lattice_tophat(g: Tensor, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Top-hat spot: Na Nb Nc where g fudge < 0.3969, else 0."""
    return torch.where(g * fudge < TOPHAT_EDGE, n_cells.prod(), torch.zeros_like(g))
