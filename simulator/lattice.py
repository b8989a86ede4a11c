"""Lattice factors: how N cells along each axis add up around a reciprocal-lattice point.

Twin: reference/lattice.c. Formulas: section 7 of the behaviour page (J. Holton, nanoBragg).
"""

import math

import torch
from torch import Tensor

ROUND_SCALE = 0.723601254558268  # makes the sphere's forward value match the square crystal's volume
GAUSS_WIDTH = 0.63  # exponent of the Gaussian spot: exp(-g/0.63)
TOPHAT_EDGE = 0.3969  # 0.63^2: where the top hat ends


def sincg(x: Tensor, n: Tensor | float) -> Tensor:
    """Grating function sin(n x)/sin(x), n where x is 0. x in radians, any shape."""
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    return torch.where(zero, n, torch.sin(safe * n) / torch.sin(safe))


def sinc3(x: Tensor) -> Tensor:
    """Transform of a solid sphere, 3(sin x/x - cos x)/x^2, 1 where x is 0."""
    zero = x == 0
    safe = torch.where(zero, 1.0, x)
    value = 3.0 * (torch.sin(safe) / safe - torch.cos(safe)) / (safe * safe)
    return torch.where(zero, 1.0, value)


def lattice_axis(h: Tensor, n: float) -> Tensor:
    """Factor of one axis of a square crystal: sincg(pi h, n); an axis of one cell gives 1.

    Below float64 the whole part of h is dropped first: pi h n has no digits left for a large crystal at a
    high index, and the sign that this loses vanishes in the square.
    """
    if n == 1:
        return torch.ones_like(h)
    return sincg(math.pi * h, n)


def lattice_square(h: Tensor, k: Tensor, l: Tensor, n_cells: tuple[float, float, float]) -> Tensor:  # noqa: E741
    """Product of the three axis factors; h, k, l of any one shape."""
    factors = [lattice_axis(x, n) for x, n in zip((h, k, l), n_cells, strict=True) if n != 1]
    if not factors:
        return torch.ones_like(h)
    value = factors[0]
    for factor in factors[1:]:
        value = value * factor
    return value


def lattice_round(dh: Tensor, dk: Tensor, dl: Tensor, n_cells: tuple[float, float, float], fudge: float) -> Tensor:
    """Ellipsoidal crystal, from the distances dh = h - h0 (in cells) to the nearest lattice point."""
    na, nb, nc = n_cells
    square = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc
    # sqrt has no slope at 0: keep its argument away from it where the result is 1 anyway
    zero = square == 0
    radius = torch.sqrt(torch.where(zero, 1.0, square * fudge))
    return na * nb * nc * ROUND_SCALE * torch.where(zero, 1.0, sinc3(math.pi * radius))


def spot_distance(
    dh: Tensor, dk: Tensor, dl: Tensor, star: Tensor, n_cells: tuple[float, float, float]
) -> Tensor:
    """Squared distance to the lattice point in units of the spot: |dh a* + dk b* + dl c*|^2 (Na Nb Nc)^2.

    star: (..., 3, 3), rows a*, b*, c* in 1/A, broadcast against dh.
    """
    parts = [dh * star[..., 0, i] + dk * star[..., 1, i] + dl * star[..., 2, i] for i in range(3)]
    na, nb, nc = n_cells
    return (parts[0] * parts[0] + parts[1] * parts[1] + parts[2] * parts[2]) * (na * na * nb * nb * nc * nc)


def lattice_gauss(g: Tensor, n_cells: tuple[float, float, float], fudge: float) -> Tensor:
    """Gaussian spot Na Nb Nc exp(-(g/0.63) fudge), g from `spot_distance`."""
    na, nb, nc = n_cells
    return na * nb * nc * torch.exp(-(g / GAUSS_WIDTH * fudge))


def lattice_tophat(g: Tensor, n_cells: tuple[float, float, float], fudge: float) -> Tensor:
    """Top-hat spot: Na Nb Nc where g fudge < 0.3969, else 0."""
    na, nb, nc = n_cells
    return torch.where(g * fudge < TOPHAT_EDGE, na * nb * nc, torch.zeros_like(g))
