/* grammar.c: the command line: one table of flags, one parser, one wording for mistakes.
 * Twin: simulator/grammar.py holds the same rows in the same order (and a few that only that engine takes).
 * Flags are whole words. values: name:kind for each; the kinds are those of tokens.c. */
#include "engine.h"

#include <string.h>

/* spellings, values, help, fewest values (-1: all) */
static const Flag FLAGS[] = {
    {"-mat", "FILE:file", "MOSFLM A matrix: rows x,y,z of the columns a*, b*, c*, times wavelength", -1},
    {"-cell", "a:pos b:pos c:pos al:pos be:pos ga:pos", "unit cell, A and deg", 1},
    {"-misset", "x:num|random y:num z:num", "misorientation, deg, or random", 3},
    {"-misset_seed", "n:int", "seed of -misset random", -1},
    {"-hkl", "FILE:file", "reflections, lines h k l F", -1},
    {"-default_F", "F:num", "structure factor where no reflection is given", -1},
    {"-dump", "FILE:file", "binary reflection cache", -1},
    {"-Na", "n:int", "unit cells along a", -1},
    {"-Nb", "n:int", "unit cells along b", -1},
    {"-Nc", "n:int", "unit cells along c", -1},
    {"-N", "n:int", "unit cells along a, b and c", -1},
    {"-xtalsize -samplesize", "mm:pos", "crystal size", -1},
    {"-xtal_thick -xtal_x -sample_thick -sample_x", "mm:pos", "crystal size along a", -1},
    {"-xtal_width -xtal_y -sample_width -sample_y -width", "mm:pos", "crystal size along b", -1},
    {"-xtal_height -xtal_z -sample_height -sample_z -height", "mm:pos", "crystal size along c", -1},
    {"-square_xtal", "", "parallelepiped crystal: grating function per axis", -1},
    {"-round_xtal", "", "ellipsoidal crystal", -1},
    {"-gauss_xtal", "", "Gaussian spots", -1},
    {"-tophat_spots -binary_spots", "", "top-hat spots", -1},
    {"-fudge", "f:pos", "factor on the shape transform's argument", -1},
    {"-mosaic -mosaici -mosaic_spread", "deg:nonneg", "mosaic spread", -1},
    {"-mosaic_dom -mosaic_domains", "n:count", "mosaic domains", -1},
    {"-mosaic_seed", "n:int", "seed of the mosaic domains", -1},
    {"-phi", "deg:num", "spindle angle at the start", -1},
    {"-osc", "deg:num", "oscillation range; negative: not given", -1},
    {"-phistep", "deg:num", "spindle step", -1},
    {"-phisteps", "n:count", "spindle steps", -1},
    {"-spindle_axis", "x:num y:num z:num", "spindle direction; custom convention", -1},
    {"-lambda -wave", "A:pos", "wavelength", -1},
    {"-energy", "eV:pos", "photon energy", -1},
    {"-dispersion", "percent:nonneg", "spectral range", -1},
    {"-dispsteps", "n:count", "wavelengths in the spectral range", -1},
    {"-divergence", "mrad:nonneg", "divergence range, both directions", -1},
    {"-hdivrange", "mrad:nonneg", "horizontal divergence range", -1},
    {"-vdivrange", "mrad:nonneg", "vertical divergence range", -1},
    {"-hdivstep", "mrad:nonneg", "horizontal divergence step", -1},
    {"-vdivstep", "mrad:nonneg", "vertical divergence step", -1},
    {"-hdivsteps", "n:count", "horizontal divergence steps", -1},
    {"-vdivsteps", "n:count", "vertical divergence steps", -1},
    {"-divsteps", "n:count", "divergence steps, both directions", -1},
    {"-round_div", "", "trim the divergence grid to an ellipse", -1},
    {"-square_div", "", "keep the whole divergence grid", -1},
    {"-sourcefile", "FILE:file", "sources: rows X Y Z weight wavelength, metres", -1},
    {"-fluence", "photons/m^2:nonneg", "incident fluence", -1},
    {"-flux", "photons/s:nonneg", "flux, with -exposure and -beamsize", -1},
    {"-exposure", "s:nonneg", "exposure time", -1},
    {"-beamsize", "mm:pos", "beam size", -1},
    {"-polar", "K:num", "Kahn polarization factor", -1},
    {"-nopolar", "", "no polarization correction", -1},
    {"-polar_vector", "x:num y:num z:num", "polarization normal; custom convention", -1},
    {"-distance", "mm:pos", "distance along the beam; pivot beam", -1},
    {"-close_distance", "mm:pos", "distance along the detector normal; pivot sample", -1},
    {"-pixel", "mm:pos", "pixel size", -1},
    {"-detpixels", "n:count", "pixels along fast and slow", -1},
    {"-detpixels_f -detpixels_x", "n:count", "pixels along fast", -1},
    {"-detpixels_s -detpixels_y", "n:count", "pixels along slow", -1},
    {"-detsize", "mm:pos", "detector side, fast and slow", -1},
    {"-detsize_f", "mm:pos", "detector side, fast", -1},
    {"-detsize_s", "mm:pos", "detector side, slow", -1},
    {"-Xbeam", "mm:num", "beam centre X; pivot beam", -1},
    {"-Ybeam", "mm:num", "beam centre Y; pivot beam", -1},
    {"-Xclose", "mm:num", "X of the point nearest the sample; pivot sample", -1},
    {"-Yclose", "mm:num", "Y of the point nearest the sample; pivot sample", -1},
    {"-ORGX", "pixels:num", "XDS origin, fast; pivot sample", -1},
    {"-ORGY", "pixels:num", "XDS origin, slow; pivot sample", -1},
    {"-pivot", "where:beam|sample", "what detector rotations keep in place", -1},
    {"-detector_rotx", "deg:num", "detector rotation about lab X", -1},
    {"-detector_roty", "deg:num", "detector rotation about lab Y", -1},
    {"-detector_rotz", "deg:num", "detector rotation about lab Z", -1},
    {"-twotheta", "deg:num", "detector swing; pivot sample", -1},
    {"-twotheta_axis", "x:num y:num z:num", "axis of the swing; custom convention", -1},
    {"-mosflm", "", "MOSFLM convention", -1},
    {"-xds", "", "XDS convention", -1},
    {"-adxv", "", "ADXV convention", -1},
    {"-denzo", "", "DENZO convention", -1},
    {"-dials", "", "DIALS convention", -1},
    {"-fdet_vector", "x:num y:num z:num", "fast direction; custom convention", -1},
    {"-sdet_vector", "x:num y:num z:num", "slow direction; custom convention", -1},
    {"-odet_vector", "x:num y:num z:num", "detector normal; custom convention", -1},
    {"-beam_vector", "x:num y:num z:num", "beam direction; custom convention", -1},
    {"-pix0_vector", "x:num y:num z:num", "corner of the first pixel, m; custom convention", -1},
    {"-pix0_vector_mm", "x:num y:num z:num", "corner of the first pixel, mm; custom convention", -1},
    {"-detector_abs", "um:nonneg|inf", "attenuation depth of the sensor; inf or 0: no absorption", -1},
    {"-detector_thick", "um:nonneg", "sensor thickness", -1},
    {"-thicksteps -detector_thicksteps", "n:count", "sensor layers", -1},
    {"-curved_det", "", "every pixel at the same distance", -1},
    {"-point_pixel", "", "solid angle 1/R^2", -1},
    {"-oversample", "n:count", "subpixels per pixel side", -1},
    {"-oversample_thick", "", "capture fraction for every subpixel", -1},
    {"-oversample_polar", "", "polarization for every subpixel", -1},
    {"-oversample_omega", "", "solid angle for every subpixel", -1},
    {"-roi", "xmin:int xmax:int ymin:int ymax:int", "pixels to render, inclusive; x is fast", -1},
    {"-dmin", "A:nonneg", "resolution limit", -1},
    {"-water", "um:nonneg", "water background of this thickness", -1},
    {"-interpolate", "", "tricubic interpolation of structure factors", -1},
    {"-nointerpolate", "", "nearest structure factor", -1},
    {"-img", "FILE:file", "SMV image whose header sets the geometry", -1},
    {"-mask", "FILE:file", "SMV mask: zero pixels are skipped; its header sets the geometry", -1},
    {"-floatfile -floatimage", "FILE:file", "float image to write", -1},
    {"-intfile -intimage", "FILE:file", "SMV image to write", -1},
    {"-scale", "factor:pos", "photons to SMV counts", -1},
    {"-adc", "counts:num", "SMV offset", -1},
    {"-pgmfile -pgmimage", "FILE:file", "PGM image to write", -1},
    {"-pgmscale", "factor:pos", "photons to PGM grey", -1},
    {"-nopgm", "", "write no PGM image", -1},
    {"-noisefile -noiseimage", "FILE:file", "noisy SMV image to write", -1},
    {"-nonoise", "", "write no noisy image", -1},
    {"-seed", "n:int", "seed of the noise", -1},
    {"-stol", "FILE:file", "sin(theta)/lambda and F of an amorphous material: checked, no effect", -1},
    {"-4stol", "FILE:file", "as -stol, 4 sin(theta)/lambda", -1},
    {"-Q", "FILE:file", "as -stol, 4 pi sin(theta)/lambda", -1},
    {"-stolout", "FILE:file", "accepted, no effect", -1},
    {"-printout", "", "print every pixel's numbers", -1},
    {"-printout_pixel", "fast:int slow:int", "print one pixel's numbers", -1},
    {"-trace_pixel", "slow:int fast:int", "trace one pixel; may be repeated", -1},
    {"-progress", "", "show progress", -1},
    {"-noprogress", "", "show no progress", -1},
    {"--mode", "name:c-parity|spec", "nanoBragg as it is, or as it was meant", -1},
    {"--quirks", "list:quirks", "switch single quirks: +name,-name", -1},
    {"--threads", "n:count", "threads", -1},
    {"--trace-only", "", "trace, write no image", -1},
    {"-help --help -h", "", "this list", -1},
};
#define FLAG_COUNT (sizeof FLAGS / sizeof FLAGS[0])

