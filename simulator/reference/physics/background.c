/* background.c: scattering of water. Twin: simulator/physics/background.py. README "Water background". */
#include "../engine.h"

/* Photons per steradian from water of this size (m) in this fluence (photons/m^2). */
double water_background(double size, double fluence) {
    return WATER_F * WATER_F * R_E_SQR * fluence * size * size * size * WATER_DENSITY * AVOGADRO / WATER_MOLAR_MASS;
}
