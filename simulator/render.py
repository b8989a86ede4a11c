"""The loops of section 7: layers, subpixels, sources, orientations. Twin: reference/render.c.

Pixels are named by slow and fast index tensors (n). Everything here is a pure function of the scene.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.background import R_E_SQR
from simulator.detector import capture_fraction, curved_position, obliquity, pixel_position, solid_angle
from simulator.polarization import polarization_factor
from simulator.scattering import Scatter, scatter, scattering_vector
from simulator.scene import Scene
from simulator.vectors import norm

Tap = Callable[[str, Tensor | Scatter], None]


class Context(NamedTuple):
    """What of the image's history reaches these pixels."""

    first_sweep: bool = False  # the block is the one pixel that opens the image
    latch: tuple[int, int] | None = None  # raster index and evaluation where interpolation turned itself off


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


def _interpolate(scene: Scene, raster: Tensor, start: int, count: int, latch: tuple[int, int] | None) -> Tensor | bool:
    """Whether each evaluation start..start+count of each pixel may interpolate: (count, n) or one answer for all."""
    if scene.table is None or not scene.experiment.crystal.interpolate:
        return False
    if latch is None:
        return True
    number = torch.arange(start, start + count, device=raster.device)[:, None]
    return (raster < latch[0]) | ((raster == latch[0]) & (number < latch[1]))


def _resolution_skip(scene: Scene, q: Tensor) -> Tensor | None:
    dmin = scene.experiment.sampling.dmin * 1e-10
    return dmin > 0.5 / (0.5 * norm(q)) if dmin > 0 else None


def render_pixels(  # noqa: PLR0915
    scene: Scene,
    slow: Tensor,
    fast: Tensor,
    dtype: torch.dtype,
    *,
    context: Context = Context(),  # noqa: B008
    tap: Tap = _silent,
    evaluations: int = 1 << 15,
) -> Tensor:
    """Photons (n) at the pixels slow, fast (n, float64 whole numbers).

    The lattice sum runs in `dtype`, geometry and the running total in float64. `evaluations` bounds how many
    pixel-orientations are held at once.
    """
    sampling, quirks, detector = scene.experiment.sampling, scene.quirks, scene.experiment.detector
    n, count = scene.oversample, len(scene.orientations)
    chunk = max(evaluations // max(len(slow), 1), 1)
    raster = slow * detector.shape[1] + fast
    zero = torch.zeros_like(slow)
    total = zero + scene.background if quirks.water_twice else zero
    omega = polar = capture = torch.ones_like(slow)
    polarized = swept = torch.zeros_like(slow, dtype=torch.bool)
    running = quirks.running_sum and sampling_recomputes(scene)
    by_layer = not (running or quirks.last_layer or sampling.oversample_thick)
    done = 0
    for layer in range(detector.layers):
        layer_total = zero
        for row, column in [(a, b) for a in range(n) for b in range(n)]:
            ray = trace_ray(scene, slow, fast, layer, row, column, tap)
            omega = ray.omega if layer == row == column == 0 else omega
            capture = ray.capture if row == column == 0 else capture
            for number in range(len(scene.sources.weight)):
                incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
                q = scattering_vector(ray.diffracted, incident, wavelength)
                skip = _resolution_skip(scene, q)
                fresh = torch.ones_like(slow)
                if scene.kahn is not None and (sampling.oversample_polar or done == 0 or skip is not None):
                    fresh = polarization_factor(scene.kahn, incident, ray.diffracted, scene.polar_normal)
                if skip is None:
                    polar = fresh if done == 0 else polar
                else:
                    polar = torch.where(polarized | skip, polar, fresh)
                    polarized = polarized | ~skip
                factor = torch.ones_like(slow)
                factor = factor * ray.capture if sampling.oversample_thick else factor
                factor = factor * fresh if sampling.oversample_polar else factor
                factor = factor * ray.omega if sampling.oversample_omega else factor
                weight = scene.sources.weight[number]
                tap("incident_vec", incident)
                tap("scattering_vec_m_inv", q)
                directions = scene.orientations
                if context.first_sweep:
                    opens = ~swept if skip is None else ~(swept | skip)
                    directions = torch.where(opens, scene.first_orientations, directions)
                    swept = swept | opens
                for start in range(0, count, chunk):
                    part = directions[start : start + chunk]
                    allowed = _interpolate(scene, raster, done + start, len(part), context.latch)
                    found = scatter(q, part, scene.shape, scene.table, scene.default_f, allowed, dtype)
                    tap("scatter", found)
                    terms = found.intensity * weight
                    terms = terms if skip is None else torch.where(skip, 0.0, terms)
                    if running:
                        for term in terms:
                            kept = (total + term) * factor
                            total = kept if skip is None else torch.where(skip, total, kept)
                    else:
                        layer_total = layer_total + terms.sum(0) * factor
                done += count
        total = total + (layer_total * capture if by_layer else layer_total)
    tap("I_before_scaling", total)
    tap("capture_fraction", capture)
    tap("polar", polar)
    tap("omega_pixel", omega)
    pixel = R_E_SQR * scene.fluence * total / scene.steps
    pixel = pixel if sampling.oversample_thick or by_layer else pixel * capture
    pixel = pixel if sampling.oversample_polar else pixel * polar
    pixel = pixel if sampling.oversample_omega else pixel * omega
    if not quirks.water_twice:
        pixel = pixel + scene.background * polar * omega
    tap("I_pixel_final", pixel)
    return pixel


def sampling_recomputes(scene: Scene) -> bool:
    """Whether some factor is recomputed for every evaluation."""
    sampling = scene.experiment.sampling
    return sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega
