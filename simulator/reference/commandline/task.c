/* task.c: what a command line asks for beside the experiment: files, traces. Twin: simulator/commandline/task.py. */
#include "../engine.h"

/* Ends the run for a pixel off the detector. */
static void check_pixel(const char *flag, const char *name0, const char *name1, const int pixel[2], int limit0,
                        int limit1) {
    const bool inside = pixel[0] >= 0 && pixel[0] < limit0 && pixel[1] >= 0 && pixel[1] < limit1;
    if (!inside)
        fail("%s: expected 0 <= %s <= %d and 0 <= %s <= %d, got %d %d", flag, name0, limit0 - 1, name1, limit1 - 1,
             pixel[0], pixel[1]);
}

/* Name of a file to write, checked; NULL if it is not wanted. */
static const char *wanted(const Given *g, const char *flag, const char *off, const char *fallback) {
    if (given(g, "--trace-only") != NULL || (off != NULL && given(g, off) != NULL)) return NULL;
    const char *name = given_text(g, flag, fallback);
    check_writable(flag, name);
    return name;
}

Task read_task(const Given *g, const Detector *d) {
    Task task = {.traces = (const int(*)[2])g->traces, .trace_count = g->trace_count};
    for (size_t i = 0; i < g->trace_count; i++)
        check_pixel("-trace_pixel", "slow", "fast", g->traces[i], d->pixels_s, d->pixels_f);
    const Setting *pixel = given(g, "-printout_pixel");
    task.printout_one = pixel != NULL;
    if (pixel != NULL) {
        task.printout_pixel[0] = (int)pixel->value[0].number;
        task.printout_pixel[1] = (int)pixel->value[1].number;
        check_pixel("-printout_pixel", "fast", "slow", task.printout_pixel, d->pixels_f, d->pixels_s);
    }
    task.trace_only = given(g, "--trace-only") != NULL;
    task.trace_blocks = given(g, "--trace-blocks") != NULL;
    task.float_file = wanted(g, "-floatfile", NULL, "floatimage.bin");
    task.int_file = wanted(g, "-intfile", NULL, "intimage.img");
    task.pgm_file = wanted(g, "-pgmfile", "-nopgm", "image.pgm");
    task.noise_file = wanted(g, "-noisefile", "-nonoise", "noiseimage.img");
    task.printout = given(g, "-printout") != NULL;
    task.scale = given_get(g, "-scale", 1.0);
    task.adc = given_number(g, "-adc", 40.0, 1.0);
    task.pgm_scale = given_get(g, "-pgmscale", 1.0);
    task.seed = (int)given_number(g, "-seed", 12345678.0, 1.0);
    return task;
}
