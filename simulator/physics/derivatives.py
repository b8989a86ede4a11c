"""Derivatives of the steps of a render in closed form: of a ray, of light, of an evaluation's intensity.

No twin: C computes values only. tests/gradients holds them to automatic differentiation of the steps.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.detector import Frame
from simulator.physics.lattice import GAUSS_WIDTH, ROUND_SCALE, Indices, sphere, spot_distance
from simulator.physics.ray import Panel, Place, split
from simulator.physics.scattering import Shape, structure_factor
from simulator.physics.slopes import axis_slopes, second_bessel
from simulator.physics.structure import Table, nearest_index

SMOOTH = ("square", "round", "gauss")  # shapes with slopes; those of a top hat are 0 wherever it has any


class Latticed(NamedTuple):
    """F_latt^2 (...) and half its derivatives by h, k, l, by the cells of each axis, by the fudge factor."""

    square: Tensor
    hkl: Indices
    cells: Indices
    fudge: Tensor


def lattice_slopes(shape: Shape, dhkl: Indices) -> Latticed:
    """F_latt^2 and its slopes from the distances (...) to the nearest lattice point."""
    return {"square": _square, "round": _round, "gauss": _gauss}[shape.name](shape, dhkl)


def _square(shape: Shape, dhkl: Indices) -> Latticed:
    axes = [axis_slopes(dh, n) for dh, n in zip(dhkl, shape.n_cells.unbind(), strict=True)]
    squares = [s * s for s, _, _ in axes]
    rest = (squares[1] * squares[2], squares[2] * squares[0], squares[0] * squares[1])
    h, k, l = (r * s * slope for r, (s, slope, _) in zip(rest, axes, strict=True))  # noqa: E741
    a, b, c = (r * s * slope for r, (s, _, slope) in zip(rest, axes, strict=True))
    return Latticed(squares[0] * rest[0], (h, k, l), (a, b, c), torch.zeros_like(h))


def _round(shape: Shape, dhkl: Indices) -> Latticed:
    cells = shape.n_cells.unbind()
    size = cells[0] * cells[1] * cells[2] * ROUND_SCALE
    reach = [dh * n for dh, n in zip(dhkl, cells, strict=True)]
    square = reach[0] * reach[0] + reach[1] * reach[1] + reach[2] * reach[2]
    y = math.pi**2 * shape.fudge * square
    value = size * sphere(torch.sqrt(y), False)
    slope = value * size * (-1.5 * math.pi**2) * second_bessel(y)  # F_latt times its slope by y/pi^2
    bend = 2.0 * shape.fudge * slope
    h, k, l = (bend * r * n for r, n in zip(reach, cells, strict=True))  # noqa: E741
    a, b, c = (bend * r * dh + value * value / n for r, dh, n in zip(reach, dhkl, cells, strict=True))
    return Latticed(value * value, (h, k, l), (a, b, c), slope * square)


def _gauss(shape: Shape, dhkl: Indices) -> Latticed:
    cells, star = shape.n_cells.unbind(), shape.star
    size = cells[0] * cells[1] * cells[2]
    g = spot_distance(dhkl, star, shape.n_cells)
    value = size * torch.exp(-(g / GAUSS_WIDTH * shape.fudge))
    square = value * value
    dh, dk, dl = dhkl
    vector = [dh * star[0, i] + dk * star[1, i] + dl * star[2, i] for i in range(3)]
    bend = square * (-2.0 / GAUSS_WIDTH) * shape.fudge * size * size
    h, k, l = (  # noqa: E741
        bend * (vector[0] * star[i, 0] + vector[1] * star[i, 1] + vector[2] * star[i, 2]) for i in range(3)
    )
    by_size = square * (1.0 - (2.0 / GAUSS_WIDTH) * shape.fudge * g)
    a, b, c = (by_size / n for n in cells)
    return Latticed(square, (h, k, l), (a, b, c), square * g * (-1.0 / GAUSS_WIDTH))


def intensity_slopes(
    hkl: Indices, shape: Shape, table: Table | None, default: Tensor, weight: Tensor, dtype: torch.dtype
) -> tuple[Indices, Indices, Tensor, Tensor]:
    """Derivatives of weight F_cell^2 F_latt^2, nearest F_cell, at fractional indices, each (...).

    By h, k, l; by the cells of each axis; by the fudge factor; by F_cell.
    """
    hkl0 = nearest_index(hkl[0]), nearest_index(hkl[1]), nearest_index(hkl[2])
    dh, dk, dl = ((x - x0).to(dtype) for x, x0 in zip(hkl, hkl0, strict=True))
    here = Shape(shape.name, shape.n_cells.to(dtype), shape.fudge.to(dtype), shape.star.to(dtype))
    found = lattice_slopes(here, (dh, dk, dl))
    f_cell = structure_factor(table, default, hkl, hkl0, False).to(dtype)
    double = 2.0 * weight.to(dtype)
    twice = double * f_cell * f_cell
    h, k, l = (twice * slope for slope in found.hkl)  # noqa: E741
    a, b, c = (twice * slope for slope in found.cells)
    return (h, k, l), (a, b, c), twice * found.fudge, double * f_cell * found.square


def flat_ray_slopes(
    panel: Panel, place: Place, by_d: Tensor, by_omega: Tensor
) -> tuple[Tensor, Tensor, Frame]:
    """Gradients of pixel size, layer thickness and frame from those of directions (3, n), solid angles (n).

    For a flat panel, without what a sensor captures: see `trace_ray`.
    """
    frame, depth = panel.frame, place.layer * panel.layer_thickness
    slow, fast = split(place.raster, place.width)
    half = 1.0 / (2.0 * place.oversample)
    in_pixels = torch.stack(
        (
            torch.ones_like(fast),
            fast + place.column / place.oversample + half,
            slow + place.row / place.oversample + half,
        )
    )
    edges = torch.stack(
        (frame.origin + depth * frame.normal, panel.pixel * frame.fast, panel.pixel * frame.slow)
    )
    position = edges.T @ in_pixels
    square = (position * position).sum(0)
    distance = torch.sqrt(square)
    d = position / distance
    # d = P/R and omega, which falls with R^3 (point pixel: R^2), down to the position P
    slope = by_omega * (
        1.0 if panel.point_pixel else panel.pixel * panel.pixel * frame.close_distance / distance
    )
    slope = slope / square
    outward = (d * by_d).sum(0) + (2.0 if panel.point_pixel else 3.0) * slope
    by_position = (by_d - d * outward) / distance
    by_origin, by_fast, by_slow = (by_position @ in_pixels.T).unbind(1)
    by_pixel = (by_fast * frame.fast).sum() + (by_slow * frame.slow).sum()
    none, total = torch.zeros_like(panel.pixel), slope.sum()
    by_close = none if panel.point_pixel else total / frame.close_distance
    if not panel.point_pixel:
        by_pixel = by_pixel + 2.0 * total / panel.pixel
    by_thickness = place.layer * (by_origin * frame.normal).sum()
    axes = by_fast * panel.pixel, by_slow * panel.pixel, by_origin * depth
    beam = torch.zeros_like(by_origin)
    return by_pixel, by_thickness, Frame(*axes, by_origin, beam, none, by_close, none, none, none, none)


def light_slopes(
    d: Tensor, incident: Tensor, wavelength: Tensor, form: Tensor, by_q: Tensor, by_polar: Tensor | None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of d (3, n), incident, wavelength and `polarization_form` from those of q and polar."""
    by_d = by_q / wavelength
    by_incident = -by_d.sum(1)
    by_wavelength = ((incident[:, None] - d) * by_d).sum() / wavelength
    if by_polar is None:
        return by_d, by_incident, by_wavelength, torch.zeros_like(form)
    weighted = d * by_polar
    return by_d + form @ weighted, by_incident, by_wavelength, 0.5 * (weighted @ d.T)
