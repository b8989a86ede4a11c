"""Compiled kernels: the eager functions fused by torch's compiler."""

import torch
from torch import Tensor

from simulator.compiled.inputs import FEW, light_inputs, photons_inputs, ray_inputs, sweep_inputs
from simulator.compiled.library import Library
from simulator.compiled.programs import photons_program
from simulator.physics.ray import Ray
from simulator.physics.scattering import miller_indices
from simulator.physics.structure import nearest_index, table_offset
from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.scene import Scene

IN_FLIGHT = 1 << 21  # pixels times orientations in one call
ROWS = 3  # h, k, l
IN_CACHE = 80000  # pixels times orientations whose slopes stay in the cache


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
        direction, omega, *capture = self.libraries["ray"](ray_inputs(scene, raster, subpixel))
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
        q, *polar = self.libraries[role](light_inputs(scene, diffracted, number))
        return q.movedim(0, -1), polar[0] if polar else None

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n) of F_cell^2 F_latt^2 over the orientations."""
        role = "tricubic" if interpolate is True else "sweep"
        if len(q) < FEW or isinstance(interpolate, Tensor) or role not in self.libraries:
            return EAGER.sweep(scene, q, directions, interpolate, dtype)
        return self.libraries[role](sweep_inputs(scene, q, directions))[0]

    def photons(self, scene: Scene, total: Tensor, factors: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Photons (n)."""
        inputs = photons_inputs(scene, total, factors)
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
            inputs = (grad[start:stop].contiguous(), *sweep_inputs(scene, part, directions))
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
