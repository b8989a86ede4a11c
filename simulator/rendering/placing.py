"""Detector, crystal and sources of an experiment, placed in the laboratory frame.

Twin: reference/rendering/placing.c. Order of the steps: README "Detector", "Crystal", "Steps".
"""

import torch
from torch import Tensor

from simulator.errors import InputError
from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Number, Triple
from simulator.physics.cell import direct_cell, misset_cell, reciprocal_from_cell
from simulator.physics.detector import Centre, Frame, Tilt, detector_frame
from simulator.physics.ray import Panel
from simulator.physics.rotations import (
    carries_over,
    carryover_index,
    mosaic_rotations,
    phi_rotations,
    random_misset,
    turn_domains,
)
from simulator.physics.sources import Sources, generate_sources
from simulator.physics.steps import step_of
from simulator.physics.vectors import norm, unit
from simulator.rendering.known import known_angles, known_number
from simulator.rendering.quirks import Quirks
from simulator.units import ANGSTROM, DEGREES


class Tensors:
    """Numbers and triples of an experiment as float64 tensors on one device, gradients kept."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def __call__(self, value: Number | Triple | tuple[Number, ...]) -> Tensor:
        if isinstance(value, tuple):
            return torch.stack([self(item) for item in value])
        if isinstance(value, Tensor):
            return value.to(device=self.device, dtype=torch.float64)
        return torch.tensor(value, dtype=torch.float64, device=self.device)


def place_detector(
    detector: Detector, direction: Tensor, quirks: Quirks, t: Tensors
) -> tuple[Frame, tuple[Tensor, Tensor]]:
    """The detector's frame, from its axes, tilts and beam centre, and that centre's X and Y."""
    axis = t(detector.twotheta_axis)
    axis = axis if quirks.raw_axis else unit(axis)
    tilt = Tilt(t(detector.rotation) / DEGREES, t(detector.twotheta) / DEGREES, axis)
    fast, slow, normal = (unit(t(axis)) for axis in (detector.fast, detector.slow, detector.normal))
    pix0 = None if detector.pix0 is None or quirks.pix0_derived else t(detector.pix0)
    centre, xy = beam_centre(detector, t)
    return detector_frame(fast, slow, normal, direction, tilt, centre, detector.pivot, pix0), xy


def place_panel(experiment: Experiment, frame: Frame, quirks: Quirks, t: Tensors) -> Panel:
    """What rays need; a sensor without thickness or absorption captures everything.

    With the quirk blank-sensor it captures nothing where the capture fraction is asked for all the same.
    """
    detector = experiment.detector
    thick = known_number(t(detector.thickness)) > 0
    absorbs = detector.attenuation is not None and thick
    blank = quirks.blank_sensor and (thick or experiment.sampling.oversample_thick)
    attenuation = detector.attenuation if absorbs else 0.0 if blank else None
    return Panel(
        frame,
        t(detector.pixel_size),
        t(step_of(detector.layer_thickness, detector.thickness, detector.layers - 1)),
        None if attenuation is None else t(attenuation),
        detector.curved,
        detector.point_pixel,
    )


def beam_centre(detector: Detector, t: Tensors) -> tuple[Centre, tuple[Tensor, Tensor]]:
    """Beam centre along fast and slow, and as X and Y, by the rules of README "Conventions"."""
    pixel = t(detector.pixel_size)
    side_s, side_f = (
        pixel * count if side is None else t(side)
        for side, count in zip(detector.size, detector.shape, strict=True)
    )

    def given(value: Number | None, default: Tensor) -> Tensor:
        return default if value is None else t(value)

    f_close = side_f / 2 if detector.ORGX is None else (t(detector.ORGX) - 0.5) * pixel
    s_close = side_s / 2 if detector.ORGY is None else (t(detector.ORGY) - 0.5) * pixel
    x_close, y_close = given(detector.Xclose, f_close), given(detector.Yclose, s_close)
    match detector.convention:
        case "mosflm" | "denzo":
            x = given(detector.Xbeam, (side_s + pixel) / 2)
            y = given(detector.Ybeam, (side_f + pixel) / 2)
            shift = pixel / 2 if detector.convention == "mosflm" else torch.zeros_like(pixel)
            f_beam, s_beam = y + shift, x + shift
        case "adxv":
            x, y = given(detector.Xbeam, (side_f + pixel) / 2), given(detector.Ybeam, (side_s - pixel) / 2)
            f_beam, s_beam = x, side_s - y
        case _:
            x, y = given(detector.Xbeam, x_close), given(detector.Ybeam, y_close)
            f_beam, s_beam = x, y
    if detector.convention == "custom":
        f_close, s_close = f_beam, s_beam
    close = None if detector.close_distance is None else t(detector.close_distance)
    return Centre(f_beam, s_beam, f_close, s_close, t(detector.distance), close), (x, y)


def place_crystal(crystal: Crystal, quirks: Quirks, t: Tensors) -> tuple[Tensor, Tensor, Tensor]:
    """Reciprocal (1/A) and direct (A) vectors after the misset, and the reciprocal volume (1/A^3)."""
    cell = None
    if crystal.cell is not None:
        given = t(crystal.cell)
        cell = torch.cat((given[:3], given[3:] / DEGREES))
    if crystal.a_star is not None:
        star = t(crystal.a_star)
    elif cell is not None:
        star = reciprocal_from_cell(cell, quirks.cstar_z)
    else:
        raise InputError("crystal", "a cell or an A matrix", "neither")
    if crystal.misset_seed is not None:
        star = misset_cell(star, random_misset(crystal.misset_seed, quirks.misset_90rad, star[0, 0].detach()))
    elif crystal.misset is not None:
        star = misset_cell(star, t(crystal.misset) / DEGREES)
    direct, star, v_star = direct_cell(star, cell)
    return star, direct, v_star


def orient_crystal(
    crystal: Crystal, goniometer: Goniometer, direct: Tensor, quirks: Quirks, t: Tensors
) -> tuple[Tensor, Tensor, Tensor]:
    """Spindle angles (rad), and all orientations (m) of a regular sweep and of the image's first sweep."""
    counter = torch.arange(goniometer.phisteps, dtype=torch.float64, device=direct.device)
    step = step_of(goniometer.phistep, goniometer.osc, goniometer.phisteps)
    phi = t(goniometer.phi) / DEGREES + t(step) / DEGREES * counter
    direct = direct * ANGSTROM
    turned = phi_rotations(direct, unit(t(goniometer.spindle)), phi)
    domains = mosaic_rotations(
        t(crystal.mosaic_spread) / DEGREES, crystal.mosaic_domains, crystal.mosaic_seed
    )
    angles = known_angles(phi)
    index = carryover_index(angles)
    if not quirks.phi_carryover or not carries_over(index):
        everything = turn_domains(domains, turned)
        return phi, everything, everything
    unturned = torch.cat((turned, direct[None]))
    regular = [len(turned) if source is None else source for source in index]
    # nothing was turned before the first sweep: steps at phi = 0 that open it stay unrotated
    opening = next((k for k, angle in enumerate(angles) if angle != 0), len(angles))
    first = [len(turned) if k < opening else source for k, source in enumerate(regular)]
    return phi, turn_domains(domains, unturned[regular]), turn_domains(domains, unturned[first])


def place_sources(beam: Beam, direction: Tensor, wavelength: Tensor, quirks: Quirks, t: Tensors) -> Sources:
    """Sources given in a file, or the divergence grid times the spectrum."""
    if beam.sources is None:
        across, up, spectrum = (
            (t(size), t(step_of(step, size, count - 1)), count)
            for size, step, count in (beam.hdiv, beam.vdiv, beam.dispersion)
        )
        normal = unit(t(beam.polarization_normal))
        return generate_sources(direction, normal, wavelength, across, up, spectrum, beam.round_divergence)
    given = t(beam.sources)
    weight = torch.ones_like(given[:, 3]) if quirks.flat_weights else given[:, 3] / given[:, 3].mean()
    return Sources(unit(given[:, :3]), weight, given[:, 4])


def direct_lengths(crystal: Crystal, quirks: Quirks) -> list[float]:
    """Lengths of a, b, c in m."""
    _, direct, _ = place_crystal(crystal, quirks, Tensors(torch.device("cpu")))
    return [float(length) for length in norm(direct * ANGSTROM)]
