"""The loops of section 7: layers, subpixels, sources, orientations. Twin: reference/render.c.

Pixels are named by slow and fast index tensors (n). Everything here is a pure function of the scene.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.background import R_E_SQR
from simulator.kernels import EAGER, Kernels
from simulator.ray import Ray
from simulator.scattering import Scatter, scattering_vector
from simulator.scene import ANGSTROM, Scene
from simulator.vectors import norm

Tap = Callable[[str, Tensor | Scatter], None]


class Context(NamedTuple):
    """What of the image's history reaches these pixels."""

    first_sweep: bool = False  # the block is the one pixel that opens the image
    latch: tuple[int, int] | None = None  # raster index and evaluation where interpolation turned itself off


FRESH = Context()
RAY_TAPS = (
    "pixel_pos_meters",
    "R_distance_meters",
    "diffracted_vec",
    "omega_pixel_sr",
    "obliquity_factor",
    "capture_fraction_layer",
)


def _silent(_name: str, _value: Tensor | Scatter) -> None:
    """The tap of a render that nobody traces."""


def subpixels(scene: Scene) -> Iterator[tuple[int, int, int]]:
    """Layer, row and column of every subpixel, in the order of the loops."""
    n = scene.oversample
    for layer in range(scene.experiment.detector.layers):
        yield from ((layer, row, column) for row in range(n) for column in range(n))


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
    first: int  # smallest and
    last: int  # largest raster index
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
    kernels: Kernels = EAGER,
) -> Tensor:
    """Photons (n) at the pixels slow, fast (n, float64 whole numbers).

    The lattice sum runs in `dtype`, geometry and the running total in float64.
    """
    zero, one = torch.zeros_like(slow), torch.ones_like(slow)
    never = torch.zeros_like(slow, dtype=torch.bool)
    raster = slow * scene.experiment.detector.shape[1] + fast
    total = zero + scene.background if scene.quirks.water_twice else zero
    ends = (int(raster[0]), int(raster[-1])) if context.latch else (0, 0)
    pixels = _Pixels(total, one, one, one, never, never, raster, *ends)
    for subpixel in subpixels(scene):
        ray = kernels.ray(scene, slow, fast, subpixel)
        for name, value in zip(RAY_TAPS, ray, strict=True):
            tap(name, value)
        pixels.omega = pixels.omega if any(subpixel) else ray.omega
        pixels.capture = pixels.capture if any(subpixel[1:]) else ray.capture
        for number in range(len(scene.sources.weight)):
            _add_source(scene, pixels, ray, number, dtype, context, tap, kernels)
    return _scale(scene, pixels, tap)


def _add_source(
    scene: Scene,
    pixels: _Pixels,
    ray: Ray,
    number: int,
    dtype: torch.dtype,
    context: Context,
    tap: Tap,
    kernels: Kernels,
) -> None:
    """Every orientation of the crystal in the light of one source."""
    incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
    q = scattering_vector(ray.diffracted, incident, wavelength)
    skip = _beyond_resolution(scene, q)
    factor = _factor(scene, pixels, ray, incident, skip, kernels)
    weight = scene.sources.weight[number] * (pixels.capture if layers_apart(scene) else 1.0)
    tap("incident_vec", incident)
    tap("scattering_vec_m_inv", q)
    directions = scene.orientations
    if context.first_sweep:
        opens = ~(pixels.swept if skip is None else pixels.swept | skip)
        directions = torch.where(opens, scene.first_orientations, directions)
        pixels.swept = pixels.swept | opens
    chunk = kernels.orientations(len(q)) if tap is _silent else len(directions)
    for start in range(0, len(directions), chunk):
        part = directions[start : start + chunk]
        allowed = _interpolate(scene, pixels, start, len(part), context.latch)
        if runs(scene) or tap is not _silent:
            found = EAGER.terms(scene, q, part, allowed, dtype)
            tap("scatter", found)
            _run(scene, pixels, found.intensity * weight, factor, skip)
        else:
            added = kernels.sweep(scene, q, part, allowed, dtype) * weight * factor
            pixels.total = pixels.total + (added if skip is None else torch.where(skip, 0.0, added))
    pixels.done += len(directions)


def _interpolate(
    scene: Scene, pixels: _Pixels, start: int, count: int, latch: tuple[int, int] | None
) -> Tensor | bool:
    """Whether each of these evaluations may interpolate: (count, n), or one answer for all."""
    if scene.table is None or not scene.experiment.crystal.interpolate:
        return False
    if latch is None or pixels.last < latch[0]:
        return True
    if pixels.first > latch[0]:
        return False
    first = pixels.done + start
    number = torch.arange(first, first + count, device=pixels.raster.device)[:, None]
    return (pixels.raster < latch[0]) | ((pixels.raster == latch[0]) & (number < latch[1]))


def _run(scene: Scene, pixels: _Pixels, terms: Tensor, factor: Tensor | float, skip: Tensor | None) -> None:
    """Add terms (k, n) one by one; with the quirk the factor multiplies the whole sum each time."""
    for term in terms:
        added = (pixels.total + term) * factor if runs(scene) else pixels.total + term * factor
        pixels.total = added if skip is None else torch.where(skip, pixels.total, added)


def _beyond_resolution(scene: Scene, q: Tensor) -> Tensor | None:
    """Which pixels lie beyond the resolution limit for this source, None if there is no limit."""
    dmin = scene.experiment.sampling.dmin * ANGSTROM
    return dmin > 0.5 / (0.5 * norm(q)) if dmin > 0 else None


def _factor(
    scene: Scene, pixels: _Pixels, ray: Ray, incident: Tensor, skip: Tensor | None, kernels: Kernels
) -> Tensor | float:
    """What is recomputed for this subpixel and source; sets the pixel's polarization on the way."""
    sampling = scene.experiment.sampling
    polar = torch.ones_like(pixels.polar)
    if scene.kahn is not None and (sampling.oversample_polar or pixels.done == 0 or skip is not None):
        polar = kernels.polar(scene, incident, ray.diffracted)
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
