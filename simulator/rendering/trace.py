"""Every intermediate of one pixel, taken from the production functions. Twin: reference/rendering/trace.c."""

from typing import Any

import torch
from torch import Tensor

from simulator.physics.scattering import Scatter
from simulator.physics.vectors import dot
from simulator.rendering.history import History, find_history
from simulator.rendering.kernels import EAGER
from simulator.rendering.render import RAY_TAPS, render_pixels
from simulator.rendering.scene import Scene
from simulator.rendering.terms import Context, resolution_skip, subpixels
from simulator.units import ANGSTROM, DEGREES, R_E_SQR

PREFIX = "TRACE_PY"
Lines = list[tuple[str, list[float]]]


def trace_cell(scene: Scene) -> Lines:
    """The unit cell as used."""
    lines = [(f"cell_{name}_star_A_inv", _list(v)) for name, v in zip("abc", scene.star, strict=True)]
    lines += [(f"cell_{name}_angstroms", _list(v)) for name, v in zip("abc", scene.direct, strict=True)]
    return [*lines, ("V_cell_A3", _list(1.0 / scene.v_star)), ("V_star_A3_inv", _list(scene.v_star))]


class _Taps:
    """What a render says of one pixel: every layer and subpixel (or the first) apart, and its last words."""

    def __init__(self, every: bool) -> None:
        self.every, self.subpixel = every, -1
        self.blocks: list[dict[str, Any]] = []
        self.last: dict[str, Any] = {}

    def __call__(self, name: str, value: Tensor | Scatter) -> None:
        if name == RAY_TAPS[0]:
            self.subpixel += 1
            if self.every or not self.blocks:
                self.blocks.append({})
        if self.subpixel < len(self.blocks):
            self.blocks[-1].setdefault(name, value)
        self.last[name] = value


def trace_pixel(
    scene: Scene,
    slow: int,
    fast: int,
    dtype: torch.dtype,
    history: History | None = None,
    blocks: bool = False,
) -> Lines:
    """All taps of one pixel in the order of computation, then one block a spindle step.

    First layer, subpixel, source and mosaic domain; `blocks`: every further layer and subpixel as well, its
    taps named `block_LAYER_ROW_COLUMN_...`. Who traces many pixels finds the image's history once.
    """
    history = history or find_history(scene)
    here = slow * scene.experiment.detector.shape[1] + fast
    taps = _Taps(blocks)
    context = Context(history.first is not None and int(history.first) == here, history.latch)
    raster = torch.tensor([here], device=scene.pixel.device)
    render_pixels(scene, raster, dtype, context=context, tap=taps)
    sums = _sums(scene, raster, taps.last)
    lines = [("trace_pixel", [float(slow), float(fast)]), *_block(scene, taps.blocks[0], "")]
    lines += [(name, sums[name]) for name in SUMS]
    for place, block in list(zip(subpixels(scene), taps.blocks, strict=False))[1:]:
        if not scene.experiment.sampling.oversample_omega:
            block["omega_pixel_sr"] = taps.blocks[0]["omega_pixel_sr"]  # the solid angle in use
        lines += _block(scene, block, "block_{}_{}_{}_".format(*place))
    for k in range(len(scene.phi)):
        lines += [("phi_tic", [float(k)]), ("phi_deg", _list(scene.phi[k] * DEGREES))]
        step = _evaluation(scene, taps.blocks[0], k * scene.experiment.crystal.mosaic_domains)
        lines += [(f"phi_{name}", step[name]) for name in STEP if name in step]
    return lines


def _block(scene: Scene, taps: dict[str, Any], prefix: str) -> Lines:
    """A layer and subpixel in the light of the first source."""
    values = {name: _list(value) for name, value in taps.items() if isinstance(value, Tensor)}
    values |= _constants(scene) | _evaluation(scene, taps, 0)
    # as the solid angle has it; that of the capture fraction differs on a curved detector and behind a layer
    values["obliquity_factor"] = _list(scene.frame.close_distance / taps["R_distance_meters"])
    return [(prefix + name, values[name]) for name in BLOCK if name in values]


def _sums(scene: Scene, raster: Tensor, last: dict[str, Any]) -> dict[str, list[float]]:
    """The sum and its factors; those recomputed for every subpixel as the last one leaves them."""
    sampling = scene.experiment.sampling
    taps = {name: last[name] for name in SUMS if name in last}
    taps["cos_2theta"] = dot(last["incident_vec"], last["diffracted_vec"])
    if sampling.oversample_thick:
        taps["capture_fraction"] = last["capture_fraction_layer"]
    if sampling.oversample_polar and scene.kahn is not None:
        taps["polar"] = _last_polar(scene, raster, last["polar"])
    if sampling.oversample_omega:
        taps["omega_pixel"] = last["omega_pixel_sr"]
    return {name: _list(value) for name, value in taps.items()} | _constants(scene)


def _last_polar(scene: Scene, raster: Tensor, polar: Tensor) -> Tensor:
    """Polarization factor of the last source not skipped, or the one given if there is none."""
    for subpixel in reversed(list(subpixels(scene))):
        ray = EAGER.ray(scene, raster, subpixel)
        for number in reversed(range(len(scene.sources.weight))):
            q, own = EAGER.light(scene, ray.diffracted, number, True)
            skip = resolution_skip(scene, q)
            if own is not None and (skip is None or not bool(skip)):
                return own
    return polar


STEP = (
    *(f"rot_{name}_angstroms" for name in "abc"),
    "hkl_frac",
    "hkl_rounded",
    *(f"F_latt_{name}" for name in "abc"),
    "F_latt",
    "F_cell",
    "I_term",
)
BLOCK = (
    "pix0_vector_meters fdet_vec sdet_vec odet_vec pixel_pos_meters R_distance_meters omega_pixel_sr "
    "close_distance_meters obliquity_factor diffracted_vec incident_vec lambda_meters scattering_vec_m_inv "
    "rot_a_angstroms rot_b_angstroms rot_c_angstroms rot_a_star_A_inv rot_b_star_A_inv rot_c_star_A_inv "
    "hkl_frac hkl_rounded F_latt_a F_latt_b F_latt_c F_latt F_cell"
).split()
SUMS = (
    "I_before_scaling r_e_sqr fluence_photons_per_m2 steps capture_fraction polar omega_pixel cos_2theta "
    "I_pixel_final"
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


def _evaluation(scene: Scene, block: dict[str, Any], number: int) -> dict[str, list[float]]:
    """Taps of one orientation."""
    found: Scatter = block["scatter"]
    crystal = block["orientations"][number] / ANGSTROM

    def pick(value: Tensor) -> list[float]:
        return _list(value[number] if value.dim() else value)  # a constant F_cell has no axes

    taps = {f"rot_{name}_angstroms": _list(v) for name, v in zip("abc", crystal, strict=True)}
    for name, indices in (("hkl_frac", found.hkl), ("hkl_rounded", found.hkl0)):
        taps[name] = [x for index in indices for x in pick(index)]
    if found.f_latt_axes is not None:
        taps |= {f"F_latt_{name}": pick(value) for name, value in zip("abc", found.f_latt_axes, strict=True)}
    return taps | {
        "F_latt": pick(found.f_latt),
        "F_cell": pick(found.f_cell),
        "I_term": pick(found.intensity),
    }


def format_trace(lines: Lines) -> str:
    """One line a tap, 17 significant digits."""
    return "".join(f"{PREFIX}: {name} {' '.join(f'{v:.17g}' for v in values)}\n" for name, values in lines)
