/* placing.c: detector and crystal, placed in the laboratory frame. Twin: simulator/rendering/placing.py.
 * README "Detector", "Crystal", "Steps". */
#include "../engine.h"

#include <stdlib.h>

static double or_else(double value, double fallback) { return isnan(value) ? fallback : value; }

/* Beam centre along fast and slow, m, by the convention's rules: the table of README "Conventions". */
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
void place_detector(Detector *d, const bool quirks[QUIRKS]) {
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
void place_sensor(Experiment *x) {
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
void orient_crystal(Scene *scene) {
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
