/* command.c: from a nanoBragg command line to an experiment. Twin: simulator/commandline/command.py.
 * Flags are checked first, then files are read (mask, image, matrix, reflections, sources), then what they say
 * together is checked. Nothing is written. */
#include "../engine.h"

#include <stdlib.h>
#include <string.h>


/* Takes the header of the last file a flag names; whether there is one. */
static bool take_file(Given *g, const CommandLine *line, const char *flag, SmvFile *smv) {
    const char *path = NULL;
    for (size_t i = 0; i < line->count; i++)
        if (is_row(line->list + i, flag)) path = line->list[i].value[0].text;
    if (path == NULL) return false;
    *smv = read_header(flag, path);
    take_header(g, smv, strcmp(flag, "-mask") == 0);
    return true;
}

static void read_quirks(const Given *g, bool quirks[QUIRKS]) {
    quirks_mode(quirks, strcmp(given_text(g, "--mode", "c-parity"), "c-parity") == 0);
    quirks_adjust(quirks, given_text(g, "--quirks", NULL));
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
    const int oversample = given_whole(g, "-oversample");
    x->oversample = oversample > 0 ? oversample : 0;
    x->oversample_thick = given(g, "-oversample_thick") != NULL;
    x->oversample_polar = given(g, "-oversample_polar") != NULL;
    x->oversample_omega = given(g, "-oversample_omega") != NULL;
    x->dmin = given_number(g, "-dmin", 0.0, 1.0) * ANGSTROM;
}

/* Says so where the beam is smaller than the size given for the sample. */
static void warn_clipped(const Given *g) {
    const double beamsize = given_number(g, "-beamsize", 0.1 / MM, MM);
    const char *const flags[] = {"-xtal_width", "-xtal_height"};
    for (int i = 0; i < 2; i++) {
        const double size = given_get(g, flags[i], MM);
        if (clip_to_beam(size, beamsize) < size)
            fprintf(stderr, "warning: sample %c size %g mm clipped to beamsize %g mm\n", "yz"[i], size * MM,
                    beamsize * MM);
    }
}

/* Says so for each flag that is taken and used by nothing. */
static void warn_no_effect(const Given *g) {
    const char *const flags[] = {"-density", "-MW", "-coherent"};
    for (int i = 0; i < 3; i++)
        if (given(g, flags[i]) != NULL) fprintf(stderr, "warning: %s has no effect\n", flags[i]);
}

/* Spindle angles. */
static void read_goniometer(const Given *g, Experiment *x) {
    given_whole(g, "-phisteps");
    x->phi = phi_steps(given_get(g, "-osc", 1.0), given_get(g, "-phistep", 1.0), given_get(g, "-phisteps", 1.0));
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
    CommandLine line = parse_flags(argc, argv);
    Given g = given_start(line.count);
    Experiment x = {0};
    SmvFile mask = {0}, image = {0};
    const bool masked = take_file(&g, &line, "-mask", &mask);
    take_file(&g, &line, "-img", &image);
    for (size_t i = 0; i < line.count; i++) take(&g, line.list + i);
    read_quirks(&g, x.quirks);
    x.cancels = strcmp(given_text(&g, "--mode", "c-parity"), "c-parity") == 0;
    x.detector.convention = g.convention;
    x.detector.frame = read_frame(&g);
    read_crystal(&g, &x);
    read_reflections(&g, &x);
    read_beam(&g, &x);
    check_tables(&g);
    read_detector(&g, &x.detector);
    if (masked) x.mask = read_pixels(&mask, x.detector.pixels_s, x.detector.pixels_f);
    read_sampling(&g, &x);
    warn_clipped(&g);
    warn_no_effect(&g);
    *task = read_task(&g, &x.detector);
    x.threads = given_whole(&g, "--threads");
    x.progress = g.progress;
    read_goniometer(&g, &x);
    if (given(&g, "-hkl") != NULL && !task->trace_only) {
        task->cache = given_text(&g, "-dump", CACHE_FILE);
        check_writable("-dump", task->cache);
    }
    free(mask.bytes), free(image.bytes);
    free_given(&g, &line);
    return x;
}
