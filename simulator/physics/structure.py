"""Structure factors: nearest reflection or tricubic interpolation. Twin: reference/physics/structure.c.

The table (nh, nk, nl) holds F in a box of Miller indices that starts at `lowest` (3); outside it `default`
holds.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from simulator.physics.lattice import Indices

NODES = 4  # of a cubic, along each axis
FEW_CELLS = 2  # crystals this small interpolate by themselves


class Table(NamedTuple):
    """The box with one layer of `default` around it, so that a lookup is a clamp and a gather."""

    padded: Tensor  # (nh+2, nk+2, nl+2)
    lowest: Tensor  # (3), index of padded[1, 1, 1]


def make_table(data: Tensor, lowest: tuple[int, int, int], default: Tensor) -> Table:
    """Pad the box with the default."""
    inner = torch.nn.functional.pad(torch.ones_like(data, dtype=torch.bool), (1,) * 6)
    padded = torch.where(inner, torch.nn.functional.pad(data, (1,) * 6), default)
    return Table(padded, torch.tensor(lowest, dtype=data.dtype, device=data.device))


def interpolates(told: bool | None, cells: Sequence[float]) -> bool:
    """Whether structure factors are interpolated: as told, else for the smallest crystals."""
    return min(cells) <= FEW_CELLS if told is None else told


def nearest_index(h: Tensor) -> Tensor:
    """Nearest whole index, halves down: ceil(h - 0.5)."""
    return torch.ceil(h - 0.5)


def _offset(table: Table, index: Indices, room: int) -> Tensor:
    """Where in the flattened table `room` nodes along each axis start; `index` counts from the padding.

    What does not fit is moved into the table.
    """
    sizes = table.padded.shape
    h, k, l = (_within(x, size - float(room)) for x, size in zip(index, sizes, strict=True))  # noqa: E741
    flat = ((h * sizes[1] + k) * sizes[2] + l).to(torch.int64)
    return torch.clamp(flat, min=0)  # not a number is 0


def _within(x: Tensor, last: float) -> Tensor:
    """x, but 0 and `last` at least and at most."""
    if torch.compiler.is_compiling():  # a relu is one instruction there, half a clamp three
        return last - torch.relu(last - torch.relu(x))
    return torch.clamp(x, 0.0, last)


def _take(values: Tensor, where: Tensor) -> Tensor:
    """values (n) at whole numbers from 0 (...)."""
    if torch.compiler.is_compiling():  # as `values[where]`, without code for negative numbers
        return torch.embedding(values[:, None], where)[..., 0]
    return torch.index_select(values, 0, where.reshape(-1)).view(where.shape)


def lookup(table: Table, index: Indices) -> Tensor:
    """F (...) at whole indices h, k, l, each (...), held as floating-point numbers."""
    return _take(table.padded.view(-1), table_offset(table, index))


def table_offset(table: Table, index: Indices) -> Tensor:
    """Where whole indices h, k, l, each (...), are in the flattened table."""
    h, k, l = (x - (lowest - 1.0) for x, lowest in zip(index, table.lowest.unbind(), strict=True))  # noqa: E741
    return _offset(table, (h, k, l), 1)


def block_inside(table: Table, hkl: Indices) -> Tensor:
    """Whether the 4x4x4 block around each point, h, k, l each (...), lies within the box."""
    slack = []  # one number instead of six truths, which a compiled kernel would handle one by one
    for h, lowest, size in zip(hkl, table.lowest.unbind(), table.padded.shape, strict=True):
        slack += [h - (lowest + 2.0), lowest + (size - 5.0) - h]
    return functools.reduce(torch.minimum, slack) >= 0


def polint_weights(t: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cubic Lagrange weights of the nodes -1, 0, 1, 2 at t (...)."""
    below, above, far = t + 1.0, t - 1.0, t - 2.0
    return (
        -t * above * far / 6.0,
        below * above * far * 0.5,
        -below * t * far * 0.5,
        below * t * above / 6.0,
    )


def tricubic(table: Table, hkl: Indices) -> Tensor:
    """F (...) between reflections at fractional h, k, l, each (...): three nested 4-point polynomials.

    Meaningful where `block_inside` holds; elsewhere the block is moved into the table.
    """
    sizes = table.padded.shape
    if min(sizes) < NODES:
        return torch.zeros_like(hkl[0])
    h, k, l = (torch.floor(x) - lowest for x, lowest in zip(hkl, table.lowest.unbind(), strict=True))  # noqa: E741
    first = _offset(table, (h, k, l), NODES)
    weights = [polint_weights(x - torch.floor(x)) for x in hkl]
    values = table.padded.view(-1)
    planes = []
    for i in range(NODES):
        rows = []
        for j in range(NODES):
            start = first + (i * sizes[1] + j) * sizes[2]
            rows.append(_weigh(weights[2], [_take(values, start + n) for n in range(NODES)]))
        planes.append(_weigh(weights[1], rows))
    return _weigh(weights[0], planes)


def _weigh(weights: Sequence[Tensor], values: Sequence[Tensor]) -> Tensor:
    """Sum of weights times values, first to last."""
    return functools.reduce(torch.add, map(torch.mul, weights, values))
