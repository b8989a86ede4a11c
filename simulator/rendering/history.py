"""What depends on the order of evaluation: the opening sweep, where interpolation ends, dark pixels.

Twin: reference/rendering/history.c.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.scattering import lattice_factor, miller_indices, scattering_vector
from simulator.physics.structure import block_inside, nearest_index
from simulator.rendering.kernels import EAGER, Kernels, blocks
from simulator.rendering.scene import Scene, rendered_pixels
from simulator.rendering.terms import is_dark, resolution_skip, subpixels

RUN = 2048  # pixels whose directions are looked at together
ROUNDING = 1e-12  # of the components of a unit vector


class History(NamedTuple):
    """What of an image's history reaches its pixels."""

    raster: Tensor  # (n) raster indices of the pixels to render
    first: Tensor | None  # (1) the pixel that opens the image, if its first sweep differs from the others
    leaves: tuple[int, int] | None  # raster index and evaluation where interpolation first leaves the box
    latch: tuple[int, int] | None  # where it ends for good: quirk interp-latch

    def within(self, first_index: int, last_index: int, block: int) -> "History":
        """The same history, of the blocks that hold pixels between two raster indices, both included.

        Blocks stay whole, as in the image of all pixels: how many orientations are summed together, and with
        it the last bit of a sum, hangs on their length.
        """
        ends = self.raster.new_tensor((first_index, last_index + 1))
        start, stop = torch.searchsorted(self.raster, ends).tolist()
        if start == stop:
            return History(self.raster[:0], None, self.leaves, None)
        raster = self.raster[start // block * block : -(-stop // block) * block]
        first = self.first
        if first is not None and not bool(raster[0] <= first[0] <= raster[-1]):
            first = None
        return History(raster, first, self.leaves, self.latch)


def find_history(scene: Scene, kernels: Kernels = EAGER, named: bool = True) -> History:
    """The history of the whole image; `named`: also what only the naming of quirks asks for."""
    raster = rendered_pixels(scene)
    first = first_swept(scene, raster)
    latches = scene.quirks.interp_latch
    leaves = find_latch(scene, raster, first, kernels) if latches or named else None
    return History(raster, first, leaves, leaves if latches else None)


def first_swept(scene: Scene, raster: Tensor) -> Tensor | None:
    """Raster index (1) of the pixel that opens the image, if its first sweep differs from the others.

    Quirk phi-carryover. A pixel whose every source lies beyond the resolution limit sweeps nothing.
    """
    if scene.first_orientations is scene.orientations or not len(raster):
        return None
    if not scene.experiment.sampling.dmin > 0:
        return raster[:1]
    for block in blocks(raster):
        swept = any_evaluated(scene, block)
        if bool(swept.any()):
            return block[swept][:1]
    return None


def _vectors(scene: Scene, block: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Scattering vectors of each subpixel and source with whether they are evaluated, in loop order."""
    for subpixel in subpixels(scene):
        ray = EAGER.ray(scene, block, subpixel)
        for direction, wavelength in zip(scene.sources.direction, scene.sources.wavelength, strict=True):
            q = scattering_vector(ray.diffracted, -direction, wavelength)
            skip = resolution_skip(scene, q)
            yield q, torch.ones_like(q[..., 0], dtype=torch.bool) if skip is None else ~skip


def any_evaluated(scene: Scene, block: Tensor) -> Tensor:
    """Whether at least one source of each pixel lies within the resolution limit."""
    found = torch.zeros_like(block, dtype=torch.bool)
    for _, evaluated in _vectors(scene, block):
        found = found | evaluated
    return found


def has_unlit(scene: Scene, raster: Tensor) -> bool:
    """Whether water lies behind a pixel whose every source is beyond the resolution limit."""
    if not (scene.wet and scene.experiment.sampling.dmin > 0):
        return False
    return any(not bool(any_evaluated(scene, block).all()) for block in blocks(raster))


def find_latch(
    scene: Scene, raster: Tensor, first: Tensor | None, kernels: Kernels = EAGER
) -> tuple[int, int] | None:
    """Raster index and evaluation number where interpolation first leaves the box; None if it never does.

    first: the pixel that opens the image, from `first_swept`.
    """
    if scene.table is None or not scene.interpolate:
        return None
    with torch.no_grad():
        for block in blocks(raster, kernels):
            near = block[may_leave(scene, block, kernels)]
            if not len(near):
                continue
            numbers = _first_leaving(scene, near, None if first is None else near == first)
            left = numbers >= 0
            if bool(left.any()):
                where = int(torch.nonzero(left)[0])
                return int(near[where]), int(numbers[where])
    return None


def may_leave(scene: Scene, block: Tensor, kernels: Kernels) -> Tensor:
    """Pixels (n) some 4x4x4 block of which may leave the box; sure of the others, by runs of pixels.

    The directions of a run lie within limits, so its h, k, l do: linear functions of them.
    """
    assert scene.table is not None
    padding = -len(block) % RUN
    leaves = torch.zeros((len(block) + padding) // RUN, dtype=torch.bool, device=block.device)
    for subpixel in subpixels(scene):
        d = kernels.ray(scene, block, subpixel).diffracted.movedim(-1, 0)  # planes are contiguous
        runs = torch.cat((d, d[:, -1:].expand(3, padding)), 1).view(3, -1, RUN)
        low, high = runs.amin(2).T, runs.amax(2).T
        for direction, wavelength in zip(scene.sources.direction, scene.sources.wavelength, strict=True):
            q = scattering_vector((low + high) / 2.0, -direction, wavelength)
            leaves = leaves | ~_runs_inside(scene, q, ((high - low) / 2.0 + ROUNDING) / wavelength)
    return leaves.repeat_interleave(RUN)[: len(block)]


def _runs_inside(scene: Scene, q: Tensor, spread: Tensor) -> Tensor:
    """Whether no orientation takes a block out of the box at any q (n, 3) plus or minus spread (n, 3)."""
    assert scene.table is not None
    inside = torch.ones_like(q[:, 0], dtype=torch.bool)
    for turned in torch.split(torch.cat((scene.orientations, scene.first_orientations)), RUN):
        pairs = list(zip(miller_indices(q, turned), miller_indices(spread, turned.abs()), strict=True))
        for sign in (-1.0, 1.0):
            h, k, l = (x + sign * reach for x, reach in pairs)  # noqa: E741
            inside = inside & block_inside(scene.table, (h, k, l)).all(0)
    return inside


def _leaves(scene: Scene, q: Tensor, direct: Tensor) -> Tensor:
    """Whether the block of an evaluation that is not left out leaves the box, at each q (n, 3)."""
    assert scene.table is not None
    hkl = miller_indices(q, direct[None])
    nearest = nearest_index(hkl[0]), nearest_index(hkl[1]), nearest_index(hkl[2])
    outside = ~block_inside(scene.table, hkl)
    dark = is_dark(scene, lattice_factor(scene.shape, hkl, nearest, torch.float64)[1])
    return (outside if dark is None else outside & ~dark)[0]


def _first_leaving(scene: Scene, block: Tensor, opening: Tensor | None) -> Tensor:
    """Number (n) of each pixel's first evaluation whose 4x4x4 block leaves the box, or -1.

    opening: the pixel that opens the image, whose first sweep may have orientations of its own.
    """
    assert scene.table is not None
    numbers, done = torch.full_like(block, -1), 0
    swept = torch.zeros_like(block, dtype=torch.bool)
    for q, evaluated in _vectors(scene, block):
        for regular, first in zip(scene.orientations, scene.first_orientations, strict=True):
            outside = _leaves(scene, q, regular)
            if opening is not None:
                outside = torch.where(opening & ~swept, _leaves(scene, q, first), outside)
            numbers = torch.where((numbers < 0) & outside & evaluated, done, numbers)
            done += 1
        swept = swept | evaluated
    return numbers
