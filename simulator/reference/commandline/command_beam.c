/* command_beam.c: the beam, from the command line. Twin: simulator/commandline/command_beam.py. */
#include "../engine.h"

#include <stdlib.h>

static Steps read_divergence(const Options *o, const char *range, const char *step, const char *steps) {
    return range_steps((Steps){option_get(o, range, MRAD), option_get(o, step, MRAD), option_whole(o, steps)});
}

/* Spectrum, divergence, polarization, fluence. */
void read_beam(const Options *o, Experiment *x) {
    const double beamsize = option_number(o, "-beamsize", DEFAULT_BEAMSIZE, MM), flux = option_number(o, "-flux", 0.0, 1.0);
    const double exposure = option_number(o, "-exposure", 1.0, 1.0);
    x->fluence = option_number(o, "-fluence", DEFAULT_FLUENCE, 1.0);
    if (flux != 0.0 && exposure > 0.0) x->fluence = fluence_from_flux(flux, exposure, beamsize);
    x->spread.lambda = o->wavelength * ANGSTROM;
    x->spread.horizontal = read_divergence(o, "-hdivrange", "-hdivstep", "-hdivsteps");
    x->spread.vertical = read_divergence(o, "-vdivrange", "-vdivstep", "-vdivsteps");
    const char *path = option_text(o, "-sourcefile", NULL);
    if (path != NULL)
        x->sources = read_sources(path, scale(unit(x->detector.frame.beam), -SOURCE_DISTANCE), x->spread.lambda);
    x->nopolar = o->polarized == 0;
    x->kahn = option_number(o, "-polar", 0.0, 1.0);
    x->spread.dispersion = range_steps((Steps){option_number(o, "-dispersion", 0.0, PERCENT), UNSET,
                                               option_whole(o, "-dispsteps")});
    x->spread.trimmed = o->round_div != 0;
    x->water = option_number(o, "-water", 0.0, MICRONS);
}

/* Amorphous-scattering tables have no effect, but a broken one is a mistake all the same. */
static void check_table(const char *flag, const char *path) {
    size_t length, size = 0;
    char *bytes = read_bytes(flag, path, &length);
    for (Line line = {.next = bytes}; next_line(&line, bytes + length);) {
        int good = 0, tokens = 0;
        const char *p = line.start;
        for (; tokens < 2 && (p = next_token(p, line.content, &size)) != NULL; p += size, tokens++) {
            double value;
            good += token_number(p, size, &value);
        }
        if (tokens > 0 && good < 2)
            fail("%s %s line %d: expected 'stol F', got %s", flag, path, line.number, quoted_line(&line));
    }
    free(bytes);
}

void check_tables(const Options *o) {
    const char *const flags[] = {"-stol", "-4stol", "-Q"};
    for (int i = 0; i < 3; i++)
        if (option(o, flags[i]) != NULL) check_table(flags[i], option_text(o, flags[i], ""));
}
