/* polarization.c: Kahn polarization factor. Twin: simulator/physics/polarization.py. */
#include "../engine.h"

/* Kahn et al., J. Appl. Cryst. 15 (1982) 330: (1 + c^2 - K cos(2 psi)(1 - c^2))/2, c = cos(2 theta).
 * kahn: K; incident, diffracted: unit vectors; normal: polarization normal. */
double polarization_factor(double kahn, vec incident, vec diffracted, vec normal) {
    const double c = dot(incident, diffracted);
    if (kahn == 0.0) return 0.5 * (1.0 + c * c);
    const vec along_b = unit(cross(normal, incident));
    const vec along_e = unit(cross(incident, along_b));
    const double psi = -atan2(dot(diffracted, along_b), dot(diffracted, along_e));
    return 0.5 * (1.0 + c * c - kahn * cos(2.0 * psi) * (1.0 - c * c));
}
