"""Water background. Twin: reference/physics/background.c."""

from torch import Tensor

AVOGADRO = 6.02214179e23  # 1/mol
R_E_SQR = 7.94079248018965e-30  # classical electron radius squared, m^2
WATER_F = 2.57  # electrons per water molecule, effective, forward


def water_background(size: Tensor, fluence: Tensor) -> Tensor:
    """Photons per steradian from water of this size (m) in this fluence (photons/m^2): section 7."""
    return WATER_F * WATER_F * R_E_SQR * fluence * size * size * size * 1e6 * AVOGADRO / 18.0
