/* rotations.c: every orientation the crystal takes. Twin: simulator/physics/rotations.py. */
#include "../engine.h"

/* Fills rotated[0 .. steps-1] with the cell at each phi step and rotated[steps] with the cell at rest. */
void phi_rotations(Triad direct, vec spindle, double phi0, Steps phi, Triad *rotated) {
    for (int k = 0; k < phi.steps; k++) {
        const double angle = phi0 + k * phi.step;
        rotated[k] = (Triad){rotate_axis(direct.a, spindle, angle), rotate_axis(direct.b, spindle, angle),
                             rotate_axis(direct.c, spindle, angle)};
    }
    rotated[phi.steps] = direct;
}

/* Row of phi_rotations that this step uses. Quirk phi-carryover (C-PARITY-001): where phi is exactly 0 the
 * crystal keeps the orientation before it: the step before, or for the first step the last one of the sweep
 * before. Only the first sweep of the image has none before it. */
int carryover_index(double phi0, Steps phi, int step, bool carryover, bool first_sweep) {
    const int rest = phi.steps;
    if (phi0 + step * phi.step != 0.0) return step;
    if (!carryover) return rest;
    for (int k = step - 1; k >= 0; k--)
        if (phi0 + k * phi.step != 0.0) return k;
    if (first_sweep) return rest;
    for (int k = phi.steps - 1; k > step; k--)
        if (phi0 + k * phi.step != 0.0) return k;
    return rest;
}

/* Rotation matrix of every mosaic domain; the first one's deviates are drawn, but it stays as it is. */
void mosaic_rotations(int seed, double spread, int domains, Triad *rotations) {
    Ran1 generator = ran1_start(seed);
    for (int m = 0; m < domains; m++) rotations[m] = mosaic_rotation(&generator, spread);
    rotations[0] = (Triad){{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
}

/* Rotation uniform over all rotations, from three deviates: Shoemake's random quaternion. */
static Triad uniform_rotation(Ran1 *g) {
    const double u1 = ran1(g), u2 = ran1(g), u3 = ran1(g);
    const double x = sqrt(1.0 - u1) * sin(2.0 * M_PI * u2), y = sqrt(1.0 - u1) * cos(2.0 * M_PI * u2);
    const double z = sqrt(u1) * sin(2.0 * M_PI * u3), w = sqrt(u1) * cos(2.0 * M_PI * u3);
    return (Triad){{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)},
                   {2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)},
                   {2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)}};
}

/* Angles about lab X, Y, Z of a random orientation. Quirk misset-90rad: a mosaic rotation of 90 radians. */
vec random_misset(int seed, bool misset_90rad) {
    Ran1 generator = ran1_start(seed);
    const Triad u = misset_90rad ? mosaic_rotation(&generator, 90.0) : uniform_rotation(&generator);
    return (vec){atan2(u.c.y, u.c.z), atan2(-u.c.x, hypot(u.c.y, u.c.z)), atan2(u.b.x, u.a.x)};
}
