"""Geometry, beam and crystal as nanoBragg flags, so spelled that reading them gives every bit.

What flags cannot say (an A matrix is a file, a reflection list too) is left to the caller.
"""

import math
from collections.abc import Callable, Iterator

import torch

from simulator.experiment import (
    Beam,
    Crystal,
    Detector,
    Experiment,
    Goniometer,
    Number,
    Triple,
)
from simulator.physics.conventions import convention_frame
from simulator.physics.steps import step_of
from simulator.units import DEFAULT_FLUENCE, MICRON, MICRONS, MM

NUDGES = 8  # units in the last place to look for a spelling
SHAPES = {"round": "-round_xtal", "gauss": "-gauss_xtal", "tophat": "-tophat_spots"}


def spell(value: Number, read: Callable[[float], float], guess: float) -> str:
    """A number that `read` turns into the value: the guess, or the nearest neighbour that does."""
    wanted, up, down = float(value), guess, guess
    if read(guess) == wanted:
        return repr(guess)
    for _ in range(NUDGES):
        up, down = math.nextafter(up, math.inf), math.nextafter(down, -math.inf)
        for candidate in (up, down):
            if read(candidate) == wanted:
                return repr(candidate)
    return repr(guess)


def scaled(value: Number, unit: float) -> str:
    """A value as a flag says it that is divided by this unit when read."""
    return spell(value, lambda x: x / unit, float(value) * unit)


def flags_of(experiment: Experiment) -> list[str]:
    """Flags and values; the A matrix, if there is one, is not among them."""
    custom = experiment.detector.convention == "custom"
    return [
        *_convention(experiment, custom),
        *_beam(experiment.beam),
        *_detector(experiment.detector),
        *_goniometer(experiment.goniometer),
        *_crystal(experiment.crystal),
    ]


def _vector(values: Triple) -> list[str]:
    return [repr(float(value)) for value in values]


def _convention(experiment: Experiment, custom: bool) -> Iterator[str]:
    detector, beam = experiment.detector, experiment.beam
    if not custom:
        yield f"-{detector.convention}"
        return
    for flag, axis in (
        ("-beam_vector", beam.direction),
        ("-fdet_vector", detector.fast),
        ("-sdet_vector", detector.slow),
        ("-odet_vector", unit_normal([float(x) for x in detector.normal])),
        ("-polar_vector", beam.polarization_normal),
        ("-spindle_axis", experiment.goniometer.spindle),
        ("-twotheta_axis", detector.twotheta_axis),
    ):
        yield flag
        yield from _vector(axis)
    if detector.pix0 is not None:
        yield from ("-pix0_vector", *_vector(detector.pix0))


def unit_normal(normal: list[float]) -> Triple:
    """The normal so rounded that its length is 1 to the last bit: the command line takes no other."""
    for axis in range(3):
        up = down = normal[axis]
        for _ in range(NUDGES):
            for candidate in (up, down):
                found = [*normal[:axis], candidate, *normal[axis + 1 :]]
                if math.sqrt(found[0] * found[0] + found[1] * found[1] + found[2] * found[2]) == 1.0:
                    return tuple(found)
            up, down = math.nextafter(up, math.inf), math.nextafter(down, -math.inf)
    return tuple(normal)


def _beam(beam: Beam) -> Iterator[str]:
    yield from ("-lambda", repr(float(beam.wavelength)))
    if float(beam.kahn) != 0:
        yield from ("-polar", repr(float(beam.kahn)))
    yield from ["-nopolar"] * beam.nopolar
    if float(beam.fluence) != DEFAULT_FLUENCE:
        yield from ("-fluence", repr(float(beam.fluence)))
    if float(beam.water_size) != 0:
        yield from ("-water", scaled(beam.water_size, MICRONS))


