/* render.c: the loops of README "Intensity", for one pixel. Twin: simulator/rendering/render.py.
 * Raster number of a pixel: slow * pixels_f + fast. A sweep is one pass over phi steps and mosaic domains: one
 * layer, subpixel and source. Sweeps and terms (evaluations) are numbered within their pixel, in loop order. */
#include "../engine.h"

#include <limits.h>

/* Number of the first term of a pixel that may not interpolate: quirk interp-latch. */
long latch_limit(const Scene *scene, long raster) {
    if (!scene->x->interpolate) return 0;
    if (scene->latch.raster < 0 || raster < scene->latch.raster) return LONG_MAX;
    return raster == scene->latch.raster ? scene->latch.number : 0;
}

/* Which row of the orientations each phi step of a sweep uses: quirk phi-carryover. */
const int *sweep_rows(const Scene *scene, long raster, long sweep) {
    const bool first = raster == scene->first.raster && sweep == scene->first.number;
    return first ? scene->first_sweep : scene->sweep;
}

/* Adds the terms of one sweep to the running sum I. */
static double add_sweep(const Scene *scene, long raster, long sweep, vec q, Factors factor, double I) {
    const Experiment *x = scene->x;
    const int *row = sweep_rows(scene, raster, sweep);
    const long limit = latch_limit(scene, raster);
    long term = sweep * x->phi.steps * x->domains;
    for (int k = 0; k < x->phi.steps; k++) {
        const Triad *direct = scene->orientations + (size_t)row[k] * (size_t)x->domains;
        for (int m = 0; m < x->domains; m++, term++) {
            if (!in_part(&scene->part, -1, m)) continue;
            const Scatter found = scatter(x, direct + m, q, term < limit);
            if (is_dark(x, found.F_latt)) continue;
            I += found.intensity * factor.own;
            I *= factor.capture;
            I *= factor.polar;
            I *= factor.omega;
        }
    }
    return I;
}

/* Adds every source's sweep at one ray to the pixel's sum. */
static void add_sources(const Scene *scene, long raster, long sweep, const Ray *ray, double capture, PixelSum *p) {
    const Experiment *x = scene->x;
    for (size_t s = 0; s < x->sources.count; s++, sweep++) {
        const Source *source = x->sources.list + s;
        const vec q = scattering_vector(ray->diffracted, source->incident, source->lambda);
        if (resolution_skip(x, q)) continue;
        double polar = 1.0;
        if (scene->polarizes && (isnan(p->polar) || x->oversample_polar))
            polar = polarization_factor(x->kahn, source->incident, ray->diffracted, scene->d->frame.polar);
        if (isnan(p->polar)) p->polar = polar;
        if (!in_part(&scene->part, (long)s, -1)) continue;
        const Factors factor = factors(x, scene->weight[s], capture, p->capture, polar, ray->omega);
        p->sum = add_sweep(scene, raster, sweep, q, factor, p->sum);
    }
}

/* Adds one layer's subpixels to the pixel's sum. */
static void add_layer(const Scene *scene, int slow, int fast, int layer, PixelSum *p) {
    const long n = scene->x->oversample;
    const long raster = (long)slow * scene->d->pixels_f + fast, sources = (long)scene->x->sources.count;
    for (long sub = 0; sub < n * n; sub++) {
        const Ray ray = trace_ray(scene, slow, fast, layer, (int)(sub / n), (int)(sub % n));
        const bool needed = sub == 0 || scene->x->oversample_thick;
        const double capture = needed ? capture_fraction(scene->d, layer, ray.diffracted) : 1.0;
        if (sub == 0) p->capture = capture;
        if (sub == 0 && layer == 0) p->omega = ray.omega;
        add_sources(scene, raster, (layer * n * n + sub) * sources, &ray, capture, p);
    }
}

/* Polarization factor of a pixel whose every source is beyond the resolution limit. */
static double unlit_polar(const Scene *scene, int slow, int fast) {
    if (!scene->polarizes) return 1.0;
    if (scene->x->quirks[UNLIT_POLAR]) return 0.0;
    const vec diffracted = trace_ray(scene, slow, fast, 0, 0, 0).diffracted;
    return polarization_factor(scene->x->kahn, scene->x->sources.list[0].incident, diffracted, scene->d->frame.polar);
}

/* Photons from the sum over the pixel's terms. */
static double scaled_sum(const Scene *scene, const PixelSum *p) {
    const Experiment *x = scene->x;
    double value = R_E_SQR * x->fluence * p->sum / scene->steps;
    if (!x->oversample_thick && x->quirks[LAST_LAYER]) value *= p->capture;
    if (!x->oversample_polar) value *= p->polar;
    if (!x->oversample_omega) value *= p->omega;
    if (!x->quirks[WATER_TWICE] && has_background(&scene->part)) value += scene->background * p->polar * p->omega;
    return value;
}

/* Everything about one pixel: the sum over its terms, the factors on it, photons. */
PixelSum render_pixel(const Scene *scene, int slow, int fast) {
    const bool wet = scene->x->quirks[WATER_TWICE] && has_background(&scene->part);
    PixelSum p = {.sum = wet ? scene->background : 0.0, .polar = NAN};
    for (int layer = 0; layer < scene->d->layers; layer++) add_layer(scene, slow, fast, layer, &p);
    if (isnan(p.polar)) p.polar = unlit_polar(scene, slow, fast);
    p.value = scaled_sum(scene, &p);
    return p;
}
