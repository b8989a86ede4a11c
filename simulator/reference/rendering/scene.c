/* scene.c: from an experiment to what the loops need: every vector placed, every list made.
 * Twin: simulator/rendering/scene.py. Sections 3 to 5 of the behaviour page. */
#include "../engine.h"

#include <limits.h>
#include <stdlib.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define MOST_SUBPIXELS 10000 /* per side: more is a slip of the keyboard */

static double or_else(double value, double fallback) { return isnan(value) ? fallback : value; }

/* Beam centre along fast and slow, m, by the convention's rules: the table of section 3. */
static void beam_centre(Detector *d) {
    const double px = d->pixel, side_f = d->side_f, side_s = d->side_s;
    d->f_close = isnan(d->orgx) ? side_f / 2.0 : (d->orgx - 0.5) * px;
    d->s_close = isnan(d->orgy) ? side_s / 2.0 : (d->orgy - 0.5) * px;
    d->x_close = or_else(d->x_close, d->f_close);
    d->y_close = or_else(d->y_close, d->s_close);
    double x = d->x_close, y = d->y_close;
    if (d->convention == MOSFLM || d->convention == DENZO) x = (side_s + px) / 2.0, y = (side_f + px) / 2.0;
    if (d->convention == ADXV) x = (side_f + px) / 2.0, y = (side_s - px) / 2.0;
    d->x_beam = or_else(d->x_beam, x);
    d->y_beam = or_else(d->y_beam, y);
    d->f_beam = d->x_beam, d->s_beam = d->y_beam;
    if (d->convention == MOSFLM) d->f_beam = d->y_beam + px / 2.0, d->s_beam = d->x_beam + px / 2.0;
    if (d->convention == DENZO) d->f_beam = d->y_beam, d->s_beam = d->x_beam;
    if (d->convention == ADXV) d->s_beam = side_s - d->y_beam;
    if (d->convention == CUSTOM) d->f_close = d->x_beam, d->s_close = d->y_beam;
}

/* Turns the detector into place. A normal that is no unit vector gives way to f x s. */
static void place_detector(Detector *d, const bool quirks[QUIRKS]) {
    Frame *f = &d->frame;
    f->beam = unit(f->beam), f->fast = unit(f->fast), f->slow = unit(f->slow);
    f->normal = norm(f->normal) == 1.0 ? f->normal : unit(cross(f->fast, f->slow));
    d->raw_axis = norm(f->twotheta_axis) != 1.0;
    if (!quirks[RAW_AXIS]) f->twotheta_axis = unit(f->twotheta_axis);
    f->polar = unit(f->polar), f->spindle = unit(f->spindle);
    beam_centre(d);
    detector_frame(d, quirks[PIX0_DERIVED]);
}

/* A sensor without thickness or absorption captures everything; with the quirk blank-sensor it captures nothing
 * where the capture fraction is asked for all the same. */
static void place_sensor(Experiment *x) {
    Detector *d = &x->detector;
    const bool thick = d->thickness > 0.0, sensor = thick && d->attenuation > 0.0;
    d->absorbs = sensor || (x->quirks[BLANK_SENSOR] && (thick || x->oversample_thick));
    if (!sensor && !x->quirks[BLANK_SENSOR]) d->layers = 1;
}

/* Reciprocal (1/A) and direct (A) vectors after the misset. */
void place_crystal(Experiment *x) {
    if (!x->has_matrix) x->star = reciprocal_from_cell(x->cell, x->quirks[CSTAR_Z]);
    if (x->random_misset) {
        x->misset = random_misset(x->misset_seed, x->quirks[MISSET_90RAD]);
        x->has_misset = true;
    }
    if (x->has_misset) x->star = misset_cell(x->star, x->misset);
    x->direct = direct_cell(&x->star, x->has_cell ? x->cell : NULL, &x->v_star);
}

/* Fills the orientations, m: for each phi step, and then for the crystal at rest, every mosaic domain. */
static void orient_crystal(Scene *scene) {
    const Experiment *x = scene->x;
    const size_t rows = (size_t)x->phi.steps + 1, domains = (size_t)x->domains;
    Triad *rotated = allocate(rows, sizeof(Triad), "the phi steps");
    Triad *mosaic = allocate(domains, sizeof(Triad), "the mosaic domains");
    scene->orientations = allocate(rows * domains, sizeof(Triad), "the orientations");
    const Triad metres = {scale(x->direct.a, ANGSTROM), scale(x->direct.b, ANGSTROM), scale(x->direct.c, ANGSTROM)};
    phi_rotations(metres, scene->d->frame.spindle, x->phi0, x->phi, rotated);
    mosaic_rotations(x->mosaic_seed, x->mosaic_spread, x->domains, mosaic);
    for (size_t i = 0; i < rows * domains; i++) {
        const Triad *r = rotated + i / domains, u = mosaic[i % domains];
        scene->orientations[i] = (Triad){transform(u, r->a), transform(u, r->b), transform(u, r->c)};
    }
    free(rotated), free(mosaic);
}

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
    for (size_t s = 0; s < x->sources.count; s++)
        weight[s] = x->quirks[FLAT_WEIGHTS] ? 1.0 : x->sources.list[s].weight / mean;
    return weight;
}

/* Subpixels per side so that a spot is sampled three times: section 4. */
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
    scene.polarizes = !x->nopolar || (x->quirks[NOPOLAR_UNDONE] && x->oversample_polar);
    const double *deciding = x->quirks[EARLY_INTERPOLATE] ? x->counts : x->cells;
    x->interpolate = x->reflections.present && interpolates(x->told_interpolate, deciding);
    if (x->oversample == 0) x->oversample = automatic_oversample(x);
    scene.sweep = carryover_rows(x, false);
    scene.first_sweep = carryover_rows(x, true);
    scene.weight = source_weights(x);
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
