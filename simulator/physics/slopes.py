"""Derivatives in closed, stable form, for values whose own formula loses digits when it is differentiated.

The value stays as it was computed, to the last bit; its slopes come from the formulas here. They are finite
everywhere and may be differentiated again. No twin: C computes values only.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from simulator.physics.trig import turn_parts

# j2(x)/x^2 in powers of x^2: each coefficient over the one before
BESSEL_RATIOS = tuple(-1.0 / (2 * k * (2 * k + 5)) for k in range(1, 13))
BESSEL_SERIES = 4.0  # x^2 below which the series serves

TINY = 2.0**-100  # more than the slope at `off_zero`, less than any other


def differentiates() -> bool:
    """Whether slopes may be asked for: not of a compiled value, not in inference mode."""
    return not (torch.compiler.is_compiling() or torch.is_inference_mode_enabled())


def with_slopes(function: type["Sloped"], value: Tensor, *arguments: Tensor) -> Tensor:
    """The value, which is `function` of the arguments, with the derivatives that the function declares."""
    if not differentiates():
        return value
    if forward_levels() > 1:
        raise NotImplementedError(
            "forward mode: expected reverse mode inside, as torch.func.hessian has it, got forward mode twice"
        )
    result: Tensor = function.apply(value, *arguments)  # type: ignore[no-untyped-call]
    return result


def forward_levels() -> int:
    """How many transforms of torch.func are at work that push tangents: a second one would get none."""
    stack = torch._C._functorch.get_interpreter_stack() or []
    return sum(level.key() == torch._C._functorch.TransformType.Jvp for level in stack)


class Sloped(Function):
    """A value computed elsewhere, with slopes of its own: the base of all here."""

    generate_vmap_rule = True

    @staticmethod
    def slopes(*arguments: Tensor) -> tuple[Tensor, ...]:
        """Derivatives by each argument, differentiable again."""
        raise NotImplementedError

    @staticmethod
    def forward(value: Tensor, *_arguments: Tensor) -> Tensor:
        """The value as it is."""
        return value.clone()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        """Keep the arguments, not the value."""
        ctx.save_for_backward(*inputs[1:])
        ctx.save_for_forward(*inputs[1:])

    @classmethod
    def _pull(cls, ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        arguments = ctx.saved_tensors
        pairs = zip(cls.slopes(*arguments), arguments, ctx.needs_input_grad[1:], strict=True)
        return None, *((grad * s).sum_to_size(a.shape) if needed else None for s, a, needed in pairs)

    @classmethod
    def _push(cls, ctx: Any, tangents: tuple[Tensor | None, ...]) -> Tensor | None:
        slopes = cls.slopes(*ctx.saved_tensors)
        terms = [s * t for s, t in zip(slopes, tangents, strict=True) if t is not None]
        return sum(terms[1:], terms[0]) if terms else None


class AxisFactor(Sloped):
    """Factor sin(pi n h)/sin(pi h) of one axis of a square crystal, by h and the number of cells n.

    Whole turns of h count in the sign alone, also in the slope by n: a number of cells is a whole number.
    """

    @staticmethod
    def slopes(*arguments: Tensor) -> tuple[Tensor, ...]:
        """See `axis_slopes`."""
        h, n = arguments
        whole = torch.ceil(h.detach() - 0.5)
        sign = parity(whole, n)
        return tuple(sign * slope for slope in axis_slopes(h - whole, n)[1:])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of h and n."""
        return AxisFactor._pull(ctx, grad)

    @staticmethod
    def jvp(ctx: Any, _value: Tensor | None, *tangents: Tensor | None) -> Tensor | None:
        """Tangent of the factor."""
        return AxisFactor._push(ctx, tangents)


class SphereFactor(Sloped):
    """`sinc3` by x^2: smooth where x is 0, as it is not by way of a root."""

    @staticmethod
    def slopes(*arguments: Tensor) -> tuple[Tensor, ...]:
        """By x^2: -(3/2) j2(x)/x^2."""
        return (-1.5 * second_bessel(arguments[0]),)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradient of x^2."""
        return SphereFactor._pull(ctx, grad)

    @staticmethod
    def jvp(ctx: Any, _value: Tensor | None, *tangents: Tensor | None) -> Tensor | None:
        """Tangent of the factor."""
        return SphereFactor._push(ctx, tangents)


class KahnFactor(Sloped):
    """Polarization factor by K, c = i.d, d.B and d.E.

    d is a unit vector, so 1 - c^2 = (d.B)^2 + (d.E)^2 and cos(2 psi)(1 - c^2) = (d.E)^2 - (d.B)^2:
    polynomials that have slopes at 2theta = 0, where psi has none.
    """

    @staticmethod
    def slopes(*arguments: Tensor) -> tuple[Tensor, ...]:
        """Of (1 + c^2 - K ((d.E)^2 - (d.B)^2))/2."""
        kahn, c, along_b, along_e = arguments
        return 0.5 * (along_b * along_b - along_e * along_e), c, kahn * along_b, -kahn * along_e

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of K, c, d.B and d.E."""
        return KahnFactor._pull(ctx, grad)

    @staticmethod
    def jvp(ctx: Any, _value: Tensor | None, *tangents: Tensor | None) -> Tensor | None:
        """Tangent of the factor."""
        return KahnFactor._push(ctx, tangents)


def parity(whole: Tensor, n: Tensor) -> Tensor:
    """Sign of the factor at whole indices (...) of an axis of n cells: -1 where whole (n - 1) is odd."""
    return 1.0 - 2.0 * torch.abs(torch.fmod(whole * (torch.round(n.detach()) - 1.0), 2.0))


def axis_slopes(dh: Tensor, n: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """S = sin(pi n dh)/sin(pi dh) and its derivatives by dh and n, |dh| <= 1/2, n broadcast against it.

    With w(y) = cos y - sin(y)/y the poles cancel on paper: dS/dx = (n w(n x) - S w(x))/sin x, x = pi dh.
    """
    x = off_zero(dh)
    over, over_cosine, over_rest = turn_parts(x * n)
    under, _, under_rest = turn_parts(x)
    s = over / under
    slope = math.pi * (n * over_rest - s * under_rest) / under
    return s, (slope + TINY) - TINY, math.pi * x / under * over_cosine  # 0 at 0, to the last bit


def off_zero(x: Tensor) -> Tensor:
    """x, but a tiny number for 0: there sin(n x)/sin(x) is n and its slope 0 to the last bit, unbranched."""
    if x.dtype == torch.float64:
        return x + 2.0**-500  # lost in the rounding of any other x
    return torch.where(torch.abs(x) < 2.0**-30, 2.0**-30, x)  # a product of three stays in range


def second_bessel(square: Tensor) -> Tensor:
    """Spherical Bessel function j2(x)/x^2 from x^2 (...): 1/15 at 0."""
    small = square < BESSEL_SERIES
    y = torch.where(small, square, 0.0)
    series = torch.ones_like(y)
    for ratio in reversed(BESSEL_RATIOS):
        series = 1.0 + ratio * y * series
    y = torch.where(small, BESSEL_SERIES, square)
    x = torch.sqrt(y)
    closed = ((3.0 - y) * torch.sin(x) - 3.0 * x * torch.cos(x)) / (y * y * x)
    return torch.where(small, series / 15.0, closed)