static const Flag *find_flag(const char *token) {
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (*token && in_list(FLAGS[i].names, ' ', token, strlen(token))) return FLAGS + i;
    return NULL;
}

static bool is_flag(const char *token) { return *token == '-' && !number_shaped(token); }

static bool kind_is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

/* Splits the next "name:kind" off a list; returns the rest. */
static const char *next_value(const char *list, char name[32], char kind[32]) {
    size_t n = strcspn(list, ":");
    sprintf(name, "%.*s", (int)n, list);
    list += n + 1;
    n = strcspn(list, " ");
    sprintf(kind, "%.*s", (int)n, list);
    return list + n + (list[n] == ' ');
}

static int count_values(const char *list) {
    int count = *list != '\0';
    for (; *list; list++) count += *list == ' ';
    return count;
}

/* Reads the values of one flag from the tokens after it; returns how many there were. */
static int take_values(Setting *setting, int argc, char **argv) {
    const char *list = setting->flag->values;
    const int all = count_values(list), least = setting->flag->least < 0 ? all : setting->flag->least;
    char name[32], kind[32];
    for (int i = 0; i < all; i++) {
        list = next_value(list, name, kind);
        const bool absent = i >= argc || (is_flag(argv[i]) && !kind_is(kind, "quirks"));
        if (absent && i >= least) return i;
        const char *gap = all > 1 ? " " : "", *part = all > 1 ? name : "";
        if (i >= argc) fail("%s%s%s: expected %s, got nothing", setting->typed, gap, part, expected(kind));
        if (!convert(kind, argv[i], &setting->value[i]))
            fail("%s%s%s: expected %s, got %s", setting->typed, gap, part, expected(kind),
                 quoted(argv[i], strlen(argv[i])));
        if (strcmp(argv[i], "random") == 0 && kind_is(kind, "num|random")) return i + 1;
    }
    return all;
}

