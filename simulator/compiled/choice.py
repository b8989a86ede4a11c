"""Eager or compiled kernels, and why; what is not on disk yet is compiled where it pays."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import torch

from simulator.compiled.fused import Fused
from simulator.compiled.inputs import programs, slopes
from simulator.compiled.library import build_library, can_build, library_path, load_library
from simulator.physics.structure import NODES
from simulator.physics.vectors import norm
from simulator.rendering.kernels import EAGER, Kernels, find_kernels
from simulator.rendering.scene import Scene

LARGEST_F = 1e150  # above, F^2 times a lattice factor of 0 is no number: only eager sums leave that out
SPAN = 4e8  # radians: the compiled sine's range
PAYS_OFF = 4e9  # evaluations, a minute or two of eager work: from here on compiling pays
Report = Callable[[str], None]


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
    libraries = {role: load_library(path) for role, path in paths.items()}
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
    kernels.libraries["slopes"] = load_library(path)


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
