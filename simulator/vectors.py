"""Three-vectors in the laboratory frame: the last axis holds x, y, z.

Twin: reference/vectors.c. Sums run x, y, z in that order, so that both engines round alike. In memory the
components of many vectors lie plane by plane (`planes`): each plane is contiguous, which is what makes
elementwise work on them fast.
"""

import torch
from torch import Tensor


def planes(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """Vectors (..., 3) from their components (...), stored plane by plane."""
    return torch.stack((x, y, z)).movedim(0, -1)


def dot(a: Tensor, b: Tensor) -> Tensor:
    """Scalar product over the last axis."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


def cross(a: Tensor, b: Tensor) -> Tensor:
    """Vector product over the last axis."""
    x = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
    y = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    z = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return planes(x, y, z)


def norm(a: Tensor) -> Tensor:
    """Length over the last axis."""
    return torch.sqrt(dot(a, a))


def unit(a: Tensor) -> Tensor:
    """The vector divided by its length; a zero vector stays zero."""
    square = dot(a, a)
    return a / torch.sqrt(torch.where(square == 0, 1.0, square))[..., None]


def rotate_axis(v: Tensor, axis: Tensor, angle: Tensor) -> Tensor:
    """Right-handed rotation of v (..., 3) about the unit axis (3) by an angle in radians (...). Rodrigues."""
    cosine, sine = torch.cos(angle)[..., None], torch.sin(angle)[..., None]
    along = dot(axis, v)[..., None] * (1.0 - cosine)
    return axis * along + v * cosine + cross(axis.expand_as(v), v) * sine


def rotate_xyz(v: Tensor, angles: Tensor) -> Tensor:
    """Right-handed rotations of v (..., 3) about the fixed lab X, then Y, then Z; angles (3) in radians."""
    axes = torch.eye(3, dtype=v.dtype, device=v.device)
    for axis, angle in zip(axes, angles, strict=True):
        v = rotate_axis(v, axis, angle)
    return v
