"""The detector, from the command line. Twin: reference/commandline/command_detector.c."""

import math

import torch
from torch import Tensor

from simulator.commandline.options import MICRON, MM, Given, absorbs
from simulator.errors import InputError
from simulator.experiment import Detector
from simulator.physics.conventions import Vector, convention_frame
from simulator.physics.steps import thick_steps
from simulator.physics.vectors import cross, norm, unit

MICRONS = 1e6  # in a metre
LARGEST_IMAGE = 268435456  # pixels


def read_detector(given: Given) -> Detector:
    """Pixels, axes, beam centre, tilts, sensor. Raises InputError where they make no detector."""
    pixel = given.number("-pixel", 0.1, MM)
    (slow, side_s), (fast, side_f) = (count_pixels(given, axis, pixel) for axis in "sf")
    if slow * fast > LARGEST_IMAGE:
        most = f"a detector of at most {LARGEST_IMAGE} pixels"
        raise InputError("command line", most, f"{fast:.0f} x {slow:.0f}")
    axes = read_axes(given)
    depth, thickness = read_sensor(given)
    layer, layers = thick_steps(thickness, given.whole("-thicksteps"))
    return Detector(
        shape=(int(slow), int(fast)),
        pixel_size=pixel,
        size=(side_s, side_f),
        convention=given.convention,
        fast=axes["fast"],
        slow=axes["slow"],
        normal=axes["normal"],
        distance=given.number("-distance", 100.0, MM),
        close_distance=given.get("-close_distance", MM),
        Xbeam=given.get("-Xbeam", MM),
        Ybeam=given.get("-Ybeam", MM),
        Xclose=given.get("-Xclose", MM),
        Yclose=given.get("-Yclose", MM),
        ORGX=given.get("-ORGX"),
        ORGY=given.get("-ORGY"),
        pix0=given.vectors.get("pix0") if given.convention == "custom" else None,
        pivot=convention_frame(given.convention).pivot or given.pivot,
        rotation=tuple(given.number(f"-detector_rot{axis}", 0.0) for axis in "xyz"),
        twotheta=given.number("-twotheta", 0.0),
        twotheta_axis=given.direction("twotheta_axis"),
        curved="-curved_det" in given.flags,
        point_pixel="-point_pixel" in given.flags,
        thickness=thickness,
        attenuation=depth,
        layers=layers,
        layer_thickness=layer,
    )


def count_pixels(given: Given, axis: str, pixel: float) -> tuple[float, float | None]:
    """Pixels along one axis (s or f), and its side (m), which is None where a count says it."""
    count = given.whole(f"-detpixels_{axis}")
    if count is not None:
        return count, None
    side = given.number(f"-detsize_{axis}", 102.4, MM)
    wanted = side / pixel - 0.5
    return max(math.ceil(wanted), 1) if wanted < math.inf else wanted, side


def read_axes(given: Given) -> dict[str, Vector]:
    """The axes as given; a normal that is no unit vector gives way to fast x slow."""
    axes = {name: given.direction(name) for name in ("fast", "slow", "normal")}
    fast, slow, normal = (torch.tensor(axis, dtype=torch.float64) for axis in axes.values())
    if float(norm(normal)) == 1.0:
        return axes
    normal = cross(unit(fast), unit(slow))
    if not normal.any():
        raise InputError("-fdet_vector", "a direction other than the slow axis", "the same")
    return axes | {"normal": _triple(normal)}


def _triple(v: Tensor) -> Vector:
    return tuple(v.tolist())


def read_sensor(given: Given) -> tuple[float | None, float]:
    """Attenuation (1/m; None: no absorption) and thickness (m): section 5."""
    thickness = given.number("-detector_thick", 0.0, MICRONS)
    depth = given.flags.get("-detector_abs")
    if depth is None:
        return (1.0 / thickness, thickness) if thickness > 0 else (None, 0.0)
    return (1.0 / (float(depth[0]) * MICRON) if absorbs(depth[0]) else None), thickness
