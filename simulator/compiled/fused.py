"""Compiled kernels: the eager functions fused by torch's compiler, and the choice between the two."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from simulator.compiled.library import Library, build_library, can_build, library_path
from simulator.compiled.programs import (
    Program,
    light_program,
    photons_program,
    ray_program,
    slopes_program,
    sweep_program,
)
from simulator.physics.ray import Ray
from simulator.physics.scattering import miller_indices
from simulator.physics.structure import NODES, nearest_index, table_offset
from simulator.physics.vectors import norm, planes
from simulator.rendering.kernels import EAGER, Kernels, find_kernels
from simulator.rendering.scene import Scene

LARGEST_F = 1e150  # above, F^2 times a lattice factor of 0 is no number: only eager sums leave that out
SPAN = 4e8  # radians: the compiled sine's range
IN_FLIGHT = 1 << 21  # pixels times orientations in one call
ROWS = 3  # h, k, l
IN_CACHE = 80000  # pixels times orientations whose slopes stay in the cache
COMPILED = ("square", "round")  # shapes whose slopes are; the others depend on a*, b*, c* as well
FEW = 1 << 11  # pixels below which a call costs more than its work
PAYS_OFF = 4e9  # evaluations, a minute or two of eager work: from here on compiling pays
Report = Callable[[str], None]


class Fused(Kernels):
    """Kernels from the disk; what they do not cover falls back to eager."""

    name = "compiled"
    block = 1 << 17
    own_threads = True

    def __init__(self, libraries: dict[str, Library], scaling: str) -> None:
        self.libraries, self.scaling = libraries, scaling

    def orientations(self, pixels: int) -> int:
        """So many that memory stays bounded where the compiler keeps a number for each between two loops."""
        return max(IN_FLIGHT // max(pixels, 1), 1)

    def ray(self, scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> Ray:
        """Rays without position, distance and obliquity: only traces ask for these."""
        if len(raster) < FEW:
            return super().ray(scene, raster, subpixel)
        direction, omega, *capture = self.libraries["ray"](_ray_inputs(scene, raster, subpixel))
        none = omega.new_empty(0)
        seen = capture[0] if capture else omega.new_ones(())
        return Ray(none, none, direction.movedim(0, -1), omega, none, seen)

    def light(
        self, scene: Scene, diffracted: Tensor, number: int, polarized: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Scattering vectors (n, 3) and, if asked for, polarization factors (n)."""
        polarized = polarized and scene.kahn is not None
        role = "polarized" if polarized else "light"
        if len(diffracted) < FEW or role not in self.libraries:
            return super().light(scene, diffracted, number, polarized)
        q, *polar = self.libraries[role](_light_inputs(scene, diffracted, number))
        return q.movedim(0, -1), polar[0] if polar else None

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n) of F_cell^2 F_latt^2 over the orientations."""
        role = "tricubic" if interpolate is True else "sweep"
        if len(q) < FEW or isinstance(interpolate, Tensor) or role not in self.libraries:
            return EAGER.sweep(scene, q, directions, interpolate, dtype)
        return self.libraries[role](_sweep_inputs(scene, q, directions))[0]

    def photons(self, scene: Scene, total: Tensor, factors: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Photons (n)."""
        inputs = _photons_inputs(scene, total, factors)
        if total.dim() == 0 or len(total) < FEW or photons_program(inputs).name != self.scaling:
            return super().photons(scene, total, factors)
        return self.libraries["photons"](inputs)[0]

    def has_slopes(self) -> bool:
        """Whether there is a kernel behind `pull_sweep`."""
        return "slopes" in self.libraries

    def pull_sweep(
        self,
        scene: Scene,
        q: Tensor,
        directions: Tensor,
        interpolate: Tensor | bool,
        dtype: torch.dtype,
        needed: list[bool],
        grad: Tensor,
    ) -> list[Tensor | None] | None:
        """Gradients of q, orientations, cells, fudge factor, a* b* c*, default F and table (if any)."""
        if len(q) < FEW or interpolate is not False or "slopes" not in self.libraries:
            return None
        others = any([*needed[2:4], *needed[5:]])
        axes = directions.movedim(1, 0).reshape(-1, 3).to(dtype)
        by_q, by_axes = torch.empty_like(q).movedim(-1, 0), torch.zeros_like(axes)
        formed: list[Tensor] = [torch.zeros_like(x) for x in (scene.shape.n_cells, scene.shape.fudge)]
        by_f = torch.zeros_like(scene.default_f if scene.table is None else scene.table.padded)
        size = max(IN_CACHE // len(directions), FEW)
        starts = [*range(0, len(q) - FEW + 1, size)] or [0]
        for start, stop in zip(starts, [*starts[1:], len(q)], strict=True):
            part = q[start:stop].movedim(-1, 0).contiguous().movedim(0, -1)
            inputs = (grad[start:stop].contiguous(), *_sweep_inputs(scene, part, directions))
            rows = self.libraries["slopes"](inputs)[0]
            if others and len(rows) == ROWS:
                return None
            steps = rows[:ROWS].reshape(-1, len(part))
            by_q[:, start:stop] = axes.T @ steps
            by_axes += steps @ part.to(dtype)
            if others:
                formed[0] += rows[3:6].sum((1, 2), dtype=torch.float64)
                formed[1] += rows[6].sum(dtype=torch.float64)
                by_f += _scattered(scene, part, directions, rows[7])
        by_directions = by_axes.to(torch.float64).reshape(ROWS, -1, 3).movedim(0, 1)
        found: list[Tensor | None] = [
            by_q.movedim(0, -1),
            by_directions,
            *(formed if others else (None, None)),
        ]
        table = (None,) if scene.table is not None else ()
        return [*found, None, *table, by_f] if others else [*found, None, None, *table]


def _scattered(scene: Scene, q: Tensor, directions: Tensor, by_f: Tensor) -> Tensor:
    """Gradient of the table, or of the default where there is none, from that of each lookup (k, n)."""
    if scene.table is None:
        return by_f.sum(dtype=torch.float64)
    hkl = miller_indices(q, directions)
    where = table_offset(scene.table, (nearest_index(hkl[0]), nearest_index(hkl[1]), nearest_index(hkl[2])))
    padded = scene.table.padded
    flat = padded.new_zeros(padded.numel()).index_add_(
        0, where.reshape(-1), by_f.reshape(-1).to(padded.dtype)
    )
    return flat.view(padded.shape)


def _ray_inputs(scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> tuple[Tensor, ...]:
    panel = scene.panel
    width = scene.experiment.detector.shape[1]
    numbers = panel.pixel.new_tensor([float(x) for x in (width, *subpixel, scene.oversample)])
    attenuation = panel.pixel if panel.attenuation is None else panel.attenuation
    return (raster, numbers, panel.pixel, panel.layer_thickness, attenuation, *panel.frame)


def _light_inputs(scene: Scene, diffracted: Tensor, number: int) -> tuple[Tensor, ...]:
    incident, wavelength = -scene.sources.direction[number], scene.sources.wavelength[number]
    kahn = wavelength if scene.kahn is None else scene.kahn
    return diffracted, incident, wavelength, kahn, scene.polar_normal


def _sweep_inputs(scene: Scene, q: Tensor, directions: Tensor) -> tuple[Tensor, ...]:
    shape, table = scene.shape, scene.table
    box = (scene.default_f, scene.default_f) if table is None else tuple(table)
    return (q, directions, shape.n_cells, shape.fudge, shape.star, scene.default_f, *box)


def _photons_inputs(
    scene: Scene, total: Tensor, factors: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, ...]:
    return (total, *factors, scene.fluence, scene.pixel.new_tensor(float(scene.steps)))


def programs(scene: Scene, dtype: torch.dtype) -> dict[str, Program]:
    """The programs that this scene needs, by role."""
    raster = torch.arange(FEW, device=scene.pixel.device)
    index = raster.to(torch.float64)
    vectors = planes(index + 1, index + 2, index + 3)
    turned = scene.orientations[:1].expand(4, 3, 3).contiguous()
    inputs = _sweep_inputs(scene, vectors, turned)
    shape, table, cancels = scene.shape.name, scene.table is not None, scene.shape.cancels
    one = scene.pixel.new_ones(())
    factors = (
        one if scene.panel.attenuation is None else index,
        one if scene.kahn is None else index,
        index,
    )
    light = _light_inputs(scene, vectors, 0)
    needed = {
        "ray": ray_program(scene.panel, _ray_inputs(scene, raster, (0, 0, 0))),
        "sweep": sweep_program(shape, cancels, table, False, dtype, inputs),
        "photons": photons_program(_photons_inputs(scene, index, factors)),
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
    inputs = (index, *_sweep_inputs(scene, planes(index + 1, index + 2, index + 3), turned))
    return slopes_program(scene.shape.name, scene.table is not None, everything, dtype, inputs)


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
        return find_kernels(scene.pixel.device), reason
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
    return Fused(
        libraries, needed["photons"].name
    ), "compiled now" if missing else "compiled before, from disk"


def add_slopes(
    kernels: Kernels,
    scene: Scene,
    dtype: torch.dtype,
    wanted: str,
    work: float,
    folder: Path,
    report: Report,
    everything: bool,
) -> None:
    """Give compiled kernels their derivatives by the rules of `choose`; without, they are eager."""
    program = slopes(scene, dtype, everything)
    if not isinstance(kernels, Fused) or program is None:
        return
    path = library_path(folder, program)
    if not path.exists():
        if (wanted == "auto" and work < PAYS_OFF) or not can_build():
            return
        report(f"compiling {program.name} into {path.parent}")
        build_library(program, path)
    kernels.libraries["slopes"] = Library(path)


def structure_factor_limit(scene: Scene) -> float:
    """The largest |F| that a lookup gives."""
    values = scene.default_f if scene.table is None else scene.table.padded
    return float(values.abs().max())


def _cannot(scene: Scene, wanted: str) -> str | None:
    """Why compiled kernels are out of the question, if they are."""
    if wanted == "off":
        return "as asked"
    if scene.pixel.device.type != "cpu":
        return "compiled kernels are for the CPU"
    if scene.table is not None and min(scene.table.padded.shape) < NODES:
        return "the box of reflections is too small to compile for"
    if structure_factor_limit(scene) > LARGEST_F:
        return "a structure factor is too large for the compiled sum"
    edges = norm(scene.orientations[0]) * scene.shape.n_cells
    if float(edges.max() / scene.sources.wavelength.min()) * 2 * math.pi > SPAN:
        return "the crystal is too large for the compiled sine"
    return None