/* Every flag given, in order, with its values converted. */
CommandLine parse(int argc, char **argv) {
    CommandLine line = {allocate((size_t)argc + 1, sizeof(Setting), "the command line"), 0};
    for (int i = 1; i < argc;) {
        Setting *setting = line.list + line.count++;
        setting->flag = find_flag(argv[i]);
        setting->typed = argv[i];
        if (setting->flag == NULL)
            fail("command line: expected a flag, got %s", quoted(argv[i], strlen(argv[i])));
        setting->count = take_values(setting, argc - i - 1, argv + i + 1);
        i += 1 + setting->count;
    }
    return line;
}

/* Whether a setting belongs to the row with this first spelling. */
bool is_row(const Setting *setting, const char *first_name) {
    const size_t length = strcspn(setting->flag->names, " ");
    return strlen(first_name) == length && strncmp(setting->flag->names, first_name, length) == 0;
}

/* One line a flag: spellings, value names, meaning. */
void help_text(FILE *out) {
    char name[32], kind[32], left[128];
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        int n = sprintf(left, "%s", FLAGS[i].names);
        for (const char *list = FLAGS[i].values; *list;) {
            list = next_value(list, name, kind);
            n += sprintf(left + n, " %s", name);
        }
        fprintf(out, "  %-46s %s\n", left, FLAGS[i].help);
    }
}
