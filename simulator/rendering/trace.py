"""Every intermediate of one pixel, taken from the production functions. Twin: reference/rendering/trace.c."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from simulator.physics.background import R_E_SQR
from simulator.physics.scattering import Scatter
from simulator.physics.vectors import dot
from simulator.rendering.image import find_latch, first_swept, rendered_pixels
from simulator.rendering.render import Context, render_pixels
from simulator.rendering.scene import ANGSTROM, DEGREES, Scene

PREFIX = "TRACE_PY"
Lines = list[tuple[str, list[float]]]


def trace_cell(scene: Scene) -> Lines:
    """The unit cell as used."""
    lines = [(f"cell_{name}_star_A_inv", _list(v)) for name, v in zip("abc", scene.star, strict=True)]
    lines += [(f"cell_{name}_angstroms", _list(v)) for name, v in zip("abc", scene.direct, strict=True)]
    return [*lines, ("V_cell_A3", _list(1.0 / scene.v_star)), ("V_star_A3_inv", _list(scene.v_star))]


class History(NamedTuple):
    """What of an image's history reaches its pixels: where it is first swept, where interpolation ends."""

    first: int | None  # raster index
    latch: tuple[int, int] | None  # raster index and evaluation


def find_history(scene: Scene) -> History:
    """The history of the whole image."""
    raster = rendered_pixels(scene)
    first = first_swept(scene, raster)
    return History(None if first is None else int(first), find_latch(scene, raster))


def trace_pixel(
    scene: Scene, slow: int, fast: int, dtype: torch.dtype, history: History | None = None
) -> Lines:
    """All taps of one pixel in the order of computation, then one block a spindle step.

    First layer, subpixel, source and mosaic domain. The history is that of the whole image; who traces many
    pixels finds it once.
    """
    history = history or find_history(scene)
    here = slow * scene.experiment.detector.shape[1] + fast
    taps: dict[str, Any] = {}

    def keep(name: str, value: Tensor | Scatter) -> None:
        taps.setdefault(name, value)

    context = Context(history.first == here, history.latch)
    render_pixels(scene, torch.tensor([here], device=scene.pixel.device), dtype, context=context, tap=keep)
    found = taps.pop("scatter")
    assert isinstance(found, Scatter)
    values = {name: _list(value) for name, value in taps.items() if isinstance(value, Tensor)}
    directions = scene.first_orientations if context.first_sweep else scene.orientations
    values |= _constants(scene) | _evaluation(scene, found, directions, 0, "")
    values["cos_2theta"] = _list(dot(taps["incident_vec"], taps["diffracted_vec"]))
    lines = [("trace_pixel", [float(slow), float(fast)])]
    lines += [(name, values[name]) for name in ORDER if name in values]
    for k in range(len(scene.phi)):
        lines += [("phi_tic", [float(k)]), ("phi_deg", _list(scene.phi[k] * DEGREES))]
        number = k * scene.experiment.crystal.mosaic_domains
        step = _evaluation(scene, found, directions, number, "phi_")
        lines += [(name, step[name]) for name in (f"phi_{tap}" for tap in STEP) if name in step]
    return lines


STEP = (
    *(f"rot_{name}_angstroms" for name in "abc"),
    "hkl_frac",
    "hkl_rounded",
    *(f"F_latt_{name}" for name in "abc"),
    "F_latt",
    "F_cell",
    "I_term",
)
ORDER = (
    "pix0_vector_meters fdet_vec sdet_vec odet_vec pixel_pos_meters R_distance_meters omega_pixel_sr "
    "close_distance_meters obliquity_factor diffracted_vec incident_vec lambda_meters scattering_vec_m_inv "
    "rot_a_angstroms rot_b_angstroms rot_c_angstroms rot_a_star_A_inv rot_b_star_A_inv rot_c_star_A_inv "
    "hkl_frac hkl_rounded F_latt_a F_latt_b F_latt_c F_latt F_cell I_before_scaling r_e_sqr "
    "fluence_photons_per_m2 steps capture_fraction polar omega_pixel cos_2theta I_pixel_final"
).split()


def _list(value: Tensor) -> list[float]:
    return [float(x) for x in value.detach().to(torch.float64).reshape(-1)]


def _constants(scene: Scene) -> dict[str, list[float]]:
    frame = scene.frame
    tensors = {
        "pix0_vector_meters": frame.origin,
        "fdet_vec": frame.fast,
        "sdet_vec": frame.slow,
        "odet_vec": frame.normal,
        "close_distance_meters": frame.close_distance,
        "lambda_meters": scene.sources.wavelength[0],
        "fluence_photons_per_m2": scene.fluence,
        **{f"rot_{name}_star_A_inv": v for name, v in zip("abc", scene.star, strict=True)},
    }
    numbers = {"r_e_sqr": [R_E_SQR], "steps": [float(scene.steps)]}
    return {name: _list(value) for name, value in tensors.items()} | numbers


def _evaluation(
    scene: Scene, found: Scatter, directions: Tensor, number: int, prefix: str
) -> dict[str, list[float]]:
    """Taps of one orientation."""

    def pick(value: Tensor) -> list[float]:
        return _list(value[number] if value.dim() else value)  # a constant F_cell has no axes

    taps = {
        f"rot_{name}_angstroms": _list(v / ANGSTROM)
        for name, v in zip("abc", directions[number], strict=True)
    }
    for name, indices in (("hkl_frac", found.hkl), ("hkl_rounded", found.hkl0)):
        taps[name] = [x for index in indices for x in pick(index)]
    if found.f_latt_axes is not None:
        taps |= {f"F_latt_{name}": pick(value) for name, value in zip("abc", found.f_latt_axes, strict=True)}
    taps |= {"F_latt": pick(found.f_latt), "F_cell": pick(found.f_cell), "I_term": pick(found.intensity)}
    return {prefix + name: value for name, value in taps.items()}


def format_trace(lines: Lines) -> str:
    """One line a tap, 17 significant digits."""
    return "".join(f"{PREFIX}: {name} {' '.join(f'{v:.17g}' for v in values)}\n" for name, values in lines)
