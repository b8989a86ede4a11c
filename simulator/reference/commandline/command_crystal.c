/* command_crystal.c: the crystal and its reflections, from the command line. Twin: simulator/commandline/command_crystal.py. */
#include "../engine.h"

#include <string.h>
#include <unistd.h>

#define TINY_VOLUME 1e-12 /* square of the volume of a cell with unit edges */

/* Cell in A and radians; missing values: b = c = a, angles 90. */
static bool read_cell(const Options *o, double cell[6]) {
    const Setting *s = option(o, "-cell");
    if (s == NULL) return false;
    double v[6];
    for (int i = 0; i < 6; i++) v[i] = i < s->count ? s->value[i].number : i < 3 ? s->value[0].number : 90.0;
    for (int i = 0; i < 6; i++) cell[i] = i < 3 ? v[i] : v[i] / DEGREES;
    const double q = (cell[3] + cell[4] + cell[5]) / 2.0, edges = v[0] * v[1] * v[2];
    const double product = sin(q) * sin(q - cell[3]) * sin(q - cell[4]) * sin(q - cell[5]);
    if (!(product > TINY_VOLUME) || !isfinite(edges) || !(edges > 0.0))
        fail("-cell: expected a cell of non-zero volume, got %g %g %g %g %g %g", v[0], v[1], v[2], v[3], v[4], v[5]);
    return true;
}

static void read_misset(const Options *o, Experiment *x) {
    const Setting *s = option(o, "-misset");
    if (s == NULL) return;
    x->random_misset = strcmp(s->value[0].text, "random") == 0;
    x->has_misset = !x->random_misset;
    x->misset_seed = (int)option_number(o, "-misset_seed", DEFAULT_SEED, 1.0);
    if (x->has_misset)
        x->misset = (vec){s->value[0].number / DEGREES, s->value[1].number / DEGREES, s->value[2].number / DEGREES};
}

/* Unit cells per axis, from counts or from sizes in mm; a size stands over a count. The beam clips the sample across
 * it, y and z. */
static void count_cells(const Options *o, Experiment *x) {
    const char *const flags[3][2] = {{"-Na", "-xtal_thick"}, {"-Nb", "-xtal_width"}, {"-Nc", "-xtal_height"}};
    const vec *direct[3] = {&x->direct.a, &x->direct.b, &x->direct.c};
    const double beamsize = option_number(o, "-beamsize", DEFAULT_BEAMSIZE, MM);
    for (int i = 0; i < 3; i++) {
        const double size = option_get(o, flags[i][1], MM), seen = i > 0 ? clip_to_beam(size, beamsize) : size;
        x->counts[i] = fmax(option_number(o, flags[i][0], 1.0, 1.0), 1.0);
        x->cells[i] = isnan(size) ? x->counts[i] : fmax(ceil(seen / norm(scale(*direct[i], ANGSTROM))), 1.0);
    }
}

/* Cell, orientation, size, shape and mosaicity. */
void read_crystal(const Options *o, Experiment *x) {
    const char *matrix = option_text(o, "-mat", NULL);
    x->has_cell = read_cell(o, x->cell);
    x->has_matrix = matrix != NULL;
    if (x->has_matrix) x->star = read_matrix(matrix, o->wavelength);
    if (!x->has_cell && !x->has_matrix) fail("command line: expected -mat or -cell, got neither");
    read_misset(o, x);
    x->shape = o->shape;
    x->fudge = option_number(o, "-fudge", 1.0, 1.0);
    x->mosaic_spread = option_number(o, "-mosaic", 0.0, 1.0) / DEGREES;
    x->domains = mosaic_steps(option_get(o, "-mosaic", 1.0), option_whole(o, "-mosaic_dom"));
    x->mosaic_seed = (int)option_number(o, "-mosaic_seed", DEFAULT_SEED, 1.0);
    place_crystal(x);
    count_cells(o, x);
}

/* Reflections from -hkl, else from the cache file if there is one, else none. */
void read_reflections(const Options *o, Experiment *x) {
    const double default_F = option_number(o, "-default_F", 0.0, 1.0);
    const char *hkl = option_text(o, "-hkl", NULL), *cache = option_text(o, "-dump", CACHE_FILE);
    if (hkl != NULL) x->reflections = read_hkl(hkl, default_F);
    else if (access(cache, F_OK) == 0 || option(o, "-dump") != NULL) x->reflections = read_cache(cache);
    else if (default_F == 0.0)
        fail("command line: expected -hkl, a cache file or a non-zero -default_F, got none of them");
    x->reflections.default_F = default_F;
    x->told_interpolate = o->interpolate;
}
