"""An experiment with a tensor in every field that may hold one, and what came back of each."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from simulator import Experiment, simulate
from simulator.rendering.differentiable import tensors

F64 = torch.float64
NOT_CONTINUOUS = ("sampling.mask", "crystal.counts")
SPREAD = 3  # a range, its step, and a whole number of steps
Gradients = dict[str, list[Tensor | None]]


def fixed(value: tuple[Any, ...], place: int) -> bool:
    """Whether this entry of a tuple is no continuous number: nothing, or a number of steps."""
    return value[place] is None or (
        len(value) == SPREAD and place == SPREAD - 1 and isinstance(value[place], int)
    )


def asking(value: Any) -> Any:
    """The value as tensors that ask for gradients; whole numbers within a tuple stay."""
    if isinstance(value, Tensor):
        return value.to(F64).detach().clone().requires_grad_()
    if isinstance(value, tuple):
        return tuple(x if fixed(value, i) else asking(x) for i, x in enumerate(value))
    return torch.tensor(float(value), dtype=F64, requires_grad=True)


def put(whole: Any, path: list[str], value: Any) -> Any:
    """The dataclass with the field at the end of this path replaced."""
    name, *rest = path
    return replace(whole, **{name: put(getattr(whole, name), rest, value) if rest else value})


def is_vector(name: str, value: Any) -> bool:
    """Whether a tuple of this field is one vector, and not numbers of different meaning."""
    return isinstance(value, tuple) and not name.endswith(("div", "dispersion", "size"))


def with_tensors(
    experiment: Experiment, names: Iterable[str] | None = None
) -> tuple[Experiment, dict[str, list[Tensor]]]:
    """The experiment with tensors that ask for gradients, and these by field; of these fields, or of all."""
    asked: dict[str, list[Tensor]] = {}
    chosen = None if names is None else set(names)
    for name, value in list(tensors(experiment)):
        if name in NOT_CONTINUOUS or (chosen is not None and name not in chosen):
            continue
        made = asking(torch.tensor([float(x) for x in value], dtype=F64) if is_vector(name, value) else value)
        experiment = put(experiment, name.split("."), made)
        asked[name] = [x for x in (made if isinstance(made, tuple) else (made,)) if isinstance(x, Tensor)]
    return experiment, asked


def gradients(experiment: Experiment, names: Iterable[str] | None = None, **how: Any) -> Gradients:
    """The gradient of a weighted sum over the image, with these fields, or every field, at once."""
    experiment, asked = with_tensors(experiment, names)
    image = simulate(experiment, **how)
    weights = torch.rand(image.shape, dtype=image.dtype, generator=torch.Generator().manual_seed(1)) + 0.5
    flat = [tensor for field in asked.values() for tensor in field]
    found = iter(torch.autograd.grad((image * weights).sum(), flat, allow_unused=True))
    return {name: [next(found) for _ in field] for name, field in asked.items()}


def is_none(found: list[Tensor | None]) -> bool:
    """Whether nothing came back."""
    return all(grad is None or not bool(grad.any()) for grad in found)
