"""What compiled programs are given of a scene, and which programs a scene needs."""

import torch
from torch import Tensor

from simulator.compiled.programs import (
    Program,
    light_program,
    photons_program,
    ray_program,
    slopes_program,
    sweep_program,
)
from simulator.physics.vectors import planes
from simulator.rendering.scene import Scene

COMPILED = ("square", "round")  # shapes whose slopes are; the others depend on a*, b*, c* as well
FEW = 1 << 11  # pixels below which a call costs more than its work


def ray_inputs(scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> tuple[Tensor, ...]:
    panel = scene.panel
    width = scene.experiment.detector.shape[1]
    numbers = panel.pixel.new_tensor([float(x) for x in (width, *subpixel, scene.oversample)])
    attenuation = panel.pixel if panel.attenuation is None else panel.attenuation
    return (raster, numbers, panel.pixel, panel.layer_thickness, attenuation, *panel.frame)


def light_inputs(scene: Scene, diffracted: Tensor, number: int) -> tuple[Tensor, ...]:
    incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
    kahn = wavelength if scene.kahn is None else scene.kahn
    return diffracted, incident, wavelength, kahn, scene.polar_normal


def sweep_inputs(scene: Scene, q: Tensor, directions: Tensor) -> tuple[Tensor, ...]:
    shape, table = scene.shape, scene.table
    box = (scene.default_f, scene.default_f) if table is None else tuple(table)
    return (q, directions, shape.n_cells, shape.fudge, shape.star, scene.default_f, *box)


def photons_inputs(scene: Scene, total: Tensor, factors: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, ...]:
    return (total, *factors, scene.fluence, scene.pixel.new_tensor(float(scene.steps)))


def programs(scene: Scene, dtype: torch.dtype) -> dict[str, Program]:
    """The programs that this scene needs, by role."""
    raster = torch.arange(FEW, device=scene.pixel.device)
    index = raster.to(torch.float64)
    vectors = planes(index + 1, index + 2, index + 3)
    turned = scene.orientations[:1].expand(4, 3, 3).contiguous()
    inputs = sweep_inputs(scene, vectors, turned)
    shape, table, cancels = scene.shape.name, scene.table is not None, scene.shape.cancels
    one = scene.pixel.new_ones(())
    factors = (
        one if scene.panel.attenuation is None else index,
        one if scene.kahn is None else index,
        index,
    )
    light = light_inputs(scene, vectors, 0)
    needed = {
        "ray": ray_program(scene.panel, ray_inputs(scene, raster, (0, 0, 0))),
        "sweep": sweep_program(shape, cancels, table, False, dtype, inputs),
        "photons": photons_program(photons_inputs(scene, index, factors)),
    }
    if scene.kahn is not None:
        needed["polarized"] = light_program(True, light)
    if scene.kahn is None or len(scene.sources.weight) > 1 or scene.oversample > 1:
        needed["light"] = light_program(False, light)
    if table and scene.interpolate:
        needed["tricubic"] = sweep_program(shape, cancels, table, True, dtype, inputs)
    return needed


def slopes(scene: Scene, dtype: torch.dtype, everything: bool) -> Program | None:
    """The program of this scene's slopes, if there is one; everything: by cells, fudge and F as well."""
    if scene.shape.name not in COMPILED or (scene.table is not None and scene.interpolate):
        return None
    index = torch.arange(FEW, device=scene.pixel.device, dtype=torch.float64)
    turned = scene.orientations[:1].expand(4, 3, 3).contiguous()
    inputs = (index, *sweep_inputs(scene, planes(index + 1, index + 2, index + 3), turned))
    return slopes_program(scene.shape.name, scene.table is not None, everything, dtype, inputs)
