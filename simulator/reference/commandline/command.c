/* command.c: from a nanoBragg command line to an experiment. Twin: simulator/commandline/command.py.
 * Flags are checked first, then files are read (mask, image, matrix, reflections, sources), then what they say
 * together is checked. Nothing is written. */
#include "../engine.h"

#include <stdlib.h>
#include <string.h>


/* Takes the header of the last file a flag names; whether there is one. */
static bool take_file(Options *o, const CommandLine *line, const char *flag, SmvFile *smv) {
    const char *path = NULL;
    for (size_t i = 0; i < line->count; i++)
        if (is_row(line->list + i, flag)) path = line->list[i].value[0].text;
    if (path == NULL) return false;
    *smv = read_header(flag, path);
    take_header(o, smv, strcmp(flag, "-mask") == 0);
    return true;
}

static void read_quirks(const Options *o, bool quirks[QUIRKS]) {
    quirks_mode(quirks, strcmp(option_text(o, "--mode", "c-parity"), "c-parity") == 0);
    quirks_adjust(quirks, option_text(o, "--quirks", NULL));
}

/* Pixels to render and subpixels. */
static void read_sampling(const Options *o, Experiment *x) {
    const int last_f = x->detector.pixels_f - 1, last_s = x->detector.pixels_s - 1;
    const Setting *s = option(o, "-roi");
    const int all[4] = {0, last_f, 0, last_s};
    for (int i = 0; i < 4; i++) x->roi[i] = s ? (int)s->value[i].number : all[i];
    const int *roi = x->roi;
    if (!(0 <= roi[0] && roi[0] <= roi[1] && roi[1] <= last_f && 0 <= roi[2] && roi[2] <= roi[3] && roi[3] <= last_s))
        fail("-roi: expected 0 <= xmin <= xmax <= %d and 0 <= ymin <= ymax <= %d, got %d %d %d %d", last_f, last_s,
             roi[0], roi[1], roi[2], roi[3]);
    const int oversample = option_most(o, "-oversample", MOST_SUBPIXELS);
    x->oversample = oversample > 0 ? oversample : 0;
    x->oversample_thick = option(o, "-oversample_thick") != NULL;
    x->oversample_polar = option(o, "-oversample_polar") != NULL;
    x->oversample_omega = option(o, "-oversample_omega") != NULL;
    x->dmin = option_number(o, "-dmin", 0.0, 1.0) * ANGSTROM;
}

/* Says so where the beam is smaller than the size given for the sample. */
static void warn_clipped(const Options *o) {
    const double beamsize = option_number(o, "-beamsize", DEFAULT_BEAMSIZE, MM);
    const char *const flags[] = {"-xtal_width", "-xtal_height"};
    for (int i = 0; i < 2; i++) {
        const double size = option_get(o, flags[i], MM);
        if (clip_to_beam(size, beamsize) < size)
            fprintf(stderr, "warning: sample %c size %g mm clipped to beamsize %g mm\n", "yz"[i], size * MM,
                    beamsize * MM);
    }
}

/* Says so for each flag that is taken and used by nothing. */
static void warn_no_effect(const Options *o) {
    const char *const flags[] = {"-density", "-MW", "-coherent"};
    for (int i = 0; i < 3; i++)
        if (option(o, flags[i]) != NULL) fprintf(stderr, "warning: %s has no effect\n", flags[i]);
}

/* Spindle angles. */
static void read_goniometer(const Options *o, Experiment *x) {
    option_whole(o, "-phisteps");
    x->phi = phi_steps(option_get(o, "-osc", 1.0), option_get(o, "-phistep", 1.0), option_get(o, "-phisteps", 1.0));
    x->phi.range /= DEGREES;
    x->phi.step /= DEGREES;
    x->phi0 = option_number(o, "-phi", 0.0, 1.0) / DEGREES;
}

static void free_options(Options *o, CommandLine *line) {
    for (size_t i = 0; i < o->room; i++) free((char *)(uintptr_t)o->flags[i].typed);
    free(o->flags);
    free(line->list);
}

Experiment parse_command(int argc, char **argv, Task *task) {
    CommandLine line = parse_flags(argc, argv);
    Options o = options_start(line.count);
    Experiment x = {0};
    SmvFile mask = {0}, image = {0};
    const bool masked = take_file(&o, &line, "-mask", &mask);
    take_file(&o, &line, "-img", &image);
    for (size_t i = 0; i < line.count; i++) take(&o, line.list + i);
    read_quirks(&o, x.quirks);
    x.cancels = strcmp(option_text(&o, "--mode", "c-parity"), "c-parity") == 0;
    x.detector.convention = o.convention;
    x.detector.frame = read_frame(&o);
    read_crystal(&o, &x);
    read_reflections(&o, &x);
    read_beam(&o, &x);
    check_tables(&o);
    read_detector(&o, &x.detector);
    if (masked) x.mask = read_pixels(&mask, x.detector.pixels_s, x.detector.pixels_f);
    read_sampling(&o, &x);
    *task = read_task(&o, &x.detector);
    x.threads = option_most(&o, "--threads", MOST_THREADS);
    x.progress = o.progress;
    read_goniometer(&o, &x);
    if (option(&o, "-hkl") != NULL && !task->trace_only) {
        task->cache = option_text(&o, "-dump", CACHE_FILE);
        check_writable("-dump", task->cache);
    }
    check_clashes(&o, &x, task);
    warn_clipped(&o); /* once nothing can be refused any more: a mistake is one line */
    warn_no_effect(&o);
    free(mask.bytes), free(image.bytes);
    free_options(&o, &line);
    return x;
}
