/* noise.c: photon-counting noise. Twin: simulator/physics/noise.py. README "Noise". */
#include "../engine.h"

#include <float.h>

#define MANY_PHOTONS 1e6 /* above, a Poisson deviate is as good as normal */
#define FEW_PHOTONS 12.0 /* below, multiplying deviates is quickest */

/* Knuth: deviates multiplied until the product falls below exp(-mean). */
static double poisson_few(double mean, Ran1 *g) {
    const double limit = exp(-mean);
    double product = ran1_double(g), count = 0.0;
    for (; product > limit; count++) product *= ran1_double(g);
    return count;
}

/* W. Hoermann, Insurance: Mathematics and Economics 12 (1993) 39: transformed rejection with squeeze (PTRS). */
static double poisson_many(double mean, Ran1 *g) {
    const double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), quick = 0.9277 - 3.6224 / (b - 2.0);
    for (;;) {
        const double u = ran1_double(g) - 0.5, v = ran1_double(g), us = 0.5 - fabs(u);
        const double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= quick) return k;
        if (k < 0.0 || (us < 0.013 && v > us)) continue;
        if (log(v * inverse_alpha / (a / (us * us) + b)) <= k * log(mean) - mean - lgamma(k + 1.0)) return k;
    }
}

/* Box and Muller. */
static double normal_deviate(Ran1 *g) {
    const double radius = sqrt(-2.0 * log(ran1_double(g)));
    return radius * cos(2.0 * M_PI * ran1_double(g));
}

/* Photons counted where `mean` are expected; a mean that overflowed stands for the largest number. */
double poisson_noise(double mean, Ran1 *g) {
    if (!(mean > 0.0)) return 0.0;
    mean = fmin(mean, DBL_MAX);
    if (mean < FEW_PHOTONS) return poisson_few(mean, g);
    if (mean <= MANY_PHOTONS) return poisson_many(mean, g);
    return floor(mean + sqrt(mean) * normal_deviate(g) + 0.5);
}
