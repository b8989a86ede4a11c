"""Which fields of an experiment have a gradient and which have none, and whether that is as it should be."""

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from evidence.derivatives.every_field import NOT_CONTINUOUS, gradients, is_none, with_tensors
from evidence.records import Record
from simulator import Experiment, simulate
from simulator.rendering.differentiable import NEVER, without_derivative
from simulator.rendering.quirks import Quirks

Places = Sequence[tuple[int, int]] | None
How = dict[str, Any]  # other arguments of simulate
SIZE = 1e-6  # by which a number is moved to either side, of its size: small beside a spot of many cells
FLAT = 1e-11  # change of the image, of its brightest pixel, that is none


def judge_fields(experiment: Experiment, mode: str, pixels: Places = None) -> list[Record]:
    """One row a field: whether its gradient is there, finite, and missing only where that is explained.

    A missing gradient is explained by the table of `without_derivative`, or by an image that does not change
    to first order when the field is moved to either side. A field of the table that has one is not.
    """
    how: How = {} if pixels is None else {"pixels": torch.tensor(pixels)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the fields without derivative: they are judged
        found = gradients(experiment, mode=mode, compile="off", **how)
    table = without_derivative(experiment, Quirks.of(mode))
    rows = []
    for field, grads in found.items():
        if not grads:
            continue
        there, reason = not is_none(grads), table.get(field)
        if there:
            reason = None if reason is None else f"has one: {reason}"
        elif reason is None:
            change = first_order(experiment, field, mode, how)
            flat = change <= FLAT
            reason = (
                "the image does not change to first order" if flat else f"the image changes by {change:.1e}"
            )
            rows.append(_row(field, False, True, flat, reason))
            continue
        finite = all(grad is None or bool(torch.isfinite(grad).all()) for grad in grads)
        rows.append(_row(field, there, finite, not there or reason is None, reason))
    return rows + [_row(name, False, True, True, NEVER[name]) for name in NOT_CONTINUOUS if name in table]


def _row(field: str, there: bool, finite: bool, explained: bool, reason: str | None) -> Record:
    return {"field": field, "gradient": there, "finite": finite, "explained": explained, "reason": reason}


def first_order(experiment: Experiment, field: str, mode: str, how: How) -> float:
    """Largest change of a pixel, over the brightest, between either side of a field: even powers cancel.

    It is of first order if a tenth of the step makes a tenth of it, or thereabouts: a jump stays as large, a
    third power becomes a thousandth.
    """
    with torch.no_grad():
        brightest = float(simulate(experiment, mode=mode, compile="off", **how).abs().max())
        whole, tenth = (_between(experiment, field, mode, size, how) for size in (SIZE, SIZE / 10))
    in_proportion = whole / 20 < tenth < whole / 5
    return whole / brightest if in_proportion and brightest > 0 else 0.0


def _between(experiment: Experiment, field: str, mode: str, size: float, how: How) -> float:
    sides = []
    for sign in (1.0, -1.0):
        placed, asked = with_tensors(experiment, [field])
        for tensor, direction in zip(asked[field], _directions(asked[field]), strict=True):
            tensor.requires_grad_(False).add_(sign * size * direction)
        sides.append(simulate(placed, mode=mode, compile="off", **how))
    return float((sides[0] - sides[1]).abs().max())


def _directions(tensors: list[Tensor]) -> Iterator[Tensor]:
    """A direction in which every number moves, on the scale of each tensor."""
    generator = torch.Generator().manual_seed(2)
    for tensor in tensors:
        largest = float(tensor.detach().abs().max()) or 1.0
        yield largest * (torch.rand(tensor.shape, dtype=tensor.dtype, generator=generator) + 0.5)
