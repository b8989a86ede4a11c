/* rng.c: reproducible random numbers as nanoBragg draws them. Twin: simulator/physics/rng.py.
 * Park and Miller's "minimal standard" generator with a Bays-Durham shuffle: README "Random numbers". */
#include "../engine.h"

#include <stdlib.h>

#define MULTIPLIER 16807
#define MODULUS 2147483647
#define SCHRAGE_Q 127773
#define SCHRAGE_R 2836
#define SLOTS 32
#define WARM_UP 8
#define LARGEST (1.0f - 1.2e-7f)

static int32_t next(Ran1 *g) {
    const int32_t high = g->state / SCHRAGE_Q, low = g->state % SCHRAGE_Q;
    g->state = MULTIPLIER * low - SCHRAGE_R * high;
    if (g->state < 0) g->state += MODULUS;
    return g->state;
}

Ran1 ran1_start(int seed) {
    Ran1 g = {.state = seed == 0 ? 1 : abs(seed)};
    for (int i = 0; i < WARM_UP; i++) next(&g);
    for (int i = SLOTS - 1; i >= 0; i--) g.table[i] = next(&g);
    g.last = g.table[0];
    return g;
}

static int32_t draw(Ran1 *g) {
    const int32_t fresh = next(g), slot = g->last / (1 + (MODULUS - 1) / SLOTS);
    g->last = g->table[slot];
    g->table[slot] = fresh;
    return g->last;
}

/* Uniform deviate in (0, 1), single precision. */
float ran1(Ran1 *g) {
    const float u = (float)(draw(g) * (1.0 / MODULUS));
    return u < LARGEST ? u : LARGEST;
}

/* Uniform deviate in (0, 1) with all 31 bits of the generator. */
double ran1_double(Ran1 *g) { return draw(g) / (double)MODULUS; }

/* Right-handed rotation matrix about the unit axis. */
Triad axis_matrix(vec axis, double angle) {
    const double x = axis.x, y = axis.y, z = axis.z, c = cos(angle), s = sin(angle), rest = 1.0 - c;
    return (Triad){{c + x * x * rest, x * y * rest - z * s, x * z * rest + y * s},
                   {x * y * rest + z * s, c + y * y * rest, y * z * rest - x * s},
                   {x * z * rest - y * s, y * z * rest + x * s, c + z * z * rest}};
}

/* Rotation of one mosaic domain from three deviates, spread in radians.
 * The axis is uniform over directions, the angle spread (1 - r^2)^(1/3) in single precision. */
Triad mosaic_rotation(Ran1 *g, double spread) {
    const double r1 = 2.0 * ran1(g) - 1.0, r2 = 2.0 * ran1(g) - 1.0, r3 = 2.0 * ran1(g) - 1.0;
    const double xy = sqrt(1.0 - r2 * r2);
    const vec axis = {xy * sin(M_PI * r1), xy * cos(M_PI * r1), r2};
    const float portion = powf((float)(1.0 - r3 * r3), (float)(1.0 / 3.0));
    const float angle = (float)spread * portion;
    return axis_matrix(axis, angle);
}
