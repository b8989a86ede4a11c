"""Scattering vector, Miller indices and the intensity of one orientation.

Twin: reference/physics/scattering.c.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.lattice import (
    Indices,
    lattice_gauss,
    lattice_reduced,
    lattice_round,
    lattice_square,
    lattice_tophat,
    spot_distance,
)
from simulator.physics.structure import Table, block_inside, lookup, nearest_index, tricubic


class Shape(NamedTuple):
    """Crystal shape: its name, cells per axis (3), fudge factor, rows a*, b*, c* (3, 3) in 1/A.

    cancels: values near lattice points lose the digits that C's formulas lose there.
    """

    name: str
    n_cells: Tensor
    fudge: Tensor
    star: Tensor
    cancels: bool = True


class Scatter(NamedTuple):
    """What n orientations found at each scattering vector: every tensor is (n, ...)."""

    hkl: Indices  # fractional
    hkl0: Indices  # nearest whole
    f_latt_axes: Indices | None  # factors of the axes of a square crystal
    f_latt: Tensor
    f_cell: Tensor
    intensity: Tensor


def scattering_vector(diffracted: Tensor, incident: Tensor, wavelength: Tensor) -> Tensor:
    """q = (d - i)/lambda, (..., 3) in 1/m."""
    return (diffracted - incident) / wavelength


def miller_indices(q: Tensor, direct: Tensor) -> Indices:
    """Fractional h, k, l, each (n, ...), of q (..., 3) in n orientations with rows a, b, c (n, 3, 3) in m."""
    vectors = direct.reshape(direct.shape[0], 3, 3, *([1] * (q.dim() - 1)))
    x, y, z = q[..., 0], q[..., 1], q[..., 2]
    h, k, l = (vectors[:, i, 0] * x + vectors[:, i, 1] * y + vectors[:, i, 2] * z for i in range(3))  # noqa: E741
    return h, k, l


def lattice_factor(
    shape: Shape, hkl: Indices, hkl0: Indices, dtype: torch.dtype
) -> tuple[Indices | None, Tensor]:
    """F_latt (...), and its factors per axis for a square crystal.

    Below float64 the whole part of hkl is dropped before the trigonometry: pi h N has no digits left for a
    large crystal at a high index, and the sign this may lose vanishes in the square.
    """
    n_cells, fudge = shape.n_cells.to(dtype), shape.fudge.to(dtype)
    if shape.name == "square" and dtype == torch.float64:
        return lattice_square(hkl, n_cells, shape.cancels)
    dh, dk, dl = ((x - x0).to(dtype) for x, x0 in zip(hkl, hkl0, strict=True))
    if shape.name == "square":
        return lattice_reduced((dh, dk, dl), n_cells)
    if shape.name == "round":
        return None, lattice_round((dh, dk, dl), n_cells, fudge, shape.cancels)
    g = spot_distance((dh, dk, dl), shape.star.to(dtype), n_cells)
    return None, (lattice_gauss if shape.name == "gauss" else lattice_tophat)(g, n_cells, fudge)


def structure_factor(
    table: Table | None, default: Tensor, hkl: Indices, hkl0: Indices, interpolate: Tensor | bool
) -> Tensor:
    """F_cell (...): nearest reflection, or interpolated where `interpolate` allows and the block fits."""
    if table is None:
        return default
    nearest = lookup(table, hkl0)
    if interpolate is False:
        return nearest
    inside = block_inside(table, hkl)
    inside = inside if interpolate is True else inside & interpolate
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
    """F_cell^2 F_latt^2 of n orientations (n, 3, 3) at scattering vectors (..., 3): README "Intensity"."""
    return scatter_at(miller_indices(q, direct), shape, table, default, interpolate, dtype)


def scatter_at(
    hkl: Indices,
    shape: Shape,
    table: Table | None,
    default: Tensor,
    interpolate: Tensor | bool,
    dtype: torch.dtype,
) -> Scatter:
    """The same at fractional Miller indices, each (...)."""
    hkl0 = nearest_index(hkl[0]), nearest_index(hkl[1]), nearest_index(hkl[2])
    axes, f_latt = lattice_factor(shape, hkl, hkl0, dtype)
    f_cell = structure_factor(table, default, hkl, hkl0, interpolate).to(dtype)
    return Scatter(hkl, hkl0, axes, f_latt, f_cell, f_cell * f_cell * f_latt * f_latt)
