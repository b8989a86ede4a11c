"""An image from an experiment: blocks of pixels through `render_pixels`.

Twin: reference/rendering/image.c.
"""

import collections
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from simulator.compiled.fused import add_slopes, choose, default_folder
from simulator.experiment import Experiment
from simulator.physics.scattering import lattice_factor, miller_indices, scattering_vector
from simulator.physics.structure import block_inside, nearest_index
from simulator.rendering.differentiable import warn_without_derivative
from simulator.rendering.gradient import LARGEST, Blocks, Plan, scene_tensors
from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.quirks import Quirks
from simulator.rendering.render import Context, is_dark, render_pixels, resolution_skip, subpixels
from simulator.rendering.scene import Scene, build_scene

Progress = Callable[[float], None]
RUN = 2048  # pixels whose directions are looked at together
ROUNDING = 1e-12  # of the components of a unit vector


def simulate(
    experiment: Experiment,
    *,
    mode: str = "c-parity",
    quirks: str | None = None,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
    compile: str = "auto",
    pixels: Tensor | None = None,
) -> Tensor:
    """Photons per pixel, (slow, fast), zero outside the ROI and where the mask is zero.

    Differentiable with respect to every tensor of the experiment. `dtype` is the precision of the lattice sum
    and of the image; geometry is always float64. `compile` is that of the command line: auto, on or off.
    `pixels`: slow and fast indices (n, 2), integers; then the result is (n), and nothing else is rendered.
    """
    if pixels is not None:
        slow, fast = pixels.unbind(1)
        mask = torch.zeros(experiment.detector.shape, dtype=torch.int32, device=pixels.device)
        mask[slow, fast] = (
            1 if experiment.sampling.mask is None else experiment.sampling.mask[slow, fast].int()
        )
        chosen = replace(experiment, sampling=replace(experiment.sampling, mask=mask))
        image = simulate(chosen, mode=mode, quirks=quirks, dtype=dtype, device=device, compile=compile)
        return image[slow, fast]
    scene = build_scene(experiment, Quirks.of(mode, quirks), torch.device(device))
    if torch.is_grad_enabled():
        warn_without_derivative(experiment, scene.quirks)
    if transformed(scene):
        with torch.enable_grad():
            return render_image(scene, dtype)
    recorded = torch.is_grad_enabled() and needs_gradient(scene)
    with torch.no_grad():
        kernels = choose_kernels(scene, dtype, compile, recorded)
    with torch.set_grad_enabled(recorded):
        return render_image(scene, dtype, None, kernels)


def simulate_many(experiments: Sequence[Experiment], **how: Any) -> Tensor:
    """Images (m, slow, fast) of experiments that differ in the numbers that tensors hold, by `simulate`.

    Raises ValueError for detectors of different shapes.
    """
    shapes = {experiment.detector.shape for experiment in experiments}
    if len(shapes) != 1:
        raise ValueError(f"simulate_many: expected detectors of one shape, got {sorted(shapes)}")
    return torch.stack([simulate(experiment, **how) for experiment in experiments])


def choose_kernels(scene: Scene, dtype: torch.dtype, wanted: str, recorded: bool) -> Kernels:
    """Kernels by the rules of the command line; recorded: with their derivatives."""
    rows = rendered_pixels(scene)
    work = float(len(rows)) * scene.steps * scene.layers

    def report(text: str) -> None:
        print(text, file=sys.stderr)

    kernels, _ = choose(scene, dtype, wanted, work, default_folder(), report)
    if recorded:
        formed = (scene.shape.n_cells, scene.shape.fudge, scene.default_f, *(scene.table or ()))
        everything = any(tensor.requires_grad for tensor in formed)
        add_slopes(kernels, scene, dtype, wanted, work, default_folder(), report, everything)
    return kernels


def transformed(scene: Scene) -> bool:
    """Whether a transform of torch.func, or forward mode, is at work on the scene."""
    return any(
        torch._C._functorch.is_functorch_wrapped_tensor(tensor)
        or torch.autograd.forward_ad.unpack_dual(tensor).tangent is not None  # type: ignore[no-untyped-call]
        for tensor in scene_tensors(scene)
    )


def needs_gradient(scene: Scene) -> bool:
    """Whether some tensor of the experiment asks for a gradient."""
    tensors = [
        scene.direct,
        scene.orientations,
        scene.fluence,
        scene.default_f,
        scene.pixel,
        scene.background,
    ]
    tensors += [
        *scene.frame,
        *scene.sources,
        scene.polar_normal,
        scene.panel.layer_thickness,
        *scene.shape[1:4],
    ]
    tensors += [t for t in (scene.kahn, scene.panel.attenuation) if t is not None]
    tensors += [] if scene.table is None else [scene.table.padded]
    return any(tensor.requires_grad for tensor in tensors)


