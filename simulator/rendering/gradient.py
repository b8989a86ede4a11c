"""Derivatives of an image in bounded memory: blocks of pixels that keep their inputs, and nothing between.

Forward, a block is rendered as if nobody asked. Backward, it is rendered once more, each step of it (ray,
light, sweep over orientations) again keeping its inputs alone, and pulled back. What is differentiated twice
is recorded in full instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from simulator.rendering.kernels import EAGER, Kernels
from simulator.rendering.recording import Recording, Tensors, pulled
from simulator.rendering.scene import Scene
from simulator.rendering.terms import runs

RECORDED = 1 << 21  # pixels times rays and sweeps whose inputs are kept at once
FEWEST = 64  # pixels in a block
# glibc returns freed memory to the system, to ask for it again page by page, unless it has seen a block as
# large being freed: the largest that it learns from
LARGEST = (1 << 25) - (1 << 16)


def scene_tensors(scene: Scene) -> list[Tensor]:
    """The tensors of a scene, each once."""
    found: dict[int, Tensor] = {}
    _mapped(scene, lambda tensor: found.setdefault(id(tensor), tensor))
    return list(found.values())


def with_tensors(scene: Scene, old: list[Tensor], new: Tensors) -> Scene:
    """The scene with other tensors in the place of those that `scene_tensors` found."""
    places = {id(tensor): other for tensor, other in zip(old, new, strict=True)}
    changed: Scene = _mapped(scene, lambda tensor: places[id(tensor)])
    return changed


def _mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Scene):
        return replace(value, **{f.name: _mapped(getattr(value, f.name), change) for f in fields(value)})
    if isinstance(value, tuple):
        items = [_mapped(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value


class Blocks(Function):
    """`render` of a scene's pixels, block by block; saves the scene's tensors."""

    @staticmethod
    def forward(ctx: Any, plan: "Plan", *tensors: Tensor) -> Tensor:
        """Values (n) by the plan's plain kernels."""
        ctx.plan = plan
        ctx.save_for_backward(*tensors)
        return plan.values(tensors)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the tensors."""
        plan, needed = ctx.plan, list(ctx.needs_input_grad[1:])
        if torch.is_grad_enabled():  # to be differentiated again
            return None, *pulled(plan.recorded, ctx.saved_tensors, needed, (grad,), again=True)
        return None, *plan.pull(ctx.saved_tensors, needed, grad)


class Plan:
    """How to render a scene's pixels: plain, recorded in full, or pulled back block by block.

    render: values (n) of a scene at raster indices (n) by some kernels. plain: all values of a scene at once.
    """

    def __init__(
        self,
        scene: Scene,
        raster: Tensor,
        render: Callable[[Scene, Tensor, Kernels], Tensor],
        plain: Callable[[Scene, Kernels], Tensor],
        kernels: Kernels,
    ) -> None:
        self.scene, self.raster, self.render, self.plain, self.kernels = scene, raster, render, plain, kernels
        self.tensors = scene_tensors(scene)
        self.totals: Tensor | None = None  # sums (n) over orientations, where there is one sum a pixel

    def place(self, tensors: Tensors) -> Scene:
        """The scene with these tensors."""
        return with_tensors(self.scene, self.tensors, tensors)

    def values(self, tensors: Tensors) -> Tensor:
        """All values, nothing recorded."""
        scene = self.place(tuple(tensor.detach() for tensor in tensors))
        if not (self.kernels.has_slopes() and swept_once(scene, self.kernels)):
            return self.plain(scene, self.kernels)
        keeping = Keeping(self.kernels)
        values = self.plain(scene, keeping)
        self.totals = torch.cat(keeping.kept)
        return values

    def recorded(self, *tensors: Tensor) -> Tensors:
        """All values, everything recorded."""
        return (self.render(self.place(tensors), self.raster, EAGER),)

    def pull(self, tensors: Tensors, needed: list[bool], grad: Tensor) -> list[Tensor | None]:
        """Gradients of the tensors that need one."""
        recording = Recording(self.kernels)
        sums: list[Tensor | None] = [None] * len(tensors)
        for block, share in _pieces(self.scene, self.raster, grad, recording):
            if self.totals is not None:
                where = int(torch.searchsorted(self.raster, block[:1]))
                recording.total = self.totals[where : where + len(block)]

            def values(*leaves: Tensor, block: Tensor = block) -> Tensors:
                return (self.render(self.place(leaves), block, recording),)

            for i, part in enumerate(pulled(values, tensors, needed, (share,))):
                if part is not None:
                    total = sums[i]
                    sums[i] = part if total is None else total.add_(part)
        return sums


def _pieces(
    scene: Scene, raster: Tensor, grad: Tensor, recording: "Recording"
) -> Iterator[tuple[Tensor, Tensor]]:
    """Blocks of pixels that have a gradient, with it."""
    rays = scene.layers * scene.oversample**2 * len(scene.sources.weight)
    turns = len(scene.orientations)
    if runs(scene):  # every term is recorded, as each multiplies what came before
        size = RECORDED // (rays * turns)
    else:
        size = RECORDED // (rays * (1 + turns // recording.orientations(recording.block)))
    size = max(min(recording.block, size), FEWEST)
    torch.empty(LARGEST, dtype=torch.uint8)  # never touched, free at once
    for block, share in zip(torch.split(raster, size), torch.split(grad, size), strict=True):
        if bool((share != 0).any()):
            yield block, share


def swept_once(scene: Scene, kernels: Kernels) -> bool:
    """Whether these kernels find all that a pixel sums over in one sweep."""
    rays = scene.layers * scene.oversample**2 * len(scene.sources.weight)
    return rays == 1 and not runs(scene) and len(scene.orientations) <= kernels.orientations(kernels.block)


class Keeping(Kernels):
    """Other kernels, whose sweeps are kept: 8 bytes a pixel save the longest step of the second render."""

    own_threads = True

    def __init__(self, kernels: Kernels) -> None:
        self.kernels, self.name, self.block = kernels, kernels.name, kernels.block
        self.orientations = kernels.orientations  # type: ignore[method-assign]
        self.ray, self.light = kernels.ray, kernels.light  # type: ignore[method-assign]
        self.photons = kernels.photons  # type: ignore[method-assign]
        self.kept: list[Tensor] = []

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """As those kernels."""
        self.kept.append(self.kernels.sweep(scene, q, directions, interpolate, dtype))
        return self.kept[-1]
