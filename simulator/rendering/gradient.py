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

from simulator.physics.derivatives import flat_ray_slopes, light_slopes
from simulator.physics.polarization import polarization_form
from simulator.physics.ray import Ray
from simulator.rendering.kernels import EAGER, Kernels, place
from simulator.rendering.render import runs
from simulator.rendering.scene import Scene

Tensors = tuple[Tensor, ...]
Pull = Callable[[Tensors, list[bool], Tensors], list[Tensor | None]]  # inputs, which are asked for, gradients
Value = Callable[..., Tensors]
BLOCK = 1 << 16  # pixels pulled back together by compiled kernels
SMALL_BLOCK = 1 << 14  # by eager kernels, whose temporaries should stay in the cache
IN_FLIGHT = 1 << 17  # pixels times orientations that eager kernels record at once
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
            return None, *_pulled(plan.recorded, ctx.saved_tensors, needed, (grad,), again=True)
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

            for i, part in enumerate(_pulled(values, tensors, needed, (share,))):
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


def _pulled(
    value: Value, inputs: Tensors, needed: list[bool], grads: Tensors, again: bool = False
) -> list[Tensor | None]:
    """Gradients of the inputs that need one, by recording the value; `again`: to be differentiated."""
    leaves = (
        inputs
        if again
        else tuple(tensor.detach().requires_grad_(need) for tensor, need in zip(inputs, needed, strict=True))
    )
    with torch.enable_grad():
        outputs = value(*leaves)
    wanted = [leaf for leaf, need in zip(leaves, needed, strict=True) if need]
    pairs = [(out, grad) for out, grad in zip(outputs, grads, strict=True) if out.requires_grad]
    if not pairs or not wanted:
        return [None] * len(inputs)
    found = iter(
        torch.autograd.grad(
            [out for out, _ in pairs],
            wanted,
            [grad for _, grad in pairs],
            allow_unused=True,
            create_graph=again,
        )
    )
    return [next(found) if need else None for need in needed]


