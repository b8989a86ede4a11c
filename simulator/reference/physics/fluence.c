/* fluence.c: photons per area, and how much of the crystal they meet. Twin: simulator/physics/fluence.py. */
#include "../engine.h"

/* Photons/m^2 from photons/s, s and the side of a square beam in m: README "Fluence". */
double fluence_from_flux(double flux, double exposure, double beamsize) {
    return flux * exposure / beamsize / beamsize;
}

/* Illuminated size of a sample that is larger than the beam, m. */
double clip_to_beam(double size, double beamsize) { return beamsize > 0.0 && beamsize < size ? beamsize : size; }
