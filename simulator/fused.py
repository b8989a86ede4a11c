"""Compiled kernels: the eager functions fused by torch's compiler, and the choice between the two."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from simulator.kernels import EAGER, Kernels
from simulator.library import Library, build_library, can_build, library_path
from simulator.programs import Program, polar_program, ray_program, sweep_program
from simulator.ray import Ray
from simulator.scene import Scene
from simulator.vectors import norm, planes

SPAN = 4e8  # radians: the compiled sine's range
FEW = 1 << 11  # pixels below which a call costs more than its work
PAYS_OFF = 4e9  # evaluations, a minute or two of eager work: from here on compiling pays
Report = Callable[[str], None]


class Fused(Kernels):
    """Kernels from the disk; what they do not cover falls back to eager."""

    name = "compiled"
    block = 1 << 17
    own_threads = True

    def __init__(self, libraries: dict[str, Library]) -> None:
        self.libraries = libraries

    def orientations(self, pixels: int) -> int:
        """Orientations cost no memory here; a bound keeps the progress display alive."""
        return max((1 << 26) // max(pixels, 1), 1)

    def ray(self, scene: Scene, slow: Tensor, fast: Tensor, subpixel: tuple[int, int, int]) -> Ray:
        """Rays without position, distance and obliquity: only traces ask for these."""
        if len(slow) < FEW:
            return EAGER.ray(scene, slow, fast, subpixel)
        x, y, z, omega, capture = self.libraries["ray"](_ray_inputs(scene, slow, fast, subpixel))
        none = omega.new_empty(0)
        return Ray(none, none, planes(x, y, z), omega, none, capture)

    def polar(self, scene: Scene, incident: Tensor, diffracted: Tensor) -> Tensor:
        """Polarization factor (n)."""
        if len(diffracted) < FEW:
            return EAGER.polar(scene, incident, diffracted)
        return self.libraries["polar"](_polar_inputs(scene, incident, diffracted))[0]

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n) of F_cell^2 F_latt^2 over the orientations."""
        kind = "tricubic" if interpolate is True else "sweep"
        if len(q) < FEW or isinstance(interpolate, Tensor) or kind not in self.libraries:
            return EAGER.sweep(scene, q, directions, interpolate, dtype)
        return self.libraries[kind](_sweep_inputs(scene, q, directions))[0]


def _ray_inputs(
    scene: Scene, slow: Tensor, fast: Tensor, subpixel: tuple[int, int, int]
) -> tuple[Tensor, ...]:
    panel = scene.panel
    numbers = panel.pixel.new_tensor([float(x) for x in (*subpixel, scene.oversample)])
    attenuation = panel.pixel if panel.attenuation is None else panel.attenuation
    return (slow, fast, numbers, panel.pixel, panel.layer_thickness, attenuation, *panel.frame)


def _polar_inputs(scene: Scene, incident: Tensor, diffracted: Tensor) -> tuple[Tensor, ...]:
    assert scene.kahn is not None
    return scene.kahn, incident, diffracted, scene.polar_normal


def _sweep_inputs(scene: Scene, q: Tensor, directions: Tensor) -> tuple[Tensor, ...]:
    shape, table = scene.shape, scene.table
    box = (scene.default_f, scene.default_f) if table is None else tuple(table)
    return (q, directions, shape.n_cells, shape.fudge, shape.star, scene.default_f, *box)


def programs(scene: Scene, dtype: torch.dtype) -> dict[str, Program]:
    """The programs that this scene needs, by role."""
    n = FEW
    index = torch.arange(float(n), dtype=torch.float64)
    vectors = planes(index + 1, index + 2, index + 3)
    turned = scene.orientations[:1].expand(4, 3, 3).contiguous()
    inputs = _sweep_inputs(scene, vectors, turned)
    shape, table = scene.shape.name, scene.table is not None
    needed = {
        "ray": ray_program(scene.panel, _ray_inputs(scene, index, index + 1, (0, 0, 0))),
        "sweep": sweep_program(shape, table, False, dtype, inputs),
    }
    if scene.kahn is not None:
        needed["polar"] = polar_program(_polar_inputs(scene, vectors[0].clone(), vectors))
    if table and scene.experiment.crystal.interpolate:
        needed["tricubic"] = sweep_program(shape, table, True, dtype, inputs)
    return needed


def default_folder() -> Path:
    """Where programs are kept for this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "braggproof"


def choose(
    scene: Scene, dtype: torch.dtype, wanted: str, work: float, folder: Path, report: Report
) -> tuple[Kernels, str]:
    """Eager or compiled kernels for this many evaluations, and why.

    wanted: `off`; `on`, which compiles what is not on disk yet; or `auto`, which does so only where it pays.
    """
    reason = _cannot(scene, wanted)
    if reason:
        return EAGER, reason
    needed = programs(scene, dtype)
    paths = {role: library_path(folder, program) for role, program in needed.items()}
    missing = [role for role, path in paths.items() if not path.exists()]
    if missing and (wanted == "auto" and work < PAYS_OFF):
        return EAGER, "too little work to compile for; --compile on does it once and for all"
    if missing and not can_build():
        return EAGER, "no C++ compiler here"
    for role in missing:
        report(f"compiling {needed[role].name} into {paths[role].parent}")
        build_library(needed[role], paths[role])
    libraries = {role: Library(path) for role, path in paths.items()}
    return Fused(libraries), "compiled now" if missing else "compiled before, from disk"


def _cannot(scene: Scene, wanted: str) -> str | None:
    """Why compiled kernels are out of the question, if they are."""
    if wanted == "off":
        return "as asked"
    if scene.pixel.device.type != "cpu":
        return "compiled kernels are for the CPU"
    edges = norm(scene.orientations[0]) * scene.shape.n_cells
    if float(edges.max() / scene.sources.wavelength.min()) * 2 * math.pi > SPAN:
        return "the crystal is too large for the compiled sine"
    return None
