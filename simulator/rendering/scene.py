"""From an experiment to what the render loop needs: every vector placed, every list made.

Scalars and small tensors in float64 on one device, differentiable with respect to the experiment's tensors.
Order of the steps: sections 3 to 5 of the behaviour page.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.commandline.grammar import CommandError
from simulator.experiment import Beam, Crystal, Detector, Experiment, Goniometer, Number, Triple
from simulator.physics.background import water_background
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
from simulator.physics.scattering import Shape
from simulator.physics.sources import Sources, generate_sources
from simulator.physics.structure import Table, interpolates, make_table
from simulator.physics.vectors import norm, unit
from simulator.rendering.known import known_angles, known_number
from simulator.rendering.quirks import Quirks

DEGREES = 180.0 * (1.0 / math.pi)  # in a radian
ANGSTROM = 1e-10  # m
MOST_SUBPIXELS = 10000  # per side: more is a slip of the keyboard


@dataclass(frozen=True)
class Scene:
    """What the render loop reads; see the field's own module for shapes."""

    experiment: Experiment
    quirks: Quirks
    frame: Frame
    beam_xy: tuple[Tensor, Tensor]  # beam centre as the convention counts it, m
    pixel: Tensor
    sources: Sources
    kahn: Tensor | None
    polar_normal: Tensor
    star: Tensor  # rows a*, b*, c* in 1/A
    direct: Tensor  # rows a, b, c in A
    v_star: Tensor  # reciprocal volume, 1/A^3
    phi: Tensor  # spindle angles, rad
    orientations: Tensor  # (phi*domains, 3, 3) rows a, b, c in m
    first_orientations: Tensor  # those of the image's first sweep
    shape: Shape
    table: Table | None
    default_f: Tensor
    interpolate: bool
    interpolate_otherwise: bool  # what it would be with the quirk early-interpolate switched
    fluence: Tensor
    background: Tensor  # photons/sr
    oversample: int
    layers: int  # of the sensor
    panel: Panel

    @property
    def wet(self) -> bool:
        """Whether there is water: then no term is left out."""
        return bool(self.experiment.beam.water_size != 0)

    @property
    def steps(self) -> int:
        """Evaluations that a pixel averages over (sensor layers add up instead)."""
        return len(self.sources.weight) * len(self.orientations) * self.oversample**2


class _Tensors:
    """Numbers and triples of an experiment as float64 tensors on one device, gradients kept."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def __call__(self, value: Number | Triple | tuple[Number, ...]) -> Tensor:
        if isinstance(value, tuple):
            return torch.stack([self(item) for item in value])
        if isinstance(value, Tensor):
            return value.to(device=self.device, dtype=torch.float64)
        return torch.tensor(value, dtype=torch.float64, device=self.device)


def build_scene(experiment: Experiment, quirks: Quirks, device: torch.device) -> Scene:
    """Place everything. Raises KeyError for an unknown convention, nothing else for a checked experiment."""
    t = _Tensors(device)
    beam, crystal, detector = experiment.beam, experiment.crystal, experiment.detector
    direction = unit(t(beam.direction))
    frame, xy = place_detector(detector, direction, quirks, t)
    if not math.isfinite(known_number(frame.distance)):
        raise CommandError("command line: expected a detector that the beam meets, got one along the beam")
    wavelength = t(beam.wavelength) * ANGSTROM
    star, direct, v_star = place_crystal(crystal, quirks, t)
    phi, regular, first = orient_crystal(crystal, experiment.goniometer, direct, quirks, t)
    n_cells = t(crystal.n_cells)
    default_f = t(crystal.default_F)
    boxed, early = crystal.reflections, quirks.early_interpolate
    return Scene(
        experiment=experiment,
        quirks=quirks,
        frame=frame,
        beam_xy=xy,
        pixel=t(detector.pixel_size),
        sources=place_sources(beam, direction, wavelength, quirks, t),
        kahn=t(beam.kahn) if polarizes(experiment, quirks) else None,
        polar_normal=unit(t(beam.polarization_normal)),
        star=star,
        direct=direct,
        v_star=v_star,
        phi=phi,
        orientations=regular,
        first_orientations=first,
        shape=Shape(crystal.shape, n_cells, t(crystal.fudge), star, quirks.cancels),
        table=None if boxed is None else make_table(t(boxed.data), boxed.lowest, default_f),
        default_f=default_f,
        interpolate=boxed is not None and interpolates(crystal.interpolate, deciding_cells(crystal, early)),
        interpolate_otherwise=interpolates(crystal.interpolate, deciding_cells(crystal, not early)),
        fluence=t(beam.fluence),
        background=water_background(t(beam.water_size), t(beam.fluence)),
        oversample=experiment.sampling.oversample
        or automatic_oversample(
            (n_cells * norm(direct * ANGSTROM)).max(), wavelength, frame.distance, t(detector.pixel_size)
        ),
        layers=1 if detector.attenuation is None and not quirks.blank_sensor else detector.layers,
        panel=place_panel(experiment, frame, quirks, t),
    )


def polarizes(experiment: Experiment, quirks: Quirks) -> bool:
    """Whether a polarization factor is computed at all: quirk nopolar-undone."""
    undone = quirks.nopolar_undone and experiment.sampling.oversample_polar
    return undone or not experiment.beam.nopolar


def deciding_cells(crystal: Crystal, early: bool) -> tuple[float, ...]:
    """Cells per axis that decide on interpolation; early (quirk early-interpolate): before sizes count."""
    counts = crystal.counts if early and crystal.counts is not None else crystal.n_cells
    return tuple(float(n) for n in counts)


def place_detector(
    detector: Detector, direction: Tensor, quirks: Quirks, t: _Tensors
) -> tuple[Frame, tuple[Tensor, Tensor]]:
    """The detector's frame, from its axes, tilts and beam centre, and that centre's X and Y."""
    axis = t(detector.twotheta_axis)
    axis = axis if quirks.raw_axis else unit(axis)
    tilt = Tilt(t(detector.rotation) / DEGREES, t(detector.twotheta) / DEGREES, axis)
    fast, slow, normal = (unit(t(axis)) for axis in (detector.fast, detector.slow, detector.normal))
    pix0 = None if detector.pix0 is None or quirks.pix0_derived else t(detector.pix0)
    centre, xy = beam_centre(detector, t)
    return detector_frame(fast, slow, normal, direction, tilt, centre, detector.pivot, pix0), xy


def place_panel(experiment: Experiment, frame: Frame, quirks: Quirks, t: _Tensors) -> Panel:
    """What rays need; a sensor without thickness or absorption captures everything.

    With the quirk blank-sensor it captures nothing where the capture fraction is asked for all the same.
    """
    detector = experiment.detector
    thick = detector.thickness > 0
    absorbs = detector.attenuation is not None and thick
    blank = quirks.blank_sensor and (thick or experiment.sampling.oversample_thick)
    attenuation = detector.attenuation if absorbs else 0.0 if blank else None
    return Panel(
        frame,
        t(detector.pixel_size),
        t(detector.layer_thickness),
        None if attenuation is None else t(attenuation),
        detector.curved,
        detector.point_pixel,
    )


def beam_centre(detector: Detector, t: _Tensors) -> tuple[Centre, tuple[Tensor, Tensor]]:
    """Beam centre along fast and slow, and as X and Y, by the convention's rules: the table of section 3."""
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


