"""An image from an experiment: blocks of pixels through `render_pixels`.

Twin: reference/rendering/image.c.
"""

import collections
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from simulator.rendering.gradient import LARGEST, Blocks, Plan, scene_tensors
from simulator.rendering.history import History, find_history
from simulator.rendering.kernels import EAGER, Kernels, blocks
from simulator.rendering.render import render_pixels
from simulator.rendering.scene import Scene
from simulator.rendering.terms import Context

Progress = Callable[[float], None]


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


def render_image(
    scene: Scene,
    dtype: torch.dtype,
    progress: Progress | None = None,
    kernels: Kernels = EAGER,
    history: History | None = None,
    stored: torch.dtype | None = None,
) -> Tensor:
    """The image (slow, fast) of a scene, by these kernels; its history is sought if not given.

    Of a scene with `wanted` pixels, the values (n) of those that are rendered, as `rendered_pixels` has them.
    dtype: of the lattice sum and, unless `stored` says otherwise, of the pixels.
    """
    stored = stored or dtype
    history = history or find_history(scene, kernels, named=False)
    raster, first, latch = history.raster, history.first, history.latch

    def render(placed: Scene, block: Tensor, kernels: Kernels) -> Tensor:
        context = Context(latch=latch)
        return render_pixels(placed, block, dtype, context=context, kernels=kernels).to(stored)

    def each(placed: Scene, kernels: Kernels) -> Tensor:
        def values(block: Tensor) -> Tensor:
            found = render(placed, block, kernels)
            if progress:
                progress(len(block) / len(raster))
            return found

        return each_block(values, raster, stored, kernels)

    if torch.is_grad_enabled() and not transformed(scene):
        plan = Plan(scene, raster, render, each, kernels)
        values: Tensor = Blocks.apply(plan, *plan.tensors)  # type: ignore[no-untyped-call]
    else:
        values = each(scene, kernels)
    if first is not None:
        opening = render_pixels(scene, first, dtype, context=Context(True, latch)).to(stored)
        put = values.index_put if torch.is_grad_enabled() else values.index_put_
        values = put((torch.searchsorted(raster, first),), opening)
    if scene.wanted is not None:
        return values
    slow, fast = scene.experiment.detector.shape
    if len(raster) == slow * fast:
        return values.reshape(slow, fast)
    image = torch.zeros(slow * fast, dtype=stored, device=raster.device)
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
