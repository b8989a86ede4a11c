/* command_beam.c: the beam, from the command line. Twin: simulator/commandline/command_beam.py. */
#include "../engine.h"

#include <stdlib.h>

#define SOURCE_DISTANCE 10.0 /* m */
#define DEFAULT_FLUENCE 125932015286227086360700780544.0 /* photons/m^2: makes r_e^2 fluence = 1 */

static Steps read_divergence(const Given *g, const char *range, const char *step, const char *steps) {
    return range_steps((Steps){given_get(g, range, MM), given_get(g, step, MM), given_whole(g, steps)});
}

/* Spectrum, divergence, polarization, fluence. */
void read_beam(const Given *g, Experiment *x) {
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
    x->nopolar = g->polarized == 0;
    x->kahn = given_number(g, "-polar", 0.0, 1.0);
    x->spread.dispersion = range_steps((Steps){given_number(g, "-dispersion", 0.0, 100.0), UNSET,
                                               given_whole(g, "-dispsteps")});
    x->spread.trimmed = g->round_div != 0;
    x->water = given_number(g, "-water", 0.0, MICRONS);
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

void check_tables(const Given *g) {
    const char *const flags[] = {"-stol", "-4stol", "-Q"};
    for (int i = 0; i < 3; i++)
        if (given(g, flags[i]) != NULL) check_table(flags[i], given_text(g, flags[i], ""));
}
