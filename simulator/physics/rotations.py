"""Orientations of the crystal: spindle steps, mosaic domains, random misset.

Twin: reference/physics/rotations.c.
"""

import math

import torch
from torch import Tensor

from simulator.physics.rng import Ran1, mosaic_rotation
from simulator.physics.vectors import rotate_axis

RANDOM_MISSET_SPREAD = 90.0  # degrees meant, radians used: quirk misset-90rad


def phi_rotations(direct: Tensor, spindle: Tensor, phi: Tensor) -> Tensor:
    """Rows a, b, c at each spindle angle: (steps, 3, 3) from those unturned, the axis (3) and phi (steps)."""
    return rotate_axis(direct.expand(len(phi), 3, 3), spindle, phi[:, None].expand(-1, 3))


def carryover_index(phi: list[float]) -> list[int | None]:
    """For each spindle step, the step whose orientation nanoBragg uses: quirk phi-carryover.

    Where phi is exactly 0 the crystal is not turned back: it keeps the orientation of the evaluation
    before, which for step 0 is the last step of the sweep before. None: the unrotated crystal.
    """
    index: list[int | None] = []
    turned = [k for k, angle in enumerate(phi) if angle != 0]
    last = turned[-1] if turned else None
    for k, angle in enumerate(phi):
        last = k if angle != 0 else last
        index.append(last)
    return index


def carries_over(index: list[int | None]) -> bool:
    """Whether some step really has another step's orientation."""
    return any(source is not None and source != k for k, source in enumerate(index))


def mosaic_rotations(spread: Tensor, domains: int, seed: int) -> Tensor:
    """Rotation matrices (domains, 3, 3) of the mosaic domains, the first the identity; spread in radians."""
    generator = Ran1(seed)
    drawn = [mosaic_rotation(generator, spread) for _ in range(domains)]
    return torch.stack([torch.eye(3, dtype=spread.dtype, device=spread.device), *drawn[1:]])


def random_misset(seed: int, quirk: bool, like: Tensor) -> Tensor:
    """Angles (3), radians about lab X, Y, Z, of a random orientation.

    With the quirk: the mosaic rotation of "spread" 90; without it: uniform over rotations, from Shoemake's
    quaternion (Graphics Gems III, 1992, p. 124) of three deviates.
    """
    generator = Ran1(seed)
    if quirk:
        turn = mosaic_rotation(generator, torch.full_like(like, RANDOM_MISSET_SPREAD))
    else:
        turn = _uniform_rotation([float(generator.draw()) for _ in range(3)], like)
    return torch.stack(
        (
            torch.atan2(turn[2, 1], turn[2, 2]),
            torch.atan2(-turn[2, 0], torch.hypot(turn[2, 1], turn[2, 2])),
            torch.atan2(turn[1, 0], turn[0, 0]),
        )
    )


def _uniform_rotation(deviates: list[float], like: Tensor) -> Tensor:
    u1, u2, u3 = deviates
    x, y = math.sqrt(1 - u1) * math.sin(2 * math.pi * u2), math.sqrt(1 - u1) * math.cos(2 * math.pi * u2)
    z, w = math.sqrt(u1) * math.sin(2 * math.pi * u3), math.sqrt(u1) * math.cos(2 * math.pi * u3)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return torch.tensor(rows, dtype=like.dtype, device=like.device)


def turn_domains(rotations: Tensor, direct: Tensor) -> Tensor:
    """Rows a, b, c of every domain of every spindle step, steps slowest: (steps*domains, 3, 3)."""
    u = rotations[None, :, None]  # 1, domains, 1, 3, 3
    v = direct[:, None, :, None]  # steps, 1, vectors, 1, 3
    turned = u[..., 0] * v[..., 0] + u[..., 1] * v[..., 1] + u[..., 2] * v[..., 2]
    return turned.reshape(-1, 3, 3)
