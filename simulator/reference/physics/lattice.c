/* lattice.c: how the cells of the crystal add up around a reciprocal-lattice point. Twin: simulator/physics/lattice.py.
 * cells[3]: unit cells along a, b, c. README "Lattice factor". */
#include "../engine.h"

#define ROUND_SCALE 0.723601254558268 /* gives the sphere the square crystal's volume */
#define GAUSS_WIDTH 0.63              /* exponent of the Gaussian spot */
#define TOPHAT_EDGE 0.3969            /* 0.63^2: where the top hat ends */

/* Grating function sin(n x)/sin(x), n where x is 0. */
double sincg(double x, double n) { return x == 0.0 ? n : sin(x * n) / sin(x); }

/* Transform of a solid sphere, 1 where x is 0. */
double sinc3(double x) { return x == 0.0 ? 1.0 : 3.0 * (sin(x) / x - cos(x)) / (x * x); }

/* Factor of one axis of a square crystal; an axis of one cell gives 1. */
double lattice_axis(double h, double n) { return n == 1.0 ? 1.0 : sincg(M_PI * h, n); }

double lattice_square(double h, double k, double l, const double cells[3]) {
    return lattice_axis(h, cells[0]) * lattice_axis(k, cells[1]) * lattice_axis(l, cells[2]);
}

/* Ellipsoidal crystal; dh = h - h0 is the distance to the nearest lattice point, in cells. */
double lattice_round(double dh, double dk, double dl, const double cells[3], double fudge) {
    const double na = cells[0], nb = cells[1], nc = cells[2];
    const double square = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
    return na * nb * nc * ROUND_SCALE * sinc3(M_PI * sqrt(square * fudge));
}

/* Squared distance to the lattice point in units of the spot: |dh a* + dk b* + dl c*|^2 (Na Nb Nc)^2. */
double spot_distance(double dh, double dk, double dl, const Triad *star, const double cells[3]) {
    const double na = cells[0], nb = cells[1], nc = cells[2];
    const vec v = {dh * star->a.x + dk * star->b.x + dl * star->c.x,
                   dh * star->a.y + dk * star->b.y + dl * star->c.y,
                   dh * star->a.z + dk * star->b.z + dl * star->c.z};
    return dot(v, v) * na * na * nb * nb * nc * nc;
}

/* g from spot_distance */
double lattice_gauss(double g, const double cells[3], double fudge) {
    return cells[0] * cells[1] * cells[2] * exp(-(g / GAUSS_WIDTH * fudge));
}

double lattice_tophat(double g, const double cells[3], double fudge) {
    return g * fudge < TOPHAT_EDGE ? cells[0] * cells[1] * cells[2] : 0.0;
}
