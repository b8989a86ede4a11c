"""From a pixel to a direction: position, solid angle, capture fraction. Twin: reference/physics/ray.c."""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.detector import (
    Frame,
    capture_fraction,
    curved_position,
    obliquity,
    pixel_position,
    solid_angle,
)
from simulator.physics.vectors import norm


class Place(NamedTuple):
    """A subpixel of each pixel: raster index (n); width, layer, row, column, subpixels a side (scalars)."""

    raster: Tensor
    width: Tensor
    layer: Tensor
    row: Tensor
    column: Tensor
    oversample: Tensor


class Panel(NamedTuple):
    """What of the detector a ray depends on: frame, pixel size, sensor layers (None: all is captured)."""

    frame: Frame
    pixel: Tensor
    layer_thickness: Tensor
    attenuation: Tensor | None
    curved: bool
    point_pixel: bool


class Ray(NamedTuple):
    """Position (n, 3) in m and its length (n), unit direction (n, 3), solid angle, obliquity, capture (n).

    Without a sensor capture is the number 1.
    """

    position: Tensor
    distance: Tensor
    diffracted: Tensor
    omega: Tensor
    obliquity: Tensor
    capture: Tensor


def split(raster: Tensor, width: Tensor) -> tuple[Tensor, Tensor]:
    """Slow and fast indices, as float64, of raster indices slow*width + fast."""
    number = raster.to(torch.float64)  # exact to 2^53, and division of floats is fast
    slow = torch.floor((number + 0.5) / width)
    return slow, number - slow * width


def trace_ray(panel: Panel, place: Place) -> Ray:
    """Where a subpixel point of each pixel lies, and what follows from that alone: README "Pixels"."""
    slow, fast = split(place.raster, place.width)
    size = panel.pixel / place.oversample
    f = size * (fast * place.oversample + place.column) + size / 2.0
    s = size * (slow * place.oversample + place.row) + size / 2.0
    position = pixel_position(panel.frame, f, s, place.layer * panel.layer_thickness)
    if panel.curved:
        position = curved_position(panel.frame, position)
    r = norm(position)
    diffracted = position / r[..., None]
    omega = solid_angle(panel.frame, panel.pixel, r, panel.point_pixel)
    slant = obliquity(panel.frame, diffracted)
    capture = torch.ones((), dtype=r.dtype, device=r.device)
    if panel.attenuation is not None:
        capture = capture_fraction(place.layer, panel.layer_thickness, panel.attenuation, slant)
    return Ray(position, r, diffracted, omega, slant, capture)
