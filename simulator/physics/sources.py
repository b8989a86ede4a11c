"""Point sources: directions, weights and wavelengths of the incident beam.

Twin: reference/physics/sources.c.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.vectors import cross, rotate_axis, unit
from simulator.units import SOURCE_DISTANCE

TRIM = 1.1  # ellipses are kept a little past their edge


class Sources(NamedTuple):
    """n sources: unit vectors towards them (n, 3), weights (n), wavelengths (n) in m."""

    direction: Tensor
    weight: Tensor
    wavelength: Tensor


def _angles(size: Tensor, step: Tensor, count: int) -> Tensor:
    return step * torch.arange(count, dtype=size.dtype, device=size.device) - size / 2


def _ellipse(angle: Tensor, size: Tensor, step: Tensor, count: int) -> Tensor:
    return (angle * angle - step * step / 4 * (1 - count % 2)) / (size * size)


Grid = tuple[Tensor, Tensor, int]  # range, step, steps


def generate_sources(
    beam: Tensor,
    polar: Tensor,
    wavelength: Tensor,
    horizontal: Grid,
    vertical: Grid,
    dispersion: Grid,
    trimmed: bool,
) -> Sources:
    """The divergence grid times the spectrum: README "Sources".

    beam, polar: (3) unit; wavelength (m); grids in radians, dispersion as a fraction of the wavelength.
    Horizontal angles run slowest, wavelengths fastest.
    """
    x, y = _angles(*horizontal), _angles(*vertical)
    # 0/0 (no range) is NaN, which is not greater than the limit: such a direction is kept
    edge = 4.0 * (_ellipse(x, *horizontal)[:, None] + _ellipse(y, *vertical)[None, :])
    keep = ~(edge > TRIM) if trimmed else torch.ones_like(edge, dtype=torch.bool)
    across, up = x[:, None].expand_as(keep), y[None, :].expand_as(keep)
    towards = (-SOURCE_DISTANCE * beam).expand(int(keep.sum()), 3)
    towards = rotate_axis(towards, polar, up[keep])
    towards = rotate_axis(towards, unit(cross(beam, polar)), across[keep])
    size, step, count = dispersion
    steps = torch.arange(count, dtype=beam.dtype, device=beam.device)
    spectrum = wavelength * (1.0 + step * steps - size / 2)
    direction = unit(towards).repeat_interleave(count, dim=0)
    return Sources(direction, torch.ones_like(direction[:, 0]), spectrum.repeat(len(towards)))
