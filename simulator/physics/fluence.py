"""Incident fluence. Twin: reference/physics/fluence.c."""

from simulator.experiment import Number


def fluence_from_flux(flux: Number, exposure: Number, beamsize: Number) -> Number:
    """Photons/m^2 from photons/s, s and the side of a square beam in m: README "Fluence"."""
    return flux * exposure / beamsize / beamsize


def clip_to_beam(size: float, beamsize: float) -> float:
    """Illuminated size of a sample that is larger than the beam, m."""
    return min(size, beamsize) if beamsize > 0 else size