class Step(Function):
    """One step of a block: outputs from tensors, pulled back from the tensors alone."""

    @staticmethod
    def forward(ctx: Any, value: Value, pull: Pull, *inputs: Tensor) -> Tensors:
        """The outputs."""
        ctx.pull = pull
        ctx.save_for_backward(*inputs)
        return value(*inputs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the inputs."""
        return None, None, *ctx.pull(ctx.saved_tensors, list(ctx.needs_input_grad[2:]), grads)


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


class Recording(Kernels):
    """The steps of other kernels, differentiable; compiled derivatives where they have them."""

    name = "recording"

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        self.total: Tensor | None = None  # what the one sweep of a block gives, where that was kept
        self.eager = not kernels.has_slopes()
        self.block = SMALL_BLOCK if self.eager else BLOCK

    def orientations(self, pixels: int) -> int:
        """So many that what is recorded of them stays in the cache."""
        return max(IN_FLIGHT // max(pixels, 1), 1) if self.eager else self.kernels.orientations(pixels)

    def ray(self, scene: Scene, raster: Tensor, subpixel: tuple[int, int, int]) -> Ray:
        """Rays without position, distance and obliquity."""
        panel = scene.panel
        inputs = (panel.pixel, panel.layer_thickness, *_given(panel.attenuation), *panel.frame)

        def placed(tensors: Tensors) -> Scene:
            pixel, thickness, *rest = tensors
            attenuation = rest.pop(0) if panel.attenuation is not None else None
            frame = type(panel.frame)(*rest)
            return replace(
                scene,
                pixel=pixel,
                panel=panel._replace(
                    frame=frame, pixel=pixel, layer_thickness=thickness, attenuation=attenuation
                ),
            )

        def value(*tensors: Tensor, kernels: Kernels = self.kernels) -> Tensors:
            ray = kernels.ray(placed(tensors), raster, subpixel)
            return ray.diffracted, ray.omega, ray.capture

        def pull(tensors: Tensors, needed: list[bool], grads: Tensors) -> list[Tensor | None]:
            if panel.curved or panel.attenuation is not None:
                return _pulled(lambda *leaves: value(*leaves, kernels=EAGER), tensors, needed, grads)
            where = placed(tensors)
            by_d, by_omega, _ = grads
            pixel, thickness, frame = flat_ray_slopes(
                where.panel, place(where, raster, subpixel), by_d.movedim(-1, 0), by_omega
            )
            return [pixel, thickness, *frame]

        direction, omega, capture = Step.apply(value, pull, *inputs)  # type: ignore[no-untyped-call]
        none = omega.new_empty(0)
        return Ray(none, none, direction, omega, none, capture)

    def light(
        self, scene: Scene, diffracted: Tensor, number: int, polarized: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Scattering vectors and polarization factors."""
        polarized = polarized and scene.kahn is not None
        sources = scene.sources
        inputs = (diffracted, sources.direction, sources.wavelength, scene.polar_normal, *_given(scene.kahn))

        def placed(tensors: Tensors) -> Scene:
            _, direction, wavelength, normal, *kahn = tensors
            lit = sources._replace(direction=direction, wavelength=wavelength)
            return replace(scene, sources=lit, polar_normal=normal, kahn=kahn[0] if kahn else None)

        def value(*tensors: Tensor, kernels: Kernels = self.kernels) -> Tensors:
            q, polar = kernels.light(placed(tensors), tensors[0], number, polarized)
            return (q,) if polar is None else (q, polar)

        def pull(tensors: Tensors, needed: list[bool], grads: Tensors) -> list[Tensor | None]:
            diffracted, direction, wavelength, normal, *kahn = tensors
            small = tuple(tensor.detach().requires_grad_() for tensor in (direction, normal, *kahn))
            with torch.enable_grad():
                incident = -small[0][number]
                form = (
                    polarization_form(small[2], incident, small[1])
                    if kahn
                    else torch.zeros(3, 3).to(incident)
                )
            by_d, by_incident, by_wavelength, by_form = light_slopes(
                diffracted.movedim(-1, 0),
                incident.detach(),
                wavelength[number],
                form.detach(),
                grads[0].movedim(-1, 0),
                grads[1] if len(grads) > 1 else None,
            )
            outputs = [(incident, by_incident)] + ([(form, by_form)] if kahn else [])
            pulled = torch.autograd.grad(
                [value for value, _ in outputs], small, [grad for _, grad in outputs], allow_unused=True
            )
            by_wavelengths = torch.zeros_like(wavelength)
            by_wavelengths[number] = by_wavelength
            return [by_d.movedim(0, -1), pulled[0], by_wavelengths, *pulled[1:]]

        q, *polar = Step.apply(value, pull, *inputs)  # type: ignore[no-untyped-call]
        return q, polar[0] if polar else None

    def sweep(
        self, scene: Scene, q: Tensor, directions: Tensor, interpolate: Tensor | bool, dtype: torch.dtype
    ) -> Tensor:
        """Sum (n) of F_cell^2 F_latt^2 over the orientations."""
        shape, table = scene.shape, scene.table
        box = () if table is None else (table.padded,)
        inputs = (q, directions, shape.n_cells, shape.fudge, shape.star, scene.default_f, *box)

        def placed(tensors: Tensors) -> Scene:
            n_cells, fudge, star, default, *padded = tensors[2:]
            filled = None if table is None else table._replace(padded=padded[0])
            formed = shape._replace(n_cells=n_cells, fudge=fudge, star=star)
            return replace(scene, shape=formed, table=filled, default_f=default)

        def value(*tensors: Tensor, kernels: Kernels = self.kernels) -> Tensors:
            if self.total is not None and kernels is not EAGER:
                return (self.total.clone(),)
            return (kernels.sweep(placed(tensors), tensors[0], tensors[1], interpolate, dtype),)

        def pull(tensors: Tensors, needed: list[bool], grads: Tensors) -> list[Tensor | None]:
            here, directed = tensors[:2]
            done = self.kernels.pull_sweep(
                placed(tensors), here, directed, interpolate, dtype, needed, grads[0]
            )
            if done is not None:
                return done
            return _pulled(lambda *leaves: value(*leaves, kernels=EAGER), tensors, needed, grads)

        (total,) = Step.apply(value, pull, *inputs)  # type: ignore[no-untyped-call]
        return total  # type: ignore[no-any-return]


def _given(tensor: Tensor | None) -> Tensors:
    return () if tensor is None else (tensor,)
