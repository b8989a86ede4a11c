"""Lattice factors: how N cells along each axis add up around a reciprocal-lattice point.

Twin: reference/physics/lattice.c. Formulas: README "Lattice factor" (J. Holton, nanoBragg).
"""

import math

import torch
from torch import Tensor

from simulator.physics.trig import sine, sine_of_turns

Indices = tuple[Tensor, Tensor, Tensor]  # h, k, l, or something for each of them
ROUND_SCALE = 0.723601254558268  # makes the sphere's forward value match the square crystal's volume
GAUSS_WIDTH = 0.63  # exponent of the Gaussian spot: exp(-g/0.63)
TOPHAT_EDGE = 0.3969  # 0.63^2: where the top hat ends


def sincg(x: Tensor, n: Tensor) -> Tensor:
    """Grating function sin(n x)/sin(x), n where x is 0. x in radians, n broadcast against it."""
    x = off_zero(x)
    return sine(x * n) / sine(x)


def off_zero(x: Tensor) -> Tensor:
    """x, but a tiny number for 0: there sin(n x)/sin(x) is n and its slope 0 to the last bit, unbranched."""
    if x.dtype == torch.float64:
        return x + 2.0**-500  # lost in the rounding of any other x
    return torch.where(torch.abs(x) < 2.0**-30, 2.0**-30, x)  # a product of three stays in range


def sinc3(x: Tensor) -> Tensor:
    """Transform of a solid sphere, 3(sin x/x - cos x)/x^2, 1 where x is 0."""
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    return torch.where(zero, 1.0, 3.0 * (torch.sin(safe) / safe - torch.cos(safe)) / (safe * safe))


def lattice_square(hkl: Indices, n_cells: Tensor) -> tuple[Indices, Tensor]:
    """Square crystal: the factors of its axes, sincg(pi h, Na) and so on, and their product F_latt.

    hkl: fractional Miller indices, each (...); n_cells: (3). An axis of one cell contributes 1.
    """
    a, b, c = (sincg(math.pi * x, n) for x, n in zip(hkl, n_cells.unbind(), strict=True))
    return (a, b, c), a * b * c


def lattice_reduced(dhkl: Indices, n_cells: Tensor) -> tuple[Indices, Tensor]:
    """`lattice_square` from the distances to the nearest lattice point, at most half a cell: for float32.

    The sign is lost: what whole turns would give vanishes in the square.
    """
    x, y, z = (off_zero(dh) for dh in dhkl)
    turns = (u * n for u, n in zip((x, y, z), n_cells.unbind(), strict=True))
    over_x, over_y, over_z = (sine_of_turns(u - torch.round(u)) for u in turns)
    x, y, z = sine_of_turns(x), sine_of_turns(y), sine_of_turns(z)
    # one division instead of three
    return (over_x / x, over_y / y, over_z / z), over_x * over_y * over_z / (x * y * z)


def lattice_round(dhkl: Indices, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Ellipsoidal crystal: F_latt (...) from the distances, each (...), to the nearest lattice point."""
    (dh, dk, dl), (na, nb, nc) = dhkl, n_cells.unbind()
    square = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc
    # sqrt has no slope at 0: keep its argument away from it, the result there is the limit anyway
    zero = square == 0
    radius = torch.sqrt(torch.where(zero, 1.0, square * fudge))
    return na * nb * nc * ROUND_SCALE * torch.where(zero, 1.0, sinc3(math.pi * radius))


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
