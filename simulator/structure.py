"""Structure factors: nearest reflection or tricubic interpolation. Twin: reference/structure.c.

The table (nh, nk, nl) holds F in a box of Miller indices that starts at `lowest` (3); outside it `default`
holds.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from simulator.lattice import Indices

NODES = 4  # of a cubic, along each axis


class Table(NamedTuple):
    """The box with one layer of `default` around it, so that a lookup is a clamp and a gather."""

    padded: Tensor  # (nh+2, nk+2, nl+2)
    lowest: Tensor  # (3), index of padded[1, 1, 1]


def make_table(data: Tensor, lowest: tuple[int, int, int], default: Tensor) -> Table:
    """Pad the box with the default."""
    padded = default.expand([n + 2 for n in data.shape]).clone()
    inner = torch.nn.functional.pad(torch.ones_like(data, dtype=torch.bool), (1,) * 6)
    padded = padded.masked_scatter(inner, data)
    return Table(padded, torch.tensor(lowest, dtype=data.dtype, device=data.device))


def nearest_index(h: Tensor) -> Tensor:
    """Nearest whole index, halves down: ceil(h - 0.5)."""
    return torch.ceil(h - 0.5)


def lookup(table: Table, index: Indices) -> Tensor:
    """F (...) at whole indices h, k, l, each (...), held as floating-point numbers."""
    sizes = table.padded.shape
    h, k, l = (  # noqa: E741
        torch.clamp(x - (table.lowest[i] - 1.0), 0.0, sizes[i] - 1.0) for i, x in enumerate(index)
    )
    flat = (h * sizes[1] + k) * sizes[2] + l
    return table.padded.view(-1)[flat.to(torch.int64)]


def block_inside(table: Table, hkl: Indices) -> Tensor:
    """Whether the 4x4x4 block around each point, h, k, l each (...), lies within the box."""
    inside = torch.ones_like(hkl[0], dtype=torch.bool)
    for i, h in enumerate(hkl):
        lowest, size = table.lowest[i], table.padded.shape[i] - 2
        inside = inside & (h - lowest + 3.0 <= size) & (h - 2.0 >= lowest)
    return inside


def polint_weights(t: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cubic Lagrange weights of the nodes -1, 0, 1, 2 at t (...)."""
    below, above, far = t + 1.0, t - 1.0, t - 2.0
    return (
        -t * above * far / 6.0,
        below * above * far / 2.0,
        -below * t * far / 2.0,
        below * t * above / 6.0,
    )


def tricubic(table: Table, hkl: Indices) -> Tensor:
    """F (...) between reflections at fractional h, k, l, each (...): three nested 4-point polynomials.

    Meaningful where `block_inside` holds; elsewhere the block is moved into the table.
    """
    sizes = table.padded.shape
    if min(sizes) < NODES:
        return torch.zeros_like(hkl[0])
    corner = [
        torch.clamp(torch.floor(h) - 1.0 - (table.lowest[i] - 1.0), 0.0, sizes[i] - NODES)
        for i, h in enumerate(hkl)
    ]
    weights = [polint_weights(h - torch.floor(h)) for h in hkl]
    first = ((corner[0] * sizes[1] + corner[1]) * sizes[2] + corner[2]).to(torch.int64)
    values = table.padded.view(-1)
    total = torch.zeros_like(hkl[0])
    for i in range(NODES):
        plane = torch.zeros_like(total)
        for j in range(NODES):
            row = torch.zeros_like(total)
            for k in range(NODES):
                row = row + weights[2][k] * values[first + ((i * sizes[1] + j) * sizes[2] + k)]
            plane = plane + weights[1][j] * row
        total = total + weights[0][i] * plane
    return total
