"""The loops of section 7: layers, subpixels, sources, orientations. Twin: reference/render.c.

Pixels are named by slow and fast index tensors (n). Everything here is a pure function of the scene.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.background import R_E_SQR
from simulator.detector import capture_fraction, curved_position, obliquity, pixel_position, solid_angle
from simulator.polarization import polarization_factor
from simulator.scattering import Scatter, scatter, scattering_vector
from simulator.scene import ANGSTROM, Scene
from simulator.vectors import norm

Tap = Callable[[str, Tensor | Scatter], None]


class Context(NamedTuple):
    """What of the image's history reaches these pixels."""

    first_sweep: bool = False  # the block is the one pixel that opens the image
    latch: tuple[int, int] | None = None  # raster index and evaluation where interpolation turned itself off


FRESH = Context()


class Ray(NamedTuple):
    """One subpixel point: direction (n, 3), solid angle and capture fraction (n)."""

    diffracted: Tensor
    omega: Tensor
    capture: Tensor


def _silent(_name: str, _value: Tensor | Scatter) -> None:
    """The tap of a render that nobody traces."""


def trace_ray(scene: Scene, slow: Tensor, fast: Tensor, layer: int, row: int, column: int, tap: Tap) -> Ray:
    """Where a subpixel point of each pixel lies, and what follows from that alone."""
    detector, frame, n = scene.experiment.detector, scene.frame, scene.oversample
    size = scene.pixel / n
    f = size * (fast * n + column) + size / 2.0
    s = size * (slow * n + row) + size / 2.0
    position = pixel_position(frame, f, s, layer * scene.layer_thickness)
    if detector.curved:
        position = curved_position(frame, position)
    r = norm(position)
    diffracted = position / r[..., None]
    omega = solid_angle(frame, scene.pixel, r, detector.point_pixel)
    slant = obliquity(frame, diffracted)
    capture = torch.ones_like(r)
    if scene.attenuation is not None and detector.thickness > 0:
        capture = capture_fraction(layer, scene.layer_thickness, scene.attenuation, slant)
    for name, value in (
        ("pixel_pos_meters", position),
        ("R_distance_meters", r),
        ("omega_pixel_sr", omega),
        ("obliquity_factor", slant),
        ("diffracted_vec", diffracted),
    ):
        tap(name, value)
    return Ray(diffracted, omega, capture)


def _interpolate(
    scene: Scene, raster: Tensor, start: int, count: int, latch: tuple[int, int] | None
) -> Tensor | bool:
    """Whether each of these evaluations may interpolate: (count, n), or one answer for all."""
    if scene.table is None or not scene.experiment.crystal.interpolate:
        return False
    if latch is None:
        return True
    number = torch.arange(start, start + count, device=raster.device)[:, None]
    return (raster < latch[0]) | ((raster == latch[0]) & (number < latch[1]))


@dataclass
class _Pixels:
    """What a block of pixels has gathered so far; every tensor is (n)."""

    total: Tensor
    polar: Tensor
    omega: Tensor
    capture: Tensor
    polarized: Tensor  # polar is set
    swept: Tensor  # the crystal has been turned for this pixel
    raster: Tensor
    done: int = 0  # evaluations


def recomputes(scene: Scene) -> bool:
    """Whether some factor is recomputed for every evaluation."""
    sampling = scene.experiment.sampling
    return sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega


def runs(scene: Scene) -> bool:
    """Whether recomputed factors multiply the whole running sum: quirk running-sum."""
    return scene.quirks.running_sum and recomputes(scene)


def layers_apart(scene: Scene) -> bool:
    """Whether each layer is scaled by its own capture fraction: without the quirk last-layer."""
    return not (scene.quirks.last_layer or scene.experiment.sampling.oversample_thick)


def render_pixels(
    scene: Scene,
    slow: Tensor,
    fast: Tensor,
    dtype: torch.dtype,
    *,
    context: Context = FRESH,
    tap: Tap = _silent,
    evaluations: int = 1 << 15,
) -> Tensor:
    """Photons (n) at the pixels slow, fast (n, float64 whole numbers).

    The lattice sum runs in `dtype`, geometry and the running total in float64. `evaluations` bounds how many
    pixel-orientations are held at once.
    """
    zero, one = torch.zeros_like(slow), torch.ones_like(slow)
    never = torch.zeros_like(slow, dtype=torch.bool)
    raster = slow * scene.experiment.detector.shape[1] + fast
    total = zero + scene.background if scene.quirks.water_twice else zero
    pixels = _Pixels(total, one, one, one, never, never, raster)
    for layer in range(scene.experiment.detector.layers):
        for row, column in [(a, b) for a in range(scene.oversample) for b in range(scene.oversample)]:
            ray = trace_ray(scene, slow, fast, layer, row, column, tap)
            pixels.omega = ray.omega if layer == row == column == 0 else pixels.omega
            pixels.capture = ray.capture if row == column == 0 else pixels.capture
            for number in range(len(scene.sources.weight)):
                _add_source(scene, pixels, ray, number, dtype, context, tap, evaluations)
    return _scale(scene, pixels, tap)


