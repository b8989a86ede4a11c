"""Numbers on which choices rest (subpixels, which orientation is carried over), also under torch.func.

A choice is made once for all that is mapped over, so all have to agree on it.
"""

import torch
from torch import Tensor


def known(x: Tensor) -> Tensor:
    """The numbers behind a tensor of any transform, without gradient; mapped axes are there as they are."""
    x = x.detach()
    while torch._C._functorch.is_functorch_wrapped_tensor(x):
        x = torch._C._functorch.get_unwrapped(x)
    return x.detach()


def known_number(x: Tensor) -> float:
    """The largest of the numbers that a scalar stands for: one alone, unless it is mapped over."""
    return float(known(x).max())


def known_angles(x: Tensor) -> list[float]:
    """Angles (n), which have to be the same, or 0 at the same places, in all that is mapped over.

    Raises ValueError where they are not.
    """
    if not torch._C._functorch.is_batchedtensor(x.detach()):
        return [float(angle) for angle in known(x)]
    values = known(x)
    axis = torch._C._functorch.maybe_get_bdim(x.detach())
    rows = values.movedim(axis, 0).reshape(-1, *x.shape)
    if not bool(((rows == 0) == (rows[0] == 0)).all()):
        raise ValueError("vmap: expected phi = 0 at the same steps everywhere, got different steps")
    return [float(angle) for angle in rows[0]]
