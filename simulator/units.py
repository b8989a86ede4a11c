"""Units and physical constants, each once, as nanoBragg has them. Twin: the head of reference/engine.h."""

import math

ANGSTROM = 1e-10  # m
MICRON = 1e-6  # m
MM = 1000.0  # in a metre
MICRONS = 1e6  # in a metre
MRAD = 1000.0  # in a radian
PERCENT = 100.0  # in one
DEGREES = 180.0 * (1.0 / math.pi)  # in a radian

HC = 12398.42  # photon energy times wavelength, eV A
R_E_SQR = 7.94079248018965e-30  # classical electron radius squared, m^2
AVOGADRO = 6.02214179e23  # 1/mol
WATER_F = 2.57  # electrons per water molecule, effective, forward
WATER_MOLAR_MASS = 18.0  # g/mol
WATER_DENSITY = 1e6  # g/m^3
SOURCE_DISTANCE = 10.0  # from generated sources to the sample, m
DEFAULT_BEAMSIZE = 1e-4  # m
DEFAULT_SEED = 12345678
DEFAULT_FLUENCE = 125932015286227086360700780544.0  # photons/m^2: makes r_e^2 fluence = 1