def rendered_pixels(scene: Scene) -> Tensor:
    """Raster indices (n, int64) of the pixels to render, in raster order."""
    sampling, (slow, fast) = scene.experiment.sampling, scene.experiment.detector.shape
    device = scene.pixel.device
    boxes = sampling.roi or (0, fast - 1, 0, slow - 1)
    pieces = []
    for f0, f1, s0, s1 in [boxes] if isinstance(boxes, tuple) else boxes:
        rows = torch.arange(s0, s1 + 1, device=device)
        pieces.append((rows[:, None] * fast + torch.arange(f0, f1 + 1, device=device)).reshape(-1))
    raster = pieces[0] if len(pieces) == 1 else torch.unique(torch.cat(pieces))  # ascending
    if sampling.mask is None:
        return raster
    return raster[sampling.mask.to(device).reshape(-1)[raster] != 0]


def render_image(
    scene: Scene, dtype: torch.dtype, progress: Progress | None = None, kernels: Kernels = EAGER
) -> Tensor:
    """The whole image (slow, fast) of a scene, by these kernels."""
    slow, fast = scene.experiment.detector.shape
    raster = rendered_pixels(scene)
    latch = find_latch(scene, raster, kernels=kernels)
    first = first_swept(scene, raster)

    def render(placed: Scene, block: Tensor, kernels: Kernels) -> Tensor:
        context = Context(latch=latch)
        return render_pixels(placed, block, dtype, context=context, kernels=kernels).to(dtype)

    def each(placed: Scene, kernels: Kernels) -> Tensor:
        def values(block: Tensor) -> Tensor:
            found = render(placed, block, kernels)
            if progress:
                progress(len(block) / len(raster))
            return found

        return each_block(values, raster, dtype, kernels)

    if torch.is_grad_enabled() and not transformed(scene):
        plan = Plan(scene, raster, render, each, kernels)
        values: Tensor = Blocks.apply(plan, *plan.tensors)  # type: ignore[no-untyped-call]
    else:
        values = each(scene, kernels)
    if first is not None:
        opening = render_pixels(scene, first, dtype, context=Context(True, latch)).to(dtype)
        put = values.index_put if torch.is_grad_enabled() else values.index_put_
        values = put((torch.searchsorted(raster, first),), opening)
    if len(raster) == slow * fast:
        return values.reshape(slow, fast)
    image = torch.zeros(slow * fast, dtype=dtype, device=raster.device)
    return image.index_put((raster,), values).reshape(slow, fast)


def each_block(
    work: Callable[[Tensor], Tensor], raster: Tensor, dtype: torch.dtype, kernels: Kernels
) -> Tensor:
    """The work's results on all blocks, one after another, on all threads where no gradient is recorded.

    One thread a block, instead of all threads in every small operation: no waiting at the end of each. Not
    for kernels that spread over the threads by themselves.
    """
    pieces, threads = blocks(raster, kernels), torch.get_num_threads()
    if torch.is_grad_enabled():
        return torch.cat([torch.zeros(0, dtype=dtype, device=raster.device), *map(work, pieces)])
    values = torch.empty(len(raster), dtype=dtype, device=raster.device)
    torch.empty(LARGEST, dtype=torch.uint8)  # never touched, free at once

    def keep(piece: tuple[Tensor, Tensor]) -> None:
        with torch.inference_mode():  # a thread starts with gradients on
            piece[1].copy_(work(piece[0]))

    pairs = zip(pieces, torch.split(values, kernels.block), strict=True)
    if kernels.own_threads or threads == 1:
        collections.deque(map(keep, pairs), maxlen=0)
        return values
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            collections.deque(pool.map(keep, pairs), maxlen=0)
    finally:
        torch.set_num_threads(threads)
    return values


def blocks(raster: Tensor, kernels: Kernels = EAGER) -> Iterator[Tensor]:
    """The pixels in pieces that keep the work in the cache."""
    yield from torch.split(raster, kernels.block)


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
    scene: Scene, raster: Tensor, always: bool = False, kernels: Kernels = EAGER
) -> tuple[int, int] | None:
    """Raster index and evaluation number where interpolation first leaves the box.

    None if it never does, or, unless `always`, without the quirk interp-latch.
    """
    if scene.table is None or not scene.interpolate or not (always or scene.quirks.interp_latch):
        return None
    first = first_swept(scene, raster)
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
