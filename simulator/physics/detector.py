"""Detector geometry: where a pixel is, how much of the sphere it covers, what it captures.

Twin: reference/physics/detector.c.
Lengths in metres, angles in radians. Formulas: README "Detector".
"""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.vectors import dot, planes, rotate_axis, rotate_xyz


class Frame(NamedTuple):
    """A placed detector: unit axes and first corner (3), distances and beam centre (scalars)."""

    fast: Tensor
    slow: Tensor
    normal: Tensor
    origin: Tensor  # corner of the first pixel ("pix0")
    beam: Tensor  # unit beam direction
    distance: Tensor  # along the beam
    close_distance: Tensor  # along the normal
    Fbeam: Tensor
    Sbeam: Tensor
    Fclose: Tensor
    Sclose: Tensor


class Tilt(NamedTuple):
    """Rotations of the whole detector: about lab X, Y, Z (3), then by twotheta about its axis (3)."""

    rotation: Tensor
    twotheta: Tensor
    axis: Tensor

    def turn(self, v: Tensor) -> Tensor:
        """The vector after the tilt."""
        return rotate_axis(rotate_xyz(v, self.rotation), self.axis, self.twotheta)


class Centre(NamedTuple):
    """Beam centre along fast and slow for either pivot, and the distance as given (one of the two)."""

    Fbeam: Tensor
    Sbeam: Tensor
    Fclose: Tensor
    Sclose: Tensor
    distance: Tensor
    close_distance: Tensor | None


def detector_frame(
    fast: Tensor,
    slow: Tensor,
    normal: Tensor,
    beam: Tensor,
    tilt: Tilt,
    centre: Centre,
    pivot: str,
    pix0: Tensor | None,
) -> Frame:
    """Place a detector: README "Placing the panel". A given pix0 (3) is taken as the corner itself."""
    ratio = dot(beam, rotate_xyz(normal, tilt.rotation))
    close = torch.abs(ratio * centre.distance) if centre.close_distance is None else centre.close_distance
    distance = close / ratio
    origin = tilt.turn(-centre.Fclose * fast - centre.Sclose * slow + close * normal)
    fast, slow, normal = tilt.turn(fast), tilt.turn(slow), tilt.turn(normal)
    if pivot == "beam":
        origin = -centre.Fbeam * fast - centre.Sbeam * slow + distance * beam
    if pix0 is not None:
        origin = pix0
    close = dot(origin, normal)
    gap = close / ratio * beam - origin
    return Frame(
        fast,
        slow,
        normal,
        origin,
        beam,
        close / ratio,
        close,
        dot(fast, gap),
        dot(slow, gap),
        -dot(origin, fast),
        -dot(origin, slow),
    )


def pixel_position(frame: Frame, f: Tensor, s: Tensor, depth: Tensor) -> Tensor:
    """Positions (..., 3) of points f along fast, s along slow (...) and depth along the normal (scalar)."""
    components = [
        frame.origin[i] + f * frame.fast[i] + s * frame.slow[i] + depth * frame.normal[i] for i in range(3)
    ]
    return planes(*components)


def curved_position(frame: Frame, flat: Tensor) -> Tensor:
    """Flat positions (..., 3) bent onto a sphere around the sample.

    distance*beam is turned by y/distance about slow, then by z/distance about fast.
    """
    centre = (frame.distance * frame.beam).expand_as(flat)
    turned = rotate_axis(centre, frame.slow, flat[..., 1] / frame.distance)
    return rotate_axis(turned, frame.fast, flat[..., 2] / frame.distance)


def solid_angle(frame: Frame, pixel: Tensor, r: Tensor, point_pixel: bool) -> Tensor:
    """Solid angle (sr) of pixels of this size at distances r (...); 1/r^2 for point pixels."""
    if point_pixel:
        return 1.0 / r / r
    return pixel * pixel / r / r * frame.close_distance / r


def capture_fraction(layer: Tensor, thickness: Tensor, attenuation: Tensor, obliquity: Tensor) -> Tensor:
    """Share of the photons stopped in a layer, by its number; thickness (m), attenuation (1/m), d.o (...)."""
    above = torch.exp(-layer * thickness * attenuation / obliquity)
    return above - torch.exp(-(layer + 1) * thickness * attenuation / obliquity)


def obliquity(frame: Frame, diffracted: Tensor) -> Tensor:
    """Cosine between the diffracted direction (..., 3) and the detector normal."""
    return dot(diffracted, frame.normal)
