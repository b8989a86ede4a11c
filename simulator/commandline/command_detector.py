"""The detector, from the command line. Twin: reference/commandline/command_detector.c."""

import math

import torch
from torch import Tensor

from simulator.commandline.options import Options, absorbs
from simulator.errors import InputError
from simulator.experiment import Detector
from simulator.physics.conventions import Vector, convention_frame
from simulator.physics.steps import thick_steps
from simulator.physics.vectors import cross, norm, unit
from simulator.units import MICRON, MICRONS, MM

DEFAULT_SIDE = float(Detector.pixel_size) * Detector.shape[0]  # m
LARGEST_IMAGE = 268435456  # pixels


def read_detector(options: Options) -> Detector:
    """Pixels, axes, beam centre, tilts, sensor. Raises InputError where they make no detector."""
    pixel = options.number("-pixel", float(Detector.pixel_size), MM)
    (slow, side_s), (fast, side_f) = (count_pixels(options, axis, pixel) for axis in "sf")
    if slow * fast > LARGEST_IMAGE:
        most = f"a detector of at most {LARGEST_IMAGE} pixels"
        raise InputError("command line", most, f"{fast:.0f} x {slow:.0f}")
    axes = read_axes(options)
    depth, thickness = read_sensor(options)
    layer, layers = thick_steps(thickness, options.whole("-thicksteps"))
    return Detector(
        shape=(int(slow), int(fast)),
        pixel_size=pixel,
        size=(side_s, side_f),
        convention=options.convention,
        fast=axes["fast"],
        slow=axes["slow"],
        normal=axes["normal"],
        distance=options.number("-distance", float(Detector.distance), MM),
        close_distance=options.get("-close_distance", MM),
        Xbeam=options.get("-Xbeam", MM),
        Ybeam=options.get("-Ybeam", MM),
        Xclose=options.get("-Xclose", MM),
        Yclose=options.get("-Yclose", MM),
        ORGX=options.get("-ORGX"),
        ORGY=options.get("-ORGY"),
        pix0=options.vectors.get("pix0") if options.convention == "custom" else None,
        pivot=convention_frame(options.convention).pivot or options.pivot,
        rotation=tuple(options.number(f"-detector_rot{axis}", 0.0) for axis in "xyz"),
        twotheta=options.number("-twotheta", 0.0),
        twotheta_axis=options.direction("twotheta_axis"),
        curved="-curved_det" in options.flags,
        point_pixel="-point_pixel" in options.flags,
        thickness=thickness,
        attenuation=depth,
        layers=layers,
        layer_thickness=layer,
    )


def count_pixels(options: Options, axis: str, pixel: float) -> tuple[float, float | None]:
    """Pixels along one axis (s or f), and its side (m), which is None where a count says it."""
    count = options.whole(f"-detpixels_{axis}")
    if count is not None:
        return count, None
    side = options.number(f"-detsize_{axis}", DEFAULT_SIDE, MM)
    wanted = side / pixel - 0.5
    return max(math.ceil(wanted), 1) if wanted < math.inf else wanted, side


def read_axes(options: Options) -> dict[str, Vector]:
    """The axes as given; a normal that is no unit vector gives way to fast x slow."""
    axes = {name: options.direction(name) for name in ("fast", "slow", "normal")}
    fast, slow, normal = (torch.tensor(axis, dtype=torch.float64) for axis in axes.values())
    if float(norm(normal)) == 1.0:
        return axes
    normal = cross(unit(fast), unit(slow))
    if not normal.any():
        raise InputError("-fdet_vector", "a direction other than the slow axis", "the same")
    return axes | {"normal": _triple(normal)}


def _triple(v: Tensor) -> Vector:
    return tuple(v.tolist())


def read_sensor(options: Options) -> tuple[float | None, float]:
    """Attenuation (1/m; None: no absorption) and thickness (m): README "Sensor"."""
    thickness = options.number("-detector_thick", 0.0, MICRONS)
    depth = options.flags.get("-detector_abs")
    if depth is None:
        return (1.0 / thickness, thickness) if thickness > 0 else (None, 0.0)
    return (1.0 / (float(depth[0]) * MICRON) if absorbs(depth[0]) else None), thickness