def place_crystal(crystal: Crystal, quirks: Quirks, t: _Tensors) -> tuple[Tensor, Tensor, Tensor]:
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
        raise ValueError("crystal: expected a cell or an A matrix, got neither")
    if crystal.misset_seed is not None:
        star = misset_cell(star, random_misset(crystal.misset_seed, quirks.misset_90rad, star[0, 0].detach()))
    elif crystal.misset is not None:
        star = misset_cell(star, t(crystal.misset) / DEGREES)
    direct, star, v_star = direct_cell(star, cell)
    return star, direct, v_star


def orient_crystal(
    crystal: Crystal, goniometer: Goniometer, direct: Tensor, quirks: Quirks, t: _Tensors
) -> tuple[Tensor, Tensor, Tensor]:
    """Spindle angles (rad), and all orientations (m) of a regular sweep and of the image's first sweep."""
    counter = torch.arange(goniometer.phisteps, dtype=torch.float64, device=direct.device)
    phi = t(goniometer.phi) / DEGREES + t(goniometer.phistep) / DEGREES * counter
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


def place_sources(beam: Beam, direction: Tensor, wavelength: Tensor, quirks: Quirks, t: _Tensors) -> Sources:
    """Sources given in a file, or the divergence grid times the spectrum."""
    if beam.sources is None:
        across, up, spectrum = (
            (t(size), t(step), count) for size, step, count in (beam.hdiv, beam.vdiv, beam.dispersion)
        )
        normal = unit(t(beam.polarization_normal))
        return generate_sources(direction, normal, wavelength, across, up, spectrum, beam.round_divergence)
    given = t(beam.sources)
    weight = torch.ones_like(given[:, 3]) if quirks.flat_weights else given[:, 3] / given[:, 3].mean()
    return Sources(unit(given[:, :3]), weight, given[:, 4])


def automatic_oversample(longest: Tensor, wavelength: Tensor, distance: Tensor, pixel: Tensor) -> int:
    """Subpixels per side that sample a spot three times: section 4. All lengths in m."""
    reciprocal_pixel = wavelength * distance / pixel
    wanted = known_number(torch.ceil(3.0 * longest / reciprocal_pixel))
    if not wanted <= MOST_SUBPIXELS:
        most = f"an automatic -oversample of at most {MOST_SUBPIXELS}"
        raise CommandError(f"command line: expected {most}, got {wanted:g}")
    return max(int(max(wanted, 1.0)), 1)


def direct_lengths(crystal: Crystal, quirks: Quirks) -> list[float]:
    """Lengths of a, b, c in m."""
    _, direct, _ = place_crystal(crystal, quirks, _Tensors(torch.device("cpu")))
    return [float(length) for length in norm(direct * ANGSTROM)]
