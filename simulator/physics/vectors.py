"""Three-vectors in the laboratory frame: the last axis holds x, y, z.

Twin: reference/physics/vectors.c.
Sums run x, y, z in that order, so that both engines round alike. In memory the
components of many vectors lie plane by plane (`planes`): each plane is contiguous, which is what makes
elementwise work on them fast.
"""

import torch
from torch import Tensor

SPLIT = 134217729.0  # 2^27 + 1: cuts a double into two halves


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


def root(x: Tensor) -> Tensor:
    """The correctly rounded square root, as the C library has it; torch's own is now and then one ulp off.

    The residual x - r^2 is formed exactly: Dekker's product, Numerische Mathematik 18 (1971) 224.
    """
    r = torch.sqrt(x)
    if torch.compiler.is_compiling() or x.dtype != torch.float64:  # a compiled root is the processor's
        return r
    guess = r.detach()
    high = guess * SPLIT - (guess * SPLIT - guess)
    low = guess - high
    square = guess * guess
    residual = (x.detach() - square) - (((high * high - square) + 2.0 * high * low) + low * low)
    return r + torch.nan_to_num(residual / (2.0 * guess), nan=0.0, posinf=0.0, neginf=0.0)


def norm(a: Tensor) -> Tensor:
    """Length over the last axis."""
    return root(dot(a, a))


def unit(a: Tensor) -> Tensor:
    """The vector divided by its length; a zero vector stays zero."""
    square = dot(a, a)
    return a / root(torch.where(square == 0, 1.0, square))[..., None]


def rotate_axis(v: Tensor, axis: Tensor, angle: Tensor) -> Tensor:
    """Right-handed rotation of v (..., 3) about the unit axis (3) by an angle in radians (...). Rodrigues."""
    cosine, sine = torch.cos(angle)[..., None], torch.sin(angle)[..., None]
    along = dot(axis, v)[..., None] * (1.0 - cosine)
    return axis * along + v * cosine + cross(axis.expand_as(v), v) * sine


def rotate_xyz(v: Tensor, angles: Tensor) -> Tensor:
    """Right-handed rotations of v (..., 3) about the fixed lab X, then Y, then Z; angles (3) in radians."""
    x, y, z = v.unbind(-1)
    (cx, cy, cz), (sx, sy, sz) = torch.cos(angles).unbind(), torch.sin(angles).unbind()
    y, z = y * cx - z * sx, y * sx + z * cx
    x, z = x * cy + z * sy, z * cy - x * sy
    x, y = x * cz - y * sz, x * sz + y * cz
    return planes(x, y, z)
