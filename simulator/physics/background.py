"""Water background. Twin: reference/physics/background.c."""

from torch import Tensor

from simulator.units import AVOGADRO, R_E_SQR, WATER_DENSITY, WATER_F, WATER_MOLAR_MASS


def water_background(size: Tensor, fluence: Tensor) -> Tensor:
    """Photons per steradian from water of this size (m) in this fluence (photons/m^2).

    README "Water background".
    """
    per_molecule = WATER_F * WATER_F * R_E_SQR * fluence
    return per_molecule * size * size * size * WATER_DENSITY * AVOGADRO / WATER_MOLAR_MASS
