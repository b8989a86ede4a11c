/* history.c: what depends on the order of evaluation: the sweep that opens the image, where interpolation ends, dark
 * pixels. Twin: simulator/rendering/history.py. */
#include "../engine.h"

/* Scattering vector of a sweep of a pixel; false where the resolution limit drops it. */
static bool sweep_vector(const Scene *scene, int slow, int fast, long sweep, vec *q) {
    const int n = scene->x->oversample;
    const long sources = (long)scene->x->sources.count, sub = sweep / sources;
    const Source *source = scene->x->sources.list + sweep % sources;
    const Ray ray = trace_ray(scene, slow, fast, (int)(sub / n / n), (int)(sub / n % n), (int)(sub % n));
    *q = scattering_vector(ray.diffracted, source->incident, source->lambda);
    return !resolution_skip(scene->x, *q);
}

/* The first term of a sweep whose block leaves the box, or -1. */
static long leaving(const Scene *scene, long raster, long sweep, vec q) {
    const Experiment *x = scene->x;
    const int *row = sweep_rows(scene, raster, sweep);
    for (int k = 0; k < x->phi.steps; k++)
        for (int m = 0; m < x->domains; m++) {
            const vec hkl = miller_indices(q, scene->orientations + (size_t)row[k] * (size_t)x->domains + m);
            if (block_inside(&x->reflections, hkl.x, hkl.y, hkl.z)) continue;
            const vec hkl0 = {nearest_index(hkl.x), nearest_index(hkl.y), nearest_index(hkl.z)};
            if (!is_dark(x, lattice_factor(x, hkl, hkl0))) return (sweep * x->phi.steps + k) * x->domains + m;
        }
    return -1;
}

/* Looks through a pixel's sweeps for the first that is evaluated, or (leaving_box) the first term outside the box. */
static long find_in_pixel(const Scene *scene, int slow, int fast, bool leaving_box) {
    const Experiment *x = scene->x;
    const long sweeps = (long)x->detector.layers * x->oversample * x->oversample * (long)x->sources.count;
    vec q;
    for (long sweep = 0; sweep < sweeps; sweep++) {
        if (!sweep_vector(scene, slow, fast, sweep, &q)) continue;
        const long found = leaving_box ? leaving(scene, (long)slow * scene->d->pixels_f + fast, sweep, q) : sweep;
        if (found >= 0) return found;
    }
    return -1;
}

/* The first moment of the image, in raster order, that find_in_pixel finds; raster -1: there is none. */
static Moment find(const Scene *scene, bool leaving_box) {
    const Experiment *x = scene->x;
    for (int slow = x->roi[2]; slow <= x->roi[3]; slow++)
        for (int fast = x->roi[0]; fast <= x->roi[1]; fast++) {
            const long found = rendered(x, slow, fast) ? find_in_pixel(scene, slow, fast, leaving_box) : -1;
            if (found >= 0) return (Moment){(long)slow * x->detector.pixels_f + fast, found};
        }
    return (Moment){-1, -1};
}

/* The sweep that opens the image: quirk phi-carryover. */
Moment first_swept(const Scene *scene) { return find(scene, false); }

/* Whether water lies behind a pixel whose every source is beyond the resolution limit. */
bool has_unlit(const Scene *scene) {
    const Experiment *x = scene->x;
    if (x->water == 0.0 || !(x->dmin > 0.0)) return false;
    for (int slow = x->roi[2]; slow <= x->roi[3]; slow++)
        for (int fast = x->roi[0]; fast <= x->roi[1]; fast++)
            if (rendered(x, slow, fast) && find_in_pixel(scene, slow, fast, false) < 0) return true;
    return false;
}

/* The evaluation where interpolation first leaves the box: quirk interp-latch. */
Moment find_latch(const Scene *scene) { return find(scene, true); }
