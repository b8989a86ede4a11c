"""Kahn polarization factor. Twin: reference/physics/polarization.c."""

import torch
from torch import Tensor

from simulator.physics.slopes import KahnFactor, with_slopes
from simulator.physics.vectors import cross, dot, unit


def polarization_factor(kahn: Tensor, incident: Tensor, diffracted: Tensor, normal: Tensor) -> Tensor:
    """Polarization factor of each diffracted direction.

    kahn: Kahn factor K; incident, diffracted: unit vectors (..., 3); normal: polarization normal (3).
    Kahn et al., J. Appl. Cryst. 15 (1982) 330: (1 + c^2 - K cos(2 psi)(1 - c^2))/2, c = cos(2 theta).
    """
    components = kahn, *_components(incident, diffracted, normal)
    return with_slopes(KahnFactor, kahn_factor(*(x.detach() for x in components)), *components)


def polarization_form(kahn: Tensor, incident: Tensor, normal: Tensor) -> Tensor:
    """The matrix D (3, 3) with which the factor is (1 + d.D.d)/2 for unit vectors d; incident, normal: (3).

    D = i i + K (B B - E E): `KahnFactor` says why. Without an angle, so that derivatives are sums over d d.
    """
    along_b = unit(cross(normal, incident))
    along_e = unit(cross(incident, along_b))
    outer = torch.outer
    return outer(incident, incident) + kahn * (outer(along_b, along_b) - outer(along_e, along_e))


def _components(incident: Tensor, diffracted: Tensor, normal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """c = i.d, d.B and d.E."""
    c = dot(incident, diffracted)
    along_b = unit(cross(normal.expand_as(incident), incident))
    along_e = unit(cross(incident, along_b))
    return c, dot(diffracted, along_b), dot(diffracted, along_e)


def kahn_factor(kahn: Tensor, c: Tensor, along_b: Tensor, along_e: Tensor) -> Tensor:
    """The value, as C computes it, from K, c, d.B and d.E."""
    psi = -torch.atan2(along_b, along_e)
    return 0.5 * (1.0 + c * c - kahn * torch.cos(2.0 * psi) * (1.0 - c * c))