def _add_source(
    scene: Scene,
    pixels: _Pixels,
    ray: Ray,
    number: int,
    dtype: torch.dtype,
    context: Context,
    tap: Tap,
    most: int,
) -> None:
    """Every orientation of the crystal in the light of one source."""
    incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
    q = scattering_vector(ray.diffracted, incident, wavelength)
    skip = _beyond_resolution(scene, q)
    factor = _factor(scene, pixels, ray, incident, skip)
    weight = scene.sources.weight[number] * (pixels.capture if layers_apart(scene) else 1.0)
    tap("incident_vec", incident)
    tap("scattering_vec_m_inv", q)
    directions = scene.orientations
    if context.first_sweep:
        opens = ~(pixels.swept if skip is None else pixels.swept | skip)
        directions = torch.where(opens, scene.first_orientations, directions)
        pixels.swept = pixels.swept | opens
    chunk = max(most // max(len(q), 1), 1)
    for start in range(0, len(directions), chunk):
        part = directions[start : start + chunk]
        allowed = _interpolate(scene, pixels.raster, pixels.done + start, len(part), context.latch)
        found = scatter(q, part, scene.shape, scene.table, scene.default_f, allowed, dtype)
        tap("scatter", found)
        terms = found.intensity * weight
        terms = terms if skip is None else torch.where(skip, 0.0, terms)
        if runs(scene):
            for term in terms:
                kept = (pixels.total + term) * factor
                pixels.total = kept if skip is None else torch.where(skip, pixels.total, kept)
        else:
            pixels.total = pixels.total + terms.sum(0) * factor
    pixels.done += len(directions)


def _beyond_resolution(scene: Scene, q: Tensor) -> Tensor | None:
    """Which pixels lie beyond the resolution limit for this source, None if there is no limit."""
    dmin = scene.experiment.sampling.dmin * ANGSTROM
    return dmin > 0.5 / (0.5 * norm(q)) if dmin > 0 else None


def _factor(scene: Scene, pixels: _Pixels, ray: Ray, incident: Tensor, skip: Tensor | None) -> Tensor | float:
    """What is recomputed for this subpixel and source; sets the pixel's polarization on the way."""
    sampling = scene.experiment.sampling
    polar = torch.ones_like(pixels.polar)
    if scene.kahn is not None and (sampling.oversample_polar or pixels.done == 0 or skip is not None):
        polar = polarization_factor(scene.kahn, incident, ray.diffracted, scene.polar_normal)
    if skip is None:
        pixels.polar = polar if pixels.done == 0 else pixels.polar
    else:
        pixels.polar = torch.where(pixels.polarized | skip, pixels.polar, polar)
        pixels.polarized = pixels.polarized | ~skip
    factor: Tensor | float = 1.0
    factor = factor * ray.capture if sampling.oversample_thick else factor
    factor = factor * polar if sampling.oversample_polar else factor
    return factor * ray.omega if sampling.oversample_omega else factor


def _scale(scene: Scene, pixels: _Pixels, tap: Tap) -> Tensor:
    """From the sum over evaluations to photons."""
    sampling = scene.experiment.sampling
    for name in ("capture_fraction", "polar", "omega_pixel"):
        tap(name, getattr(pixels, name.partition("_")[0]))
    tap("I_before_scaling", pixels.total)
    photons = R_E_SQR * scene.fluence * pixels.total / scene.steps
    photons = photons if sampling.oversample_thick or layers_apart(scene) else photons * pixels.capture
    photons = photons if sampling.oversample_polar else photons * pixels.polar
    photons = photons if sampling.oversample_omega else photons * pixels.omega
    if not scene.quirks.water_twice:
        photons = photons + scene.background * pixels.polar * pixels.omega
    tap("I_pixel_final", photons)
    return photons
