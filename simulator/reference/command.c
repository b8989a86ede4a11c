/* command.c: from a nanoBragg command line to an experiment. Twin: simulator/command.py.
 * Flags are checked first, then files are read (mask, image, matrix, reflections, sources), then what they say
 * together is checked. Nothing is written but the reflection cache. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CACHE "Fdump.bin"
#define LARGEST_IMAGE 268435456
#define TINY_VOLUME 1e-12        /* square of the volume of a cell with unit edges */
#define FEW_CELLS 2              /* crystals this small interpolate by themselves */
#define MM 1000.0                /* in a metre */
#define MICRONS 1e6
#define SOURCE_DISTANCE 10.0     /* m */
#define DEFAULT_FLUENCE 125932015286227086360700780544.0 /* photons/m^2: makes r_e^2 fluence = 1 */
#define DEFAULT_SEED 12345678.0

/* Takes the header of the last file a flag names; whether there is one. */
static bool take_file(Given *g, const CommandLine *line, const char *flag, SmvFile *smv) {
    const char *path = NULL;
    for (size_t i = 0; i < line->count; i++)
        if (is_row(line->list + i, flag)) path = line->list[i].value[0].text;
    if (path == NULL) return false;
    *smv = read_smv(flag, path);
    take_header(g, smv, strcmp(flag, "-mask") == 0);
    return true;
}

static void read_quirks(const Given *g, bool quirks[QUIRKS]) {
    quirks_mode(quirks, strcmp(given_text(g, "--mode", "c-parity"), "c-parity") == 0);
    quirks_adjust(quirks, given_text(g, "--quirks", NULL));
}

