/* cell.c: unit cell, from lengths and angles to reciprocal and direct vectors. Twin: simulator/physics/cell.py.
 * cell[6]: a, b, c in A, alpha, beta, gamma in radians. README "Unit cell". */
#include "../engine.h"

/* A^3 */
double cell_volume(const double cell[6]) {
    const double q = (cell[3] + cell[4] + cell[5]) / 2.0;
    const double product = sin(q) * sin(q - cell[3]) * sin(q - cell[4]) * sin(q - cell[5]);
    return 2.0 * cell[0] * cell[1] * cell[2] * sqrt(fabs(product));
}

/* Default orientation: a* along x, b* in the xy plane. 1/A. Quirk cstar-z: the z of c* is wrong for a triclinic cell. */
Triad reciprocal_from_cell(const double cell[6], bool cstar_z) {
    const double a = cell[0], b = cell[1], c = cell[2], volume = cell_volume(cell);
    const double v_star = 1.0 / volume;
    const double cos_al = cos(cell[3]), cos_be = cos(cell[4]), cos_ga = cos(cell[5]);
    const double sin_al = sin(cell[3]), sin_be = sin(cell[4]), sin_ga = sin(cell[5]);
    const double a_star = b * c * sin_al * v_star, b_star = c * a * sin_be * v_star;
    const double c_star = a * b * sin_ga * v_star;
    const double cos_al_star = (cos_be * cos_ga - cos_al) / (sin_be * sin_ga);
    const double cos_be_star = (cos_ga * cos_al - cos_be) / (sin_ga * sin_al);
    const double cos_ga_star = (cos_al * cos_be - cos_ga) / (sin_al * sin_be);
    const double sin_ga_star = fmin(c * v_star / a_star / b_star, 1.0);
    const double right = v_star / (a_star * b_star * sin_ga_star), wrong = c_star * volume / (a * b * c * sin_ga_star);
    const vec c_vector = {c_star * cos_be_star, c_star * (cos_al_star - cos_be_star * cos_ga_star) / sin_ga_star,
                          cstar_z ? wrong : right};
    return (Triad){{a_star, 0, 0}, {b_star * cos_ga_star, b_star * sin_ga_star, 0}, c_vector};
}

/* The reciprocal vectors turned about lab X, Y, Z. */
Triad misset_cell(Triad star, vec angles) {
    return (Triad){rotate_xyz(star.a, angles), rotate_xyz(star.b, angles), rotate_xyz(star.c, angles)};
}

/* b x c, c x a, a x b */
Triad cross_products(Triad v) { return (Triad){cross(v.b, v.c), cross(v.c, v.a), cross(v.a, v.b)}; }

static vec with_length(vec v, double length) { return scale(v, length / norm(v)); }

static Triad scaled(Triad v, double factor) {
    return (Triad){scale(v.a, factor), scale(v.b, factor), scale(v.c, factor)};
}

/* Direct vectors (A) of reciprocal ones (1/A), which are rebuilt from them; V* (1/A^3).
 * With a cell given (not NULL) the direct vectors get exactly its lengths and V* its volume. */
Triad direct_cell(Triad *star, const double *cell, double *v_star) {
    Triad products = cross_products(*star);
    *v_star = dot(star->a, products.a);
    if (cell != NULL) {
        const double volume = cell_volume(cell);
        products.a = with_length(products.a, cell[0] / volume);
        products.b = with_length(products.b, cell[1] / volume);
        products.c = with_length(products.c, cell[2] / volume);
        *v_star = 1.0 / volume;
    }
    const Triad direct = scaled(products, 1.0 / *v_star);
    *star = scaled(cross_products(direct), *v_star);
    return direct;
}
