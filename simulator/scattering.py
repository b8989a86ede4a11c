"""Scattering vector, Miller indices and the intensity of one orientation. Twin: reference/scattering.c."""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.lattice import lattice_gauss, lattice_round, lattice_square, lattice_tophat, spot_distance
from simulator.structure import Table, block_inside, lookup, nearest_index, tricubic


class Shape(NamedTuple):
    """Crystal shape: its name, cells per axis (3), fudge factor, rows a*, b*, c* (3, 3) in 1/A."""

    name: str
    n_cells: Tensor
    fudge: Tensor
    star: Tensor


class Scatter(NamedTuple):
    """What evaluations found: hkl (..., 3) and its whole part, lattice and structure factors (...)."""

    hkl: Tensor
    hkl0: Tensor
    f_latt_axes: Tensor | None
    f_latt: Tensor
    f_cell: Tensor
    intensity: Tensor


def scattering_vector(diffracted: Tensor, incident: Tensor, wavelength: Tensor) -> Tensor:
    """q = (d - i)/lambda, (..., 3) in 1/m."""
    return (diffracted - incident) / wavelength


def miller_indices(q: Tensor, direct: Tensor) -> Tensor:
    """Fractional h, k, l (n, ..., 3) of q (..., 3) for n orientations with rows a, b, c: (n, 3, 3) in m."""
    vectors = direct.movedim(0, 1).reshape(3, len(direct), *([1] * (q.dim() - 1)), 3)
    x, y, z = vectors.unbind(-1)
    return (x * q[..., 0] + y * q[..., 1] + z * q[..., 2]).movedim(0, -1)


def lattice_factor(
    shape: Shape, hkl: Tensor, hkl0: Tensor, dtype: torch.dtype
) -> tuple[Tensor | None, Tensor]:
    """F_latt (...), and its factors per axis (..., 3) for a square crystal.

    Below float64 the whole part of hkl is dropped before the trigonometry: pi h N has no digits left for a
    large crystal at a high index, and the sign this may lose vanishes in the square.
    """
    if shape.name == "square":
        reduced = hkl if dtype == torch.float64 else (hkl - hkl0).to(dtype)
        axes = lattice_square(reduced, shape.n_cells.to(dtype))
        return axes, axes[..., 0] * axes[..., 1] * axes[..., 2]
    delta, n_cells, fudge = (hkl - hkl0).to(dtype), shape.n_cells.to(dtype), shape.fudge.to(dtype)
    if shape.name == "round":
        return None, lattice_round(delta, n_cells, fudge)
    g = spot_distance(delta, shape.star.to(dtype), n_cells)
    return None, lattice_gauss(g, n_cells, fudge) if shape.name == "gauss" else lattice_tophat(
        g, n_cells, fudge
    )


def structure_factor(
    table: Table | None, default: Tensor, hkl: Tensor, hkl0: Tensor, interpolate: Tensor | bool
) -> Tensor:
    """F_cell (...): nearest reflection, or interpolated where `interpolate` allows and the block fits."""
    if table is None:
        return default
    nearest = lookup(table, hkl0)
    if interpolate is False:
        return nearest
    inside = block_inside(table, hkl) & interpolate
    return torch.where(inside, tricubic(table, hkl), nearest)


def scatter(
    q: Tensor,
    direct: Tensor,
    shape: Shape,
    table: Table | None,
    default: Tensor,
    interpolate: Tensor | bool,
    dtype: torch.dtype,
) -> Scatter:
    """F_cell^2 F_latt^2 of n orientations (n, 3, 3) at scattering vectors (..., 3): section 7."""
    hkl = miller_indices(q, direct)
    hkl0 = nearest_index(hkl)
    axes, f_latt = lattice_factor(shape, hkl, hkl0, dtype)
    f_cell = structure_factor(table, default, hkl, hkl0, interpolate).to(dtype)
    return Scatter(hkl, hkl0, axes, f_latt, f_cell, f_cell * f_cell * f_latt * f_latt)