/* Cell in A and radians; missing values: b = c = a, angles 90. */
static bool read_cell(const Given *g, double cell[6]) {
    const Setting *s = given(g, "-cell");
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

static void read_misset(const Given *g, Experiment *x) {
    const Setting *s = given(g, "-misset");
    if (s == NULL) return;
    x->random_misset = strcmp(s->value[0].text, "random") == 0;
    x->has_misset = !x->random_misset;
    x->misset_seed = (int)given_number(g, "-misset_seed", DEFAULT_SEED, 1.0);
    if (x->has_misset)
        x->misset = (vec){s->value[0].number / DEGREES, s->value[1].number / DEGREES, s->value[2].number / DEGREES};
}

/* Unit cells per axis, from counts or from sizes in mm; a size stands over a count. */
static void count_cells(const Given *g, Experiment *x) {
    const char *const flags[3][2] = {{"-Na", "-xtal_thick"}, {"-Nb", "-xtal_width"}, {"-Nc", "-xtal_height"}};
    const vec *direct[3] = {&x->direct.a, &x->direct.b, &x->direct.c};
    for (int i = 0; i < 3; i++) {
        const double size = given_get(g, flags[i][1], MM);
        x->cells[i] = given_number(g, flags[i][0], 1.0, 1.0);
        if (!isnan(size)) x->cells[i] = ceil(size / norm(scale(*direct[i], ANGSTROM)));
        if (!(x->cells[i] >= 1.0)) x->cells[i] = 1.0;
    }
}

/* Cell, orientation, size, shape and mosaicity. */
static void read_crystal(const Given *g, Experiment *x) {
    const char *matrix = given_text(g, "-mat", NULL);
    x->has_cell = read_cell(g, x->cell);
    x->has_matrix = matrix != NULL;
    if (x->has_matrix) x->star = read_matrix(matrix, g->wavelength);
    if (!x->has_cell && !x->has_matrix) fail("command line: expected -mat or -cell, got neither");
    read_misset(g, x);
    x->shape = g->shape;
    x->fudge = given_number(g, "-fudge", 1.0, 1.0);
    x->mosaic_spread = given_number(g, "-mosaic", 0.0, 1.0) / DEGREES;
    x->domains = mosaic_steps(given_get(g, "-mosaic", 1.0), given_whole(g, "-mosaic_dom"));
    x->mosaic_seed = (int)given_number(g, "-mosaic_seed", DEFAULT_SEED, 1.0);
    place_crystal(x);
    count_cells(g, x);
}

/* Reflections from -hkl, else from the cache file if there is one, else none. */
static void read_reflections(const Given *g, Experiment *x) {
    const double default_F = given_number(g, "-default_F", 0.0, 1.0);
    const char *hkl = given_text(g, "-hkl", NULL), *cache = given_text(g, "-dump", CACHE);
    if (hkl != NULL) x->reflections = read_hkl(hkl, default_F);
    else if (access(cache, F_OK) == 0 || given(g, "-dump") != NULL) x->reflections = read_cache(cache);
    else if (default_F == 0.0)
        fail("command line: expected -hkl, a cache file or a non-zero -default_F, got none of them");
    x->reflections.default_F = default_F;
    const bool small = x->cells[0] <= FEW_CELLS || x->cells[1] <= FEW_CELLS || x->cells[2] <= FEW_CELLS;
    x->interpolate = x->reflections.present && (g->interpolate >= 0 ? g->interpolate == 1 : small);
}

/* The convention's axes, or the given ones where it is the custom convention. */
static Frame read_frame(const Given *g) {
    Frame frame = convention_frame(g->convention);
    vec *axes[] = {&frame.beam, &frame.fast, &frame.slow, &frame.normal, &frame.twotheta_axis, &frame.polar,
                   &frame.spindle};
    if (g->convention != CUSTOM) return frame;
    for (int i = 0; i < V_PIX0; i++)
        if (g->has_vector[i]) *axes[i] = g->vectors[i];
    return frame;
}

static Steps read_divergence(const Given *g, const char *range, const char *step, const char *steps) {
    return range_steps((Steps){given_get(g, range, MM), given_get(g, step, MM), given_whole(g, steps)});
}

/* Spectrum, divergence, polarization, fluence. */
static void read_beam(const Given *g, Experiment *x) {
    const double beamsize = given_number(g, "-beamsize", 0.1 / MM, MM), flux = given_number(g, "-flux", 0.0, 1.0);
    const double exposure = given_number(g, "-exposure", 1.0, 1.0);
    x->fluence = given_number(g, "-fluence", DEFAULT_FLUENCE, 1.0);
    if (flux != 0.0 && exposure > 0.0) x->fluence = fluence_from_flux(flux, exposure, beamsize);
    x->spread.lambda = g->wavelength * ANGSTROM;
    x->spread.horizontal = read_divergence(g, "-hdivrange", "-hdivstep", "-hdivsteps");
    x->spread.vertical = read_divergence(g, "-vdivrange", "-vdivstep", "-vdivsteps");
    const char *path = given_text(g, "-sourcefile", NULL);
    if (path != NULL)
        x->sources = read_sources(path, scale(unit(x->detector.frame.beam), -SOURCE_DISTANCE), x->spread.lambda);
    x->nopolar = given(g, "-nopolar") != NULL;
    x->kahn = given_number(g, "-polar", 0.0, 1.0);
    x->spread.dispersion = range_steps((Steps){given_number(g, "-dispersion", 0.0, 100.0), UNSET,
                                               given_whole(g, "-dispsteps")});
    x->spread.trimmed = g->round_div != 0;
    x->water = given_number(g, "-water", 0.0, MICRONS);
}

/* Amorphous-scattering tables have no effect, but a broken one is a mistake all the same. */
static void check_table(const char *flag, const char *path) {
    size_t length;
    char *bytes = read_file(flag, path, &length);
    int number = 1;
    for (char *line = bytes; line < bytes + length; number++) {
        char *stop = memchr(line, '\n', (size_t)(bytes + length - line));
        if (stop == NULL) stop = bytes + length;
        const char *hash = memchr(line, '#', (size_t)(stop - line)), *end = hash ? hash : stop, *p = line;
        int good = 0, tokens = 0;
        for (size_t size = 0; (p = next_token(p, end, &size)) != NULL; p += size, tokens++) {
            char word[64];
            double value;
            snprintf(word, sizeof word, "%.*s", (int)size, p);
            good += tokens < 2 && size < sizeof word && is_number(word, &value);
        }
        while (line < stop && strchr(" \t\r\v\f", *line)) line++;
        size_t shown = (size_t)(stop - line);
        while (shown > 0 && strchr(" \t\r\v\f", line[shown - 1])) shown--;
        if (tokens > 0 && good < 2)
            fail("%s %s line %d: expected 'stol F', got %s", flag, path, number, quoted(line, shown));
        line = stop + 1;
    }
    free(bytes);
}

static void check_tables(const Given *g) {
    const char *const flags[] = {"-stol", "-4stol", "-Q"};
    for (int i = 0; i < 3; i++)
        if (given(g, flags[i]) != NULL) check_table(flags[i], given_text(g, flags[i], ""));
}

/* Pixels along one axis, from a count or from the side; the side that belongs to it, m. */
static int count_pixels(const Given *g, const char *count_flag, const char *side_flag, double pixel, double *side) {
    const int count = given_whole(g, count_flag);
    *side = count > 0 ? pixel * count : given_number(g, side_flag, 0.1024, MM);
    if (count > 0) return count;
    const double wanted = fmax(ceil(*side / pixel - 0.5), 1.0);
    return wanted < 2147483647.0 ? (int)wanted : 2147483647;
}

/* Attenuation and thickness of the sensor: section 5. */
static void read_sensor(const Given *g, Detector *d) {
    const Setting *depth = given(g, "-detector_abs");
    d->thickness = given_number(g, "-detector_thick", 0.0, MICRONS);
    d->attenuation = d->thickness > 0.0 ? 1.0 / d->thickness : 0.0;
    if (depth != NULL) {
        const bool none = strcmp(depth->value[0].text, "inf") == 0 || depth->value[0].number == 0.0;
        d->attenuation = none ? 0.0 : 1.0 / (depth->value[0].number * 1e-6);
        if (none) d->thickness = 0.0;
    }
    const Steps layers = thick_steps(d->thickness, given_whole(g, "-thicksteps"));
    d->layer = layers.step, d->layers = layers.steps;
}

/* Distances, beam centre and tilts. */
static void read_position(const Given *g, Detector *d) {
    d->distance = given_number(g, "-distance", 0.1, MM);
    d->close_distance = given_get(g, "-close_distance", MM);
    d->x_beam = given_get(g, "-Xbeam", MM), d->y_beam = given_get(g, "-Ybeam", MM);
    d->x_close = given_get(g, "-Xclose", MM), d->y_close = given_get(g, "-Yclose", MM);
    d->orgx = given_get(g, "-ORGX", 1.0), d->orgy = given_get(g, "-ORGY", 1.0);
    d->rotation.x = given_number(g, "-detector_rotx", 0.0, 1.0) / DEGREES;
    d->rotation.y = given_number(g, "-detector_roty", 0.0, 1.0) / DEGREES;
    d->rotation.z = given_number(g, "-detector_rotz", 0.0, 1.0) / DEGREES;
    d->twotheta = given_number(g, "-twotheta", 0.0, 1.0) / DEGREES;
}

/* Pixels, position and sensor. The frame is there already. */
static void read_detector(const Given *g, Detector *d) {
    d->pixel = given_number(g, "-pixel", 0.1 / MM, MM);
    d->pixels_s = count_pixels(g, "-detpixels_s", "-detsize_s", d->pixel, &d->side_s);
    d->pixels_f = count_pixels(g, "-detpixels_f", "-detsize_f", d->pixel, &d->side_f);
    if ((double)d->pixels_s * d->pixels_f > LARGEST_IMAGE)
        fail("command line: expected a detector of at most %d pixels, got %d x %d", LARGEST_IMAGE, d->pixels_f,
             d->pixels_s);
    if (norm(d->frame.normal) != 1.0 && norm(cross(unit(d->frame.fast), unit(d->frame.slow))) == 0.0)
        fail("-fdet_vector: expected a direction other than the slow axis, got the same");
    read_position(g, d);
    d->pivot = g->pivot;
    if (g->convention != CUSTOM)
        d->pivot = g->convention == XDS || g->convention == DIALS ? PIVOT_SAMPLE : PIVOT_BEAM;
    d->has_pix0 = g->convention == CUSTOM && g->has_vector[V_PIX0];
    d->pix0 = g->vectors[V_PIX0];
    d->curved = given(g, "-curved_det") != NULL;
    d->point_pixel = given(g, "-point_pixel") != NULL;
    read_sensor(g, d);
}

/* Pixels to render and subpixels. */
static void read_sampling(const Given *g, Experiment *x) {
    const int last_f = x->detector.pixels_f - 1, last_s = x->detector.pixels_s - 1;
    const Setting *s = given(g, "-roi");
    const int all[4] = {0, last_f, 0, last_s};
    for (int i = 0; i < 4; i++) x->roi[i] = s ? (int)s->value[i].number : all[i];
    const int *roi = x->roi;
    if (!(0 <= roi[0] && roi[0] <= roi[1] && roi[1] <= last_f && 0 <= roi[2] && roi[2] <= roi[3] && roi[3] <= last_s))
        fail("-roi: expected 0 <= xmin <= xmax <= %d and 0 <= ymin <= ymax <= %d, got %d %d %d %d", last_f, last_s,
             roi[0], roi[1], roi[2], roi[3]);
    x->oversample = given_whole(g, "-oversample");
    x->oversample_thick = given(g, "-oversample_thick") != NULL;
    x->oversample_polar = given(g, "-oversample_polar") != NULL;
    x->oversample_omega = given(g, "-oversample_omega") != NULL;
    x->dmin = given_number(g, "-dmin", 0.0, 1.0) * ANGSTROM;
}

/* Says so where the beam is smaller than the crystal. */
static void warn_clipped(const Given *g, const Experiment *x) {
    const double beamsize = given_number(g, "-beamsize", 0.1 / MM, MM);
    const vec *direct[3] = {&x->direct.a, &x->direct.b, &x->direct.c};
    for (int i = 1; i < 3 && given_number(g, "-flux", 0.0, 1.0) != 0.0; i++) {
        const double size = norm(scale(*direct[i], ANGSTROM)) * x->cells[i];
        if (clip_to_beam(size, beamsize) < size)
            fprintf(stderr, "warning: sample %c size %g mm clipped to beamsize %g mm\n", "xyz"[i], size * MM,
                    beamsize * MM);
    }
}

/* Spindle angles. */
static void read_goniometer(const Given *g, Experiment *x) {
    const Steps phi = {given_get(g, "-osc", 1.0), given_get(g, "-phistep", 1.0), given_whole(g, "-phisteps")};
    x->phi = phi_steps(phi);
    x->phi.range /= DEGREES;
    x->phi.step /= DEGREES;
    x->phi0 = given_number(g, "-phi", 0.0, 1.0) / DEGREES;
}

static void free_given(Given *g, CommandLine *line) {
    for (size_t i = 0; i < g->room; i++) free((char *)(uintptr_t)g->flags[i].typed);
    free(g->flags);
    free(line->list);
}

Experiment parse_command(int argc, char **argv, Task *task) {
    CommandLine line = parse(argc, argv);
    Given g = given_start(line.count);
    Experiment x = {0};
    SmvFile mask = {0}, image = {0};
    const bool masked = take_file(&g, &line, "-mask", &mask);
    take_file(&g, &line, "-img", &image);
    for (size_t i = 0; i < line.count; i++) take(&g, line.list + i);
    read_quirks(&g, x.quirks);
    x.detector.convention = g.convention;
    x.detector.frame = read_frame(&g);
    read_crystal(&g, &x);
    read_reflections(&g, &x);
    read_beam(&g, &x);
    check_tables(&g);
    read_detector(&g, &x.detector);
    if (masked) x.mask = smv_pixels(&mask, x.detector.pixels_s, x.detector.pixels_f);
    read_sampling(&g, &x);
    warn_clipped(&g, &x);
    *task = read_task(&g, &x.detector);
    x.threads = given_whole(&g, "--threads");
    x.progress = g.progress;
    read_goniometer(&g, &x);
    if (given(&g, "-hkl") != NULL && !task->trace_only) {
        const char *cache = given_text(&g, "-dump", CACHE);
        check_writable("-dump", cache);
        write_cache(&x.reflections, cache);
    }
    free(mask.bytes), free(image.bytes);
    free_given(&g, &line);
    return x;
}
