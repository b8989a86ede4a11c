/* options.c: a command line folded into what it says: the last flag stands, headers come before all flags.
 * Twin: simulator/commandline/options.py. */
#include "../engine.h"

#include <string.h>

#define MANY 10000000  /* more than this is a slip of the keyboard */

static const struct { const char *flag; int vector; } CUSTOM_FLAGS[] = {
    {"-beam_vector", V_BEAM}, {"-fdet_vector", V_FAST}, {"-sdet_vector", V_SLOW}, {"-odet_vector", V_NORMAL},
    {"-twotheta_axis", V_TWOTHETA_AXIS}, {"-polar_vector", V_POLAR}, {"-spindle_axis", V_SPINDLE},
    {"-pix0_vector", V_PIX0}, {"-pix0_vector_mm", V_PIX0}};
/* flags that stand for several others */
static const struct { const char *flag, *others; } SEVERAL[] = {
    {"-N", "-Na -Nb -Nc"}, {"-xtalsize", "-xtal_thick -xtal_width -xtal_height"},
    {"-divergence", "-hdivrange -vdivrange"}, {"-divsteps", "-hdivsteps -vdivsteps"},
    {"-detpixels", "-detpixels_f -detpixels_s"}, {"-detsize", "-detsize_f -detsize_s"}};
