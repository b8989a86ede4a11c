"""From an experiment to what the render loop needs: every vector placed, every list made.

Scalars and small tensors in float64 on one device, differentiable with respect to the experiment's tensors.
Order of the steps: README "Detector", "Crystal", "Steps".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.errors import InputError
from simulator.experiment import Box, Crystal, Experiment
from simulator.physics.background import water_background
from simulator.physics.detector import Frame
from simulator.physics.ray import Panel
from simulator.physics.scattering import Shape
from simulator.physics.sources import Sources
from simulator.physics.structure import Table, interpolates, make_table
from simulator.physics.vectors import norm, unit
from simulator.rendering.checks import check, check_weights
from simulator.rendering.known import known_number
from simulator.rendering.placing import (
    Tensors,
    orient_crystal,
    place_crystal,
    place_detector,
    place_panel,
    place_sources,
)
from simulator.rendering.quirks import Quirks
from simulator.units import ANGSTROM

MOST_SUBPIXELS = 10000  # per side: more is a slip of the keyboard


class Part(NamedTuple):
    """Which mosaic domains or sources are added up; the background belongs to the first of them."""

    of: str  # domains, sources
    first: int
    last: int  # included


@dataclass(frozen=True)
class Scene:
    """What the render loop reads; see the field's own module for shapes."""

    experiment: Experiment
    quirks: Quirks
    beam_xy: tuple[Tensor, Tensor]  # beam centre as the convention counts it, m
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
    part: Part | None = None  # of each pixel's sum; None: all of it
    wanted: Tensor | None = None  # raster indices, ascending, of the only pixels to render; None: any

    @property
    def frame(self) -> Frame:
        """The placed detector."""
        return self.panel.frame

    @property
    def pixel(self) -> Tensor:
        """Pixel size, m."""
        return self.panel.pixel

    @property
    def wet(self) -> bool:
        """Whether there is water: then no term is left out."""
        return bool(self.experiment.beam.water_size != 0)

    @property
    def steps(self) -> int:
        """Evaluations that a pixel averages over (sensor layers add up instead)."""
        return len(self.sources.weight) * len(self.orientations) * self.oversample**2


def build_scene(experiment: Experiment, quirks: Quirks, device: torch.device) -> Scene:
    """Place everything.

    Raises InputError where a field breaks its rule (checks.py), the beam misses the detector's plane, the
    crystal has neither cell nor A matrix, or the automatic oversampling is beyond reason.
    """
    check(experiment)
    t = Tensors(device)
    beam, crystal, detector = experiment.beam, experiment.crystal, experiment.detector
    direction = unit(t(beam.direction))
    frame, xy = place_detector(detector, direction, quirks, t)
    if not math.isfinite(known_number(frame.distance)):
        raise InputError("detector", "one that the beam meets", "one along the beam")
    check_weights(experiment, quirks)
    wavelength = t(beam.wavelength) * ANGSTROM
    star, direct, v_star = place_crystal(crystal, quirks, t)
    phi, regular, first = orient_crystal(crystal, experiment.goniometer, direct, quirks, t)
    n_cells = t(crystal.n_cells)
    default_f = t(crystal.default_F)
    boxed, early = crystal.reflections, quirks.early_interpolate
    return Scene(
        experiment=experiment,
        quirks=quirks,
        beam_xy=xy,
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
    return tuple(float(n.detach() if isinstance(n, Tensor) else n) for n in counts)


def automatic_oversample(longest: Tensor, wavelength: Tensor, distance: Tensor, pixel: Tensor) -> int:
    """Subpixels per side that sample a spot three times: README "Oversampling". All lengths in m."""
    reciprocal_pixel = wavelength * distance / pixel
    wanted = known_number(torch.ceil(3.0 * longest / reciprocal_pixel))
    if not wanted <= MOST_SUBPIXELS:
        raise InputError("oversample", f"an automatic value of at most {MOST_SUBPIXELS}", f"{wanted:g}")
    return max(int(max(wanted, 1.0)), 1)


def rendered_pixels(scene: Scene) -> Tensor:
    """Raster indices (n, int64) of the pixels to render, in raster order."""
    sampling, (slow, fast) = scene.experiment.sampling, scene.experiment.detector.shape
    device = scene.pixel.device
    given = sampling.roi or (0, fast - 1, 0, slow - 1)
    boxes = [given] if isinstance(given, tuple) else given
    if scene.wanted is None:
        raster = _raster(boxes, fast, device)
    else:
        s, f, raster = scene.wanted // fast, scene.wanted % fast, scene.wanted
        inside = [(f0 <= f) & (f <= f1) & (s0 <= s) & (s <= s1) for f0, f1, s0, s1 in boxes]
        raster = raster[torch.stack(inside).any(0)]
    if sampling.mask is None:
        return raster
    return raster[sampling.mask.to(device).reshape(-1)[raster] != 0]


def _raster(boxes: Sequence[Box], width: int, device: torch.device) -> Tensor:
    """Raster indices of boxes in images of this width, ascending, each once."""
    pieces = []
    for f0, f1, s0, s1 in boxes:
        rows = torch.arange(s0, s1 + 1, device=device)
        pieces.append((rows[:, None] * width + torch.arange(f0, f1 + 1, device=device)).reshape(-1))
    return pieces[0] if len(pieces) == 1 else torch.unique(torch.cat(pieces))
