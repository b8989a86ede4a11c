/* scattering.c: scattering vector, Miller indices and the factors of one evaluation.
 * Twin: simulator/physics/scattering.py. README "Intensity". */
#include "../engine.h"

/* q = (d - i)/lambda, 1/m */
vec scattering_vector(vec diffracted, vec incident, double lambda) {
    return (vec){(diffracted.x - incident.x) / lambda, (diffracted.y - incident.y) / lambda,
                 (diffracted.z - incident.z) / lambda};
}

/* Fractional h, k, l (as x, y, z) of q in the crystal with these direct vectors, m. */
vec miller_indices(vec q, const Triad *direct) {
    return (vec){dot(q, direct->a), dot(q, direct->b), dot(q, direct->c)};
}

/* F_latt at hkl, whose nearest whole index is hkl0. */
double lattice_factor(const Experiment *x, vec hkl, vec hkl0) {
    if (x->shape == SQUARE) return lattice_square(hkl.x, hkl.y, hkl.z, x->cells, x->cancels);
    const double dh = hkl.x - hkl0.x, dk = hkl.y - hkl0.y, dl = hkl.z - hkl0.z;
    if (x->shape == ROUND) return lattice_round(dh, dk, dl, x->cells, x->fudge, x->cancels);
    const double g = spot_distance(dh, dk, dl, &x->star, x->cells);
    return x->shape == GAUSS ? lattice_gauss(g, x->cells, x->fudge) : lattice_tophat(g, x->cells, x->fudge);
}

/* F_cell: the nearest reflection, or interpolated where that is allowed and the block fits. */
double structure_factor(const Reflections *r, vec hkl, vec hkl0, bool interpolate) {
    if (interpolate && block_inside(r, hkl.x, hkl.y, hkl.z)) return tricubic(r, hkl.x, hkl.y, hkl.z);
    return lookup(r, hkl0.x, hkl0.y, hkl0.z);
}

/* F_cell^2 F_latt^2 of one orientation at one scattering vector. */
Scatter scatter(const Experiment *x, const Triad *direct, vec q, bool interpolate) {
    Scatter found;
    found.hkl = miller_indices(q, direct);
    found.hkl0 = (vec){nearest_index(found.hkl.x), nearest_index(found.hkl.y), nearest_index(found.hkl.z)};
    found.F_latt = lattice_factor(x, found.hkl, found.hkl0);
    found.F_cell = structure_factor(&x->reflections, found.hkl, found.hkl0, interpolate);
    found.intensity = found.F_cell * found.F_cell * found.F_latt * found.F_latt;
    return found;
}