static const char BEAM_PIVOT[] = "-distance -Xbeam -Ybeam -mosflm -adxv -denzo -dials";
static const char SAMPLE_PIVOT[] = "-close_distance -Xclose -Yclose -ORGX -ORGY -twotheta -xds";
/* header key, flag it speaks for, kind */
static const char *const HEADER_KEYS[][3] = {
    {"SIZE1", "-detpixels_f", "count"}, {"SIZE2", "-detpixels_s", "count"}, {"PIXEL_SIZE", "-pixel", "pos"},
    {"DISTANCE", "-distance", "pos"}, {"CLOSE_DISTANCE", "-close_distance", "pos"}, {"WAVELENGTH", "-lambda", "pos"},
    {"BEAM_CENTER_X", "-Xbeam", "num"}, {"BEAM_CENTER_Y", "-Ybeam", "num"}, {"ORGX", "-ORGX", "num"},
    {"ORGY", "-ORGY", "num"}, {"PHI", "-phi", "num"}, {"OSC_RANGE", "-osc", "num"}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Options options_start(size_t settings) {
    Options o = {.interpolate = -1, .polarized = -1, .round_div = -1, .progress = -1, .convention = MOSFLM, .pivot = PIVOT_BEAM,
               .shape = SQUARE, .wavelength = 1.0};
    o.room = 3 * settings + COUNT(HEADER_KEYS);
    o.flags = allocate(o.room, sizeof(Setting), "the command line");
    o.traces = allocate(settings, sizeof *o.traces, "the command line");
    return o;
}

/* Keeps a setting under a flag's name, in the place of an earlier one. */
static void keep(Options *o, const char *flag, size_t length, const Setting *setting) {
    for (size_t i = 0; i < o->room; i++) {
        Setting *s = o->flags + i;
        const bool same = s->typed != NULL && strlen(s->typed) == length && strncmp(s->typed, flag, length) == 0;
        if (s->typed != NULL && !same) continue;
        if (!same) {
            char *name = allocate(length + 1, 1, "the command line");
            memcpy(name, flag, length);
            s->typed = name;
        }
        memcpy(s->value, setting->value, sizeof s->value);
        s->count = setting->count;
        return;
    }
}

static void keep_number(Options *o, const char *flag, double number) {
    const Setting setting = {.value = {{number, ""}}, .count = 1};
    keep(o, flag, strlen(flag), &setting);
}

/* Geometry from an SMV header; a mask counts Y from the far edge of the detector. */
void take_header(Options *o, const SmvFile *header, bool mask) {
    for (size_t i = 0; i < COUNT(HEADER_KEYS); i++) {
        const double value = smv_number(header, HEADER_KEYS[i][0], HEADER_KEYS[i][2]);
        if (!isnan(value)) keep_number(o, HEADER_KEYS[i][1], value);
    }
    o->wavelength = option_number(o, "-lambda", o->wavelength, 1.0);
    if (mask && !isnan(smv_number(header, "BEAM_CENTER_Y", "num"))) {
        const double side = option_number(o, "-detpixels_s", 1024.0, 1.0) * option_number(o, "-pixel", 0.1, 1.0);
        keep_number(o, "-Ybeam", side - option_number(o, "-Ybeam", 0.0, 1.0));
    }
}

/* Whether an attenuation depth (um) stands for absorption: neither 0 nor inf does. */
bool absorbs(const Value *depth) { return strcmp(depth->text, "inf") != 0 && depth->number * MICRON > 0.0; }

/* Ends the run for a vector without a direction: its length is 0, or more than a double holds. */
static void check_length(const char *flag, vec v) {
    const double square = dot(v, v);
    if (square > 0.0 && isfinite(square)) return;
    fail("%s: expected a vector of %s length, got %g %g %g", flag, square == 0.0 ? "non-zero" : "finite", v.x, v.y, v.z);
}

/* A direction or the detector's corner; any of them selects the custom convention. */
static void take_vector(Options *o, const Setting *s, const char *flag, int which) {
    const double unit = strcmp(flag, "-pix0_vector_mm") == 0 ? MM : 1.0;
    const vec v = {s->value[0].number / unit, s->value[1].number / unit, s->value[2].number / unit};
    if (which != V_PIX0) check_length(flag, v);
    o->convention = CUSTOM;
    o->vectors[which] = v;
    o->has_vector[which] = true;
}

/* What depends on the order of the flags. */
static void take_choice(Options *o, const Setting *s, const char *flag) {
    const size_t length = strlen(flag);
    const char *const shapes[] = {"-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots"};
    for (int i = 0; i < 4; i++)
        if (strcmp(flag, shapes[i]) == 0) o->shape = (Shape)i;
    for (int i = 0; i < CUSTOM; i++)
        if (strcmp(flag + 1, convention_name((Convention)i)) == 0) o->convention = (Convention)i;
    if (in_list(BEAM_PIVOT, ' ', flag, length)) o->pivot = PIVOT_BEAM;
    if (in_list(SAMPLE_PIVOT, ' ', flag, length)) o->pivot = PIVOT_SAMPLE;
    if (strcmp(flag, "-pivot") == 0) o->pivot = strcmp(s->value[0].text, "beam") == 0 ? PIVOT_BEAM : PIVOT_SAMPLE;
    if (in_list("-interpolate -nointerpolate", ' ', flag, length)) o->interpolate = flag[1] == 'i';
    if (in_list("-polar -nopolar", ' ', flag, length)) o->polarized = flag[1] == 'p';
    if (strcmp(flag, "-detector_abs") == 0 && !absorbs(&s->value[0]))
        keep_number(o, "-detector_thick", 0.0); /* a thickness that follows stands again */
    if (in_list("-round_div -square_div", ' ', flag, length)) o->round_div = flag[1] == 'r';
    if (in_list("-progress -noprogress", ' ', flag, length)) o->progress = flag[1] == 'p';
    if (strcmp(flag, "-lambda") == 0) o->wavelength = s->value[0].number;
    if (strcmp(flag, "-energy") == 0) o->wavelength = HC / s->value[0].number;
    if (strcmp(flag, "-trace_pixel") != 0) return;
    o->traces[o->trace_count][0] = (int)s->value[0].number;
    o->traces[o->trace_count++][1] = (int)s->value[1].number;
}

/* One flag with its values. */
void take(Options *o, const Setting *setting) {
    char flag[64];
    snprintf(flag, sizeof flag, "%.*s", (int)strcspn(setting->flag->names, " "), setting->flag->names);
    const char *names = flag;
    for (size_t i = 0; i < COUNT(SEVERAL); i++)
        if (strcmp(flag, SEVERAL[i].flag) == 0) names = SEVERAL[i].others;
    for (size_t length; *names; names += length + (names[length] == ' ')) {
        length = strcspn(names, " ");
        keep(o, names, length, setting);
    }
    for (size_t i = 0; i < COUNT(CUSTOM_FLAGS); i++)
        if (strcmp(flag, CUSTOM_FLAGS[i].flag) == 0) take_vector(o, setting, flag, CUSTOM_FLAGS[i].vector);
    take_choice(o, setting, flag);
}

/* What a flag (by its first spelling) was given, or NULL. */
const Setting *option(const Options *o, const char *flag) {
    for (size_t i = 0; i < o->room && o->flags[i].typed != NULL; i++)
        if (strcmp(o->flags[i].typed, flag) == 0) return o->flags + i;
    return NULL;
}

/* A flag's single number divided by a unit, or the fallback as it is. */
double option_number(const Options *o, const char *flag, double fallback, double unit) {
    const Setting *setting = option(o, flag);
    return setting ? setting->value[0].number / unit : fallback;
}

/* A flag's single number divided by a unit, UNSET if not given. */
double option_get(const Options *o, const char *flag, double unit) { return option_number(o, flag, UNSET, unit); }

/* A flag's single count, 0 if not given; ends the run for a slip of the keyboard. */
int option_most(const Options *o, const char *flag, int most) {
    const double value = option_number(o, flag, 0.0, 1.0);
    if (value > most) fail("%s: expected an integer <= %d, got '%.0f'", flag, most, value);
    return (int)value;
}

int option_whole(const Options *o, const char *flag) { return option_most(o, flag, MANY); }

/* A flag's word or file name, or the fallback. */
const char *option_text(const Options *o, const char *flag, const char *fallback) {
    const Setting *setting = option(o, flag);
    return setting ? setting->value[0].text : fallback;
}
