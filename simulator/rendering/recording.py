"""The steps of a render (ray, light, sweep over orientations), each keeping its inputs for its derivative."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from simulator.physics.derivatives import flat_ray_slopes, light_slopes
from simulator.physics.polarization import polarization_form
from simulator.physics.ray import Ray
from simulator.rendering.kernels import EAGER, Kernels, place
from simulator.rendering.scene import Scene

Tensors = tuple[Tensor, ...]
Pull = Callable[[Tensors, list[bool], Tensors], list[Tensor | None]]  # inputs, which are asked for, gradients
Value = Callable[..., Tensors]
BLOCK = 1 << 16  # pixels pulled back together by compiled kernels
SMALL_BLOCK = 1 << 14  # by eager kernels, whose temporaries should stay in the cache
IN_FLIGHT = 1 << 17  # pixels times orientations that eager kernels record at once


def pulled(
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
                panel=panel._replace(
                    frame=frame, pixel=pixel, layer_thickness=thickness, attenuation=attenuation
                ),
            )

        def value(*tensors: Tensor, kernels: Kernels = self.kernels) -> Tensors:
            ray = kernels.ray(placed(tensors), raster, subpixel)
            return ray.diffracted, ray.omega, ray.capture

        def pull(tensors: Tensors, needed: list[bool], grads: Tensors) -> list[Tensor | None]:
            if panel.curved or panel.attenuation is not None:
                return pulled(lambda *leaves: value(*leaves, kernels=EAGER), tensors, needed, grads)
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
            return pulled(lambda *leaves: value(*leaves, kernels=EAGER), tensors, needed, grads)

        (total,) = Step.apply(value, pull, *inputs)  # type: ignore[no-untyped-call]
        return total  # type: ignore[no-any-return]


def _given(tensor: Tensor | None) -> Tensors:
    return () if tensor is None else (tensor,)