def _detector(detector: Detector) -> Iterator[str]:
    yield from ("-pixel", scaled(detector.pixel_size, MM))
    for axis, count, side in zip("sf", detector.shape, detector.size, strict=True):
        yield from (
            (f"-detpixels_{axis}", str(count)) if side is None else (f"-detsize_{axis}", scaled(side, MM))
        )
    yield from ("-distance", scaled(detector.distance, MM))
    for flag, length in (
        ("-close_distance", detector.close_distance),
        ("-Xbeam", detector.Xbeam),
        ("-Ybeam", detector.Ybeam),
        ("-Xclose", detector.Xclose),
        ("-Yclose", detector.Yclose),
    ):
        if length is not None:
            yield from (flag, scaled(length, MM))
    for flag, pixels in (("-ORGX", detector.ORGX), ("-ORGY", detector.ORGY)):
        if pixels is not None:
            yield from (flag, repr(float(pixels)))
    for axis, angle in zip("xyz", detector.rotation, strict=True):
        if float(angle) != 0:
            yield from (f"-detector_rot{axis}", repr(float(angle)))
    if float(detector.twotheta) != 0:
        yield from ("-twotheta", repr(float(detector.twotheta)))
    yield from ("-pivot", detector.pivot)
    yield from ["-curved_det"] * detector.curved
    yield from ["-point_pixel"] * detector.point_pixel
    yield from _sensor(detector)


def _sensor(detector: Detector) -> Iterator[str]:
    thickness, mu = float(detector.thickness), detector.attenuation
    text = scaled(thickness, MICRONS)
    if mu is not None and (thickness <= 0 or float(mu) != 1.0 / (float(text) / MICRONS)):
        yield from ("-detector_abs", spell(mu, lambda x: 1.0 / (x * MICRON), 1.0 / MICRON / float(mu)))
    if thickness <= 0:
        return
    if mu is None:
        yield from ("-detector_abs", "inf")
    yield from ("-detector_thick", text)
    layer = step_of(detector.layer_thickness, detector.thickness, detector.layers - 1)
    if detector.layers != 2 or float(layer) != thickness / 2:
        yield from ("-thicksteps", str(detector.layers))


def _goniometer(goniometer: Goniometer) -> Iterator[str]:
    if float(goniometer.phi) != 0:
        yield from ("-phi", repr(float(goniometer.phi)))
    step = float(step_of(goniometer.phistep, goniometer.osc, goniometer.phisteps))
    if float(goniometer.osc) != 0 or step != 0 or goniometer.phisteps != 1:
        yield from ("-osc", repr(float(goniometer.osc)), "-phistep", repr(step))
        yield from ("-phisteps", str(goniometer.phisteps))


def _crystal(crystal: Crystal) -> Iterator[str]:
    if crystal.cell is not None:
        yield from ("-cell", *(repr(float(value)) for value in crystal.cell))
    if crystal.misset_seed is not None:
        yield from ("-misset", "random", "-misset_seed", str(crystal.misset_seed))
    elif crystal.misset is not None:
        yield from ("-misset", *_vector(crystal.misset))
    for axis, count in zip("abc", crystal.n_cells, strict=True):
        if float(count) != 1:
            yield from (f"-N{axis}", f"{float(count):g}")
    if crystal.shape in SHAPES:
        yield SHAPES[crystal.shape]
    if float(crystal.fudge) != 1:
        yield from ("-fudge", repr(float(crystal.fudge)))
    if float(crystal.mosaic_spread) != 0 or crystal.mosaic_domains != 1:
        yield from ("-mosaic", repr(float(crystal.mosaic_spread)), "-mosaic_dom", str(crystal.mosaic_domains))
    if crystal.mosaic_seed != Crystal.mosaic_seed:
        yield from ("-mosaic_seed", str(crystal.mosaic_seed))


def own_frame(experiment: Experiment) -> bool:
    """Whether the axes are those that the convention has."""
    own, detector = convention_frame(experiment.detector.convention), experiment.detector
    pairs = (
        (own.beam, experiment.beam.direction),
        (own.polar, experiment.beam.polarization_normal),
        (own.fast, detector.fast),
        (own.slow, detector.slow),
        (own.normal, detector.normal),
        (own.twotheta_axis, detector.twotheta_axis),
        (own.spindle, experiment.goniometer.spindle),
    )
    return all([float(x) for x in given] == [float(x) for x in axis] for axis, given in pairs)


def matrix_text(a_star: torch.Tensor, wavelength: float) -> str:
    """The A matrix, columns a*, b*, c* (1/A) times the wavelength, to the last bit."""
    rows = a_star.detach().T.tolist()
    return "".join(
        " ".join(spell(x, lambda m: m / wavelength, x * wavelength) for x in row) + "\n" for row in rows
    )
