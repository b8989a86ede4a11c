/* task.c: what a command line asks for beside the experiment: files, traces. Twin: simulator/commandline/task.py. */
#include "../engine.h"

#include <string.h>

/* Ends the run for a pixel off the detector. */
static void check_pixel(const char *flag, const char *name0, const char *name1, const int pixel[2], int limit0,
                        int limit1) {
    const bool inside = pixel[0] >= 0 && pixel[0] < limit0 && pixel[1] >= 0 && pixel[1] < limit1;
    if (!inside)
        fail("%s: expected 0 <= %s <= %d and 0 <= %s <= %d, got %d %d", flag, name0, limit0 - 1, name1, limit1 - 1,
             pixel[0], pixel[1]);
}

/* Name of a file to write, checked; NULL if it is not wanted. */
static const char *wanted(const Options *o, const char *flag, const char *off, const char *fallback) {
    if (option(o, "--trace-only") != NULL || (off != NULL && option(o, off) != NULL)) return NULL;
    const char *name = option_text(o, flag, fallback);
    check_writable(flag, name);
    return name;
}

/* First and last row to render: all without --band. */
static void read_band(const Options *o, const Detector *d, int band[2]) {
    const Setting *rows = option(o, "--band");
    band[0] = 0, band[1] = d->pixels_s - 1;
    if (rows == NULL) return;
    for (int i = 0; i < 2; i++) band[i] = (int)rows->value[i].number;
    if (!(0 <= band[0] && band[0] <= band[1] && band[1] < d->pixels_s))
        fail("--band: expected 0 <= first <= last <= %d, got %d %d", d->pixels_s - 1, band[0], band[1]);
}

/* Which domains or sources to add up: all without --part. */
static Part read_part(const Options *o) {
    const Setting *part = option(o, "--part");
    if (part == NULL) return (Part){EVERYTHING, 0, 0};
    const bool domains = strcmp(part->value[0].text, "domains") == 0;
    return (Part){domains ? DOMAINS : SOURCES, (int)part->value[1].number, (int)part->value[2].number};
}

/* The image of --photons; NULL without. */
static float *read_photons(const Options *o, const Detector *d) {
    const char *name = option_text(o, "--photons", NULL);
    if (name == NULL) return NULL;
    const size_t expected = (size_t)d->pixels_s * (size_t)d->pixels_f * sizeof(float);
    size_t length = 0;
    char *bytes = read_bytes("--photons", name, &length);
    if (length != expected) fail("--photons %s: expected %zu bytes, got %zu", name, expected, length);
    return (float *)(void *)bytes;
}

/* Ends the run for domains or sources that are not there, and where terms do not add up. */
void check_part(const Scene *scene, const Part *part) {
    const Experiment *x = scene->x;
    const int count = part->of == DOMAINS ? x->domains : (int)x->sources.count;
    if (part->of == EVERYTHING) return;
    if (!(0 <= part->first && part->first <= part->last && part->last < count))
        fail("--part: expected 0 <= first <= last <= %d, got %d %d", count - 1, part->first, part->last);
    if (x->quirks[RUNNING_SUM] && (x->oversample_thick || x->oversample_polar || x->oversample_omega))
        fail("--part: expected a sum of terms, got factors that multiply all of it: quirk running-sum");
}

/* Ends the run for flags that leave another one nothing to do. */
static void check_beside(const Options *o) {
    const char *const others[] = {"--band", "--part"};
    for (int i = 0; i < 2; i++)
        if (option(o, "--photons") != NULL && option(o, others[i]) != NULL)
            fail("--photons: expected no %s beside it, got both", others[i]);
}

Task read_task(const Options *o, const Detector *d) {
    Task task = {.traces = (const int(*)[2])o->traces, .trace_count = o->trace_count};
    for (size_t i = 0; i < o->trace_count; i++)
        check_pixel("-trace_pixel", "slow", "fast", o->traces[i], d->pixels_s, d->pixels_f);
    const Setting *pixel = option(o, "-printout_pixel");
    task.printout_one = pixel != NULL;
    if (pixel != NULL) {
        task.printout_pixel[0] = (int)pixel->value[0].number;
        task.printout_pixel[1] = (int)pixel->value[1].number;
        check_pixel("-printout_pixel", "fast", "slow", task.printout_pixel, d->pixels_f, d->pixels_s);
    }
    check_beside(o);
    read_band(o, d, task.band);
    task.part = read_part(o);
    task.photons = read_photons(o, d);
    task.trace_only = option(o, "--trace-only") != NULL;
    task.trace_blocks = option(o, "--trace-blocks") != NULL;
    task.float_file = wanted(o, "-floatfile", NULL, "floatimage.bin");
    task.int_file = wanted(o, "-intfile", NULL, "intimage.img");
    task.pgm_file = wanted(o, "-pgmfile", "-nopgm", "image.pgm");
    task.noise_file = wanted(o, "-noisefile", "-nonoise", "noiseimage.img");
    task.printout = option(o, "-printout") != NULL;
    task.scale = option_get(o, "-scale", 1.0);
    task.adc = option_number(o, "-adc", 40.0, 1.0);
    task.pgm_scale = option_get(o, "-pgmscale", 1.0);
    task.seed = (int)option_number(o, "-seed", DEFAULT_SEED, 1.0);
    return task;
}
