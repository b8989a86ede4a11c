"""The loops of README "Intensity": layers, subpixels, sources, orientations.

Twin: reference/rendering/render.c. Pixels are named by their raster index slow*width + fast (n). Everything
here is a pure function of the scene.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from simulator.physics.ray import Ray
from simulator.physics.scattering import Scatter
from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.scene import Scene
from simulator.rendering.terms import (
    FRESH,
    Context,
    Factor,
    has_background,
    in_part,
    is_dark,
    layers_apart,
    recomputes,
    resolution_skip,
    runs,
    subpixels,
)

Tap = Callable[[str, Tensor | Scatter], None]

RAY_TAPS = (
    "pixel_pos_meters R_distance_meters diffracted_vec omega_pixel_sr obliquity capture_fraction_layer"
).split()


def _silent(_name: str, _value: Tensor | Scatter) -> None:
    """The tap of a render that nobody traces."""


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


def render_pixels(
    scene: Scene,
    raster: Tensor,
    dtype: torch.dtype,
    *,
    context: Context = FRESH,
    tap: Tap = _silent,
    kernels: Kernels = EAGER,
) -> Tensor:
    """Photons (n) at these raster indices (n), ascending; the lattice sum in `dtype`, the rest in float64."""
    one = scene.pixel.new_ones(())
    never = torch.zeros_like(raster, dtype=torch.bool)
    total = scene.background if scene.quirks.water_twice and has_background(scene) else 0.0 * one
    ends = (int(raster[0]), int(raster[-1])) if context.latch else (0, 0)
    pixels = _Pixels(total, one, one, one, never, never, raster, *ends)
    for subpixel in subpixels(scene):
        ray = kernels.ray(scene, raster, subpixel)
        for name, value in zip(RAY_TAPS, ray, strict=True):
            tap(name, value)
        pixels.omega = pixels.omega if any(subpixel) else ray.omega
        pixels.capture = pixels.capture if any(subpixel[1:]) else ray.capture
        for number in range(len(scene.sources.weight)):
            _add_source(scene, pixels, ray, number, dtype, context, tap, kernels)
    return _scale(scene, pixels, tap, kernels)


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
    sampling = scene.experiment.sampling
    polarized = sampling.oversample_polar or sampling.dmin > 0 or pixels.done == 0
    q, polar = kernels.light(scene, ray.diffracted, number, polarized)
    skip = resolution_skip(scene, q)
    factor = _factor(scene, pixels, ray, number, polar, skip)
    tap("incident_vec", -scene.sources.direction[number])
    tap("scattering_vec_m_inv", q)
    directions = scene.orientations
    if context.first_sweep:
        opens = ~(pixels.swept if skip is None else pixels.swept | skip)
        directions = torch.where(opens, scene.first_orientations, directions)
        pixels.swept = pixels.swept | opens
    tap("orientations", directions)
    chunk = kernels.orientations(len(q)) if tap is _silent else len(directions)
    for start in range(0, len(directions), chunk):
        part = directions[start : start + chunk]
        allowed = _interpolate(scene, pixels, start, len(part), context.latch)
        if scene.part is not None:
            chosen = in_part(scene, number, start, len(part))
            part, allowed = part[chosen], allowed[chosen] if isinstance(allowed, Tensor) else allowed
            if not len(part):
                continue
        if runs(scene) or tap is not _silent:
            found = EAGER.terms(scene, q, part, allowed, dtype)
            tap("scatter", found)
            _run(scene, pixels, found, factor, skip)
        else:
            added = kernels.sweep(scene, q, part, allowed, dtype)
            added = added if factor is None else factor.times_every(added * factor.own)
            pixels.total = pixels.total + (added if skip is None else torch.where(skip, 0.0, added))
    pixels.done += len(directions)


def _interpolate(
    scene: Scene, pixels: _Pixels, start: int, count: int, latch: tuple[int, int] | None
) -> Tensor | bool:
    """Whether each of these evaluations may interpolate: (count, n), or one answer for all."""
    if scene.table is None or not scene.interpolate:
        return False
    if latch is None or pixels.last < latch[0]:
        return True
    if pixels.first > latch[0]:
        return False
    first = pixels.done + start
    number = torch.arange(first, first + count, device=pixels.raster.device)[:, None]
    return (pixels.raster < latch[0]) | ((pixels.raster == latch[0]) & (number < latch[1]))


def _run(scene: Scene, pixels: _Pixels, found: Scatter, factor: Factor | None, skip: Tensor | None) -> None:
    """Add terms (k, n) one by one; with the quirk what is recomputed multiplies the whole sum each time."""
    dark = is_dark(scene, found.f_latt)
    for number, term in enumerate(found.intensity.to(torch.float64)):
        if factor is None:
            added = pixels.total + term
        elif runs(scene):
            added = factor.times_every(pixels.total + term * factor.own)
        else:
            added = pixels.total + factor.times_every(term * factor.own)
        left_out = skip
        if dark is not None:
            left_out = dark[number] if skip is None else dark[number] | skip
        pixels.total = added if left_out is None else torch.where(left_out, pixels.total, added)


def _factor(
    scene: Scene, pixels: _Pixels, ray: Ray, number: int, polar: Tensor | None, skip: Tensor | None
) -> Factor | None:
    """What multiplies the terms of this subpixel and source, None if nothing does.

    Sets the pixel's polarization on the way: that of the first source not skipped, else that of the first.
    """
    sampling, one = scene.experiment.sampling, scene.pixel.new_ones(())
    fresh = one if polar is None else polar
    if pixels.done == 0:
        pixels.polar = fresh
    elif skip is not None:
        pixels.polar = torch.where(pixels.polarized | skip, pixels.polar, fresh)
    if skip is not None:
        pixels.polarized = pixels.polarized | ~skip
    if not (recomputes(scene) or layers_apart(scene) or scene.experiment.beam.sources is not None):
        return None
    chosen = (sampling.oversample_thick, sampling.oversample_polar, sampling.oversample_omega)
    factors = zip(chosen, (ray.capture, fresh, ray.omega), strict=True)
    every = tuple(factor for recomputed, factor in factors if recomputed)
    weight = scene.sources.weight[number]
    return Factor(weight * pixels.capture if layers_apart(scene) else weight, every)


def _scale(scene: Scene, pixels: _Pixels, tap: Tap, kernels: Kernels) -> Tensor:
    """From the sum over evaluations to photons; what was recomputed for every term is in the sum already."""
    sampling, one = scene.experiment.sampling, scene.pixel.new_ones(())
    if scene.quirks.unlit_polar and sampling.dmin > 0 and scene.kahn is not None:
        pixels.polar = torch.where(pixels.polarized, pixels.polar, 0.0)
    for name in ("capture_fraction", "polar", "omega_pixel"):
        tap(name, getattr(pixels, name.partition("_")[0]))
    tap("I_before_scaling", pixels.total)
    factors = (
        one if sampling.oversample_thick or layers_apart(scene) else pixels.capture,
        one if sampling.oversample_polar else pixels.polar,
        one if sampling.oversample_omega else pixels.omega,
    )
    photons = kernels.photons(scene, pixels.total, factors)
    if not scene.quirks.water_twice and has_background(scene):
        photons = photons + scene.background * pixels.polar * pixels.omega
    tap("I_pixel_final", photons)
    return photons
