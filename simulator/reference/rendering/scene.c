/* scene.c: from an experiment to what the loops need: every vector placed, every list made.
 * Twin: simulator/rendering/scene.py. README "Detector", "Crystal", "Steps". */
#include "../engine.h"

#include <limits.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* Which row of the orientations each phi step uses. */
static int *carryover_rows(const Experiment *x, bool first) {
    int *rows = allocate((size_t)x->phi.steps, sizeof(int), "the phi steps");
    for (int k = 0; k < x->phi.steps; k++)
        rows[k] = carryover_index(x->phi0, x->phi, k, x->quirks[PHI_CARRYOVER], first);
    return rows;
}

/* Factor on each source's terms. Quirk flat-weights: 1. */
static double *source_weights(const Experiment *x) {
    double *weight = allocate(x->sources.count, sizeof(double), "the sources");
    const double mean = mean_weight(&x->sources);
    if (mean == 0.0 && !x->quirks[FLAT_WEIGHTS]) fail("sources: expected weights whose sum is not 0, got 0");
    for (size_t s = 0; s < x->sources.count; s++)
        weight[s] = x->quirks[FLAT_WEIGHTS] ? 1.0 : x->sources.list[s].weight / mean;
    return weight;
}

/* Subpixels per side so that a spot is sampled three times: README "Oversampling". */
static int automatic_oversample(const Experiment *x) {
    const vec *direct[3] = {&x->direct.a, &x->direct.b, &x->direct.c};
    double longest = 0.0; /* m */
    for (int i = 0; i < 3; i++) longest = fmax(longest, x->cells[i] * norm(scale(*direct[i], ANGSTROM)));
    const double reciprocal_pixel = x->spread.lambda * x->detector.distance / x->detector.pixel;
    const double wanted = ceil(3.0 * longest / reciprocal_pixel);
    if (!(wanted <= MOST_SUBPIXELS))
        fail("oversample: expected an automatic value of at most %d, got %g", MOST_SUBPIXELS, wanted);
    return wanted >= 1.0 ? (int)wanted : 1;
}

/* Places everything. The scene points into the experiment. */
Scene build_scene(Experiment *x) {
    Scene scene = {.x = x, .d = &x->detector, .latch = {-1, -1}};
#ifdef _OPENMP
    if (x->threads > 0) omp_set_num_threads(x->threads);
#endif
    place_detector(&x->detector, x->quirks);
    place_sensor(x);
    if (!isfinite(x->detector.distance))
        fail("detector: expected one that the beam meets, got one along the beam");
    orient_crystal(&scene);
    if (x->sources.count == 0) x->sources = generate_sources(&x->spread, &x->detector.frame);
    scene.weight = source_weights(x);
    scene.polarizes = !x->nopolar || (x->quirks[NOPOLAR_UNDONE] && x->oversample_polar);
    const double *deciding = x->quirks[EARLY_INTERPOLATE] ? x->counts : x->cells;
    x->interpolate = x->reflections.present && interpolates(x->told_interpolate, deciding);
    if (x->oversample == 0) x->oversample = automatic_oversample(x);
    scene.sweep = carryover_rows(x, false);
    scene.first_sweep = carryover_rows(x, true);
    scene.background = water_background(x->water, x->fluence);
    scene.steps = (double)x->sources.count * x->domains * x->phi.steps * x->oversample * x->oversample;
    scene.first = first_swept(&scene);
    if (x->interpolate) scene.latch = find_latch(&scene);
    scene.latch_found = scene.latch.raster >= 0;
    if (!x->quirks[INTERP_LATCH]) scene.latch = (Moment){-1, -1};
    return scene;
}

void free_scene(Scene *scene) {
    free(scene->orientations), free(scene->sweep), free(scene->first_sweep), free(scene->weight);
}
