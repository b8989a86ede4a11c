/* lattice.c: how the cells of the crystal add up around a reciprocal-lattice point. Twin: simulator/physics/lattice.py.
 * cells[3]: unit cells along a, b, c. README "Lattice factor". */
#include "../engine.h"

#define ROUND_SCALE 0.723601254558268 /* gives the sphere the square crystal's volume */
#define GAUSS_WIDTH 0.63              /* exponent of the Gaussian spot */
#define TOPHAT_EDGE 0.3969            /* 0.63^2: where the top hat ends */
#define SERIES 0.5                    /* below this x a sphere's transform is summed up where nothing may cancel */
#define TERMS 6
static const double SPHERE_RATIOS[TERMS] = {10.0, 28.0, 54.0, 88.0, 130.0, 180.0}; /* 2(k + 1)(2k + 5) */

/* Grating function sin(n x)/sin(x), n where x is 0. */
double sincg(double x, double n) { return x == 0.0 ? n : sin(x * n) / sin(x); }

/* Transform of a solid sphere, 1 where x is 0. The difference cancels as x goes to 0: unless that is wanted, a series
 * takes over there. */
double sinc3(double x, bool cancels) {
    if (cancels || x >= SERIES) return x == 0.0 ? 1.0 : 3.0 * (sin(x) / x - cos(x)) / (x * x);
    const double y = x * x;
    double series = 1.0;
    for (int i = TERMS - 1; i >= 0; i--) series = 1.0 - y / SPHERE_RATIOS[i] * series;
    return series;
}

/* Sign of the factor at a whole index of an axis of n cells: -1 where whole (n - 1) is odd. */
double parity(double whole, double n) { return 1.0 - 2.0 * fabs(fmod(whole * (n - 1.0), 2.0)); }

/* Factor of one axis of a square crystal; an axis of one cell gives 1. The whole part of h takes digits from pi h:
 * unless that is wanted, it is dropped first. */
double lattice_axis(double h, double n, bool cancels) {
    if (n == 1.0) return 1.0;
    if (cancels) return sincg(M_PI * h, n);
    const double whole = nearest_index(h);
    return sincg(M_PI * (h - whole), n) * parity(whole, n);
}

double lattice_square(double h, double k, double l, const double cells[3], bool cancels) {
    return lattice_axis(h, cells[0], cancels) * lattice_axis(k, cells[1], cancels) * lattice_axis(l, cells[2], cancels);
}

/* Ellipsoidal crystal; dh = h - h0 is the distance to the nearest lattice point, in cells. */
double lattice_round(double dh, double dk, double dl, const double cells[3], double fudge, bool cancels) {
    const double na = cells[0], nb = cells[1], nc = cells[2];
    const double square = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
    return na * nb * nc * ROUND_SCALE * sinc3(M_PI * sqrt(square * fudge), cancels);
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
