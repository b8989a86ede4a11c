"""Unit cell: from lengths and angles to reciprocal and direct vectors.

Twin: reference/physics/cell.c. Rows of a (3, 3) tensor are the vectors a, b, c (A) or a*, b*, c* (1/A).
Formulas: README "Unit cell".
"""

import torch
from torch import Tensor

from simulator.physics.vectors import cross, dot, norm, rotate_xyz


def cell_volume(cell: Tensor) -> Tensor:
    """Volume in A^3 of the cell (6): a, b, c in A, angles in radians."""
    a, b, c, al, be, ga = cell.unbind()
    q = (al + be + ga) / 2
    product = torch.sin(q) * torch.sin(q - al) * torch.sin(q - be) * torch.sin(q - ga)
    return 2 * a * b * c * torch.sqrt(torch.abs(product))


def reciprocal_from_cell(cell: Tensor, cstar_z: bool) -> Tensor:
    """Reciprocal vectors (3, 3) in the default orientation: a* along x, b* in the xy plane.

    With the quirk cstar-z the z of c* is nanoBragg's: exact while two angles are right, off by parts in a
    thousand for a triclinic cell.
    """
    a, b, c, al, be, ga = cell.unbind()
    volume = cell_volume(cell)
    v_star = 1.0 / volume
    a_star, b_star = b * c * torch.sin(al) * v_star, c * a * torch.sin(be) * v_star
    c_star = a * b * torch.sin(ga) * v_star
    cos_al, cos_be, cos_ga = torch.cos(al), torch.cos(be), torch.cos(ga)
    sin_al, sin_be, sin_ga = torch.sin(al), torch.sin(be), torch.sin(ga)
    cos_al_star = (cos_be * cos_ga - cos_al) / (sin_be * sin_ga)
    cos_be_star = (cos_ga * cos_al - cos_be) / (sin_ga * sin_al)
    cos_ga_star = (cos_al * cos_be - cos_ga) / (sin_al * sin_be)
    sin_ga_star = torch.clamp(c * v_star / a_star / b_star, max=1.0)
    zero = torch.zeros_like(a)
    c_y = c_star * (cos_al_star - cos_be_star * cos_ga_star) / sin_ga_star
    c_z = c_star * volume / (a * b * c * sin_ga_star) if cstar_z else v_star / (a_star * b_star * sin_ga_star)
    return torch.stack(
        (
            torch.stack((a_star, zero, zero)),
            torch.stack((b_star * cos_ga_star, b_star * sin_ga_star, zero)),
            torch.stack((c_star * cos_be_star, c_y, c_z)),
        )
    )


def misset_cell(star: Tensor, angles: Tensor) -> Tensor:
    """The reciprocal vectors (3, 3) rotated about lab X, Y, Z by angles (3) in radians."""
    return rotate_xyz(star, angles)


def cross_products(vectors: Tensor) -> Tensor:
    """Rows b x c, c x a, a x b."""
    return cross(vectors[[1, 2, 0]], vectors[[2, 0, 1]])


def direct_cell(star: Tensor, cell: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
    """Direct vectors (3, 3) in A, reciprocal vectors rebuilt from them, reciprocal volume; from a*, b*, c*.

    With a cell given, the lengths of the direct vectors are made exactly a, b, c.
    """
    products = cross_products(star)
    if cell is None:
        v_star = dot(star[0], products[0])
    else:
        volume = cell_volume(cell)
        products = ((cell[:3] / volume) / norm(products))[:, None] * products
        v_star = 1.0 / volume
    direct = products * (1.0 / v_star)
    return direct, cross_products(direct) * v_star, v_star
