"""Lattice factors: how N cells along each axis add up around a reciprocal-lattice point.

Twin: reference/lattice.c. Formulas: section 7 of the behaviour page (J. Holton, nanoBragg).
"""

import math

import torch
from torch import Tensor

from simulator.vectors import dot

ROUND_SCALE = 0.723601254558268  # makes the sphere's forward value match the square crystal's volume
GAUSS_WIDTH = 0.63  # exponent of the Gaussian spot: exp(-g/0.63)
TOPHAT_EDGE = 0.3969  # 0.63^2: where the top hat ends


def sincg(x: Tensor, n: Tensor) -> Tensor:
    """Grating function sin(n x)/sin(x), n where x is 0. x in radians, n broadcast against it.

    At 0 the quotient is taken at 2^-60, where it is n and its slope 0 to the last bit: no branch is needed.
    """
    x = torch.where(x == 0, 2.0**-60, x)
    return torch.sin(x * n) / torch.sin(x)


def sinc3(x: Tensor) -> Tensor:
    """Transform of a solid sphere, 3(sin x/x - cos x)/x^2, 1 where x is 0."""
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    return torch.where(zero, 1.0, 3.0 * (torch.sin(safe) / safe - torch.cos(safe)) / (safe * safe))


def lattice_square(hkl: Tensor, n_cells: Tensor) -> Tensor:
    """Factors (..., 3) of the axes of a square crystal, sincg(pi h, Na) and so on; F_latt is their product.

    hkl: fractional Miller indices (..., 3); n_cells: (3). An axis of one cell contributes 1.
    """
    return sincg(math.pi * hkl, n_cells)


def lattice_round(dhkl: Tensor, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Ellipsoidal crystal: F_latt (...) from the distances (..., 3) to the nearest lattice point."""
    square = dot(dhkl * dhkl, n_cells * n_cells)
    # sqrt has no slope at 0: keep its argument away from it, the result there is the limit anyway
    zero = square == 0
    radius = torch.sqrt(torch.where(zero, 1.0, square * fudge))
    return n_cells.prod() * ROUND_SCALE * torch.where(zero, 1.0, sinc3(math.pi * radius))


def spot_distance(dhkl: Tensor, star: Tensor, n_cells: Tensor) -> Tensor:
    """Squared distance to the lattice point on the scale of the spot: |dh a* + dk b* + dl c*|^2 (Na Nb Nc)^2.

    dhkl: (..., 3); star: rows a*, b*, c* (3, 3) in 1/A.
    """
    parts = [
        dhkl[..., 0] * star[0, i] + dhkl[..., 1] * star[1, i] + dhkl[..., 2] * star[2, i] for i in range(3)
    ]
    return (parts[0] * parts[0] + parts[1] * parts[1] + parts[2] * parts[2]) * (n_cells * n_cells).prod()


def lattice_gauss(g: Tensor, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Gaussian spot Na Nb Nc exp(-(g/0.63) fudge), g from `spot_distance`."""
    return n_cells.prod() * torch.exp(-(g / GAUSS_WIDTH * fudge))


def lattice_tophat(g: Tensor, n_cells: Tensor, fudge: Tensor) -> Tensor:
    """Top-hat spot: Na Nb Nc where g fudge < 0.3969, else 0."""
    return torch.where(g * fudge < TOPHAT_EDGE, n_cells.prod(), torch.zeros_like(g))
