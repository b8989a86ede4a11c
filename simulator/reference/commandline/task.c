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
static const char *wanted(const Options *o, const char *flag, const char *off, const char *fallback) {
    if (option(o, "--trace-only") != NULL || (off != NULL && option(o, off) != NULL)) return NULL;
    const char *name = option_text(o, flag, fallback);
    check_writable(flag, name);
    return name;
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
