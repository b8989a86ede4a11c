/* engine.h: contents page of the C engine: every shared type and function, module by module.
 *
 * The engine is plain C99 meant to be read beside its twin: simulator/foo.py and reference/foo.c hold the
 * same functions under the same names. Physics: double precision, sums in the written order, no fast-math.
 *
 * Legend
 *   a b c, a* b* c*   direct (A) and reciprocal (1/A) cell vectors, laboratory frame
 *   h k l, h0 k0 l0   fractional index of the scattering vector, nearest whole index
 *   q                 scattering vector (d - i)/lambda, 1/m; i, d: unit vectors along and off the beam
 *   f s o b           detector fast, slow and normal axes, beam direction; D: corner of the first pixel
 *   F S               distance of a point from that corner along f and s, m
 * Angles are radians, lengths metres, except where a name or comment says otherwise. UNSET marks what was not given.
 */
#ifndef ENGINE_H
#define ENGINE_H

#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif
#define UNSET NAN
#define MOST_SUBPIXELS 10000 /* per side: more is a slip of the keyboard */
#define MOST_THREADS 1024    /* what a system lets a program start is not much more */

/* ---- units and physical constants: simulator/units.py ---- */
#define ANGSTROM 1e-10                 /* m */
#define MICRON 1e-6                    /* m */
#define MM 1000.0                      /* in a metre */
#define MICRONS 1e6                    /* in a metre */
#define MRAD 1000.0                    /* in a radian */
#define PERCENT 100.0                  /* in one */
#define DEGREES (180.0 * (1.0 / M_PI)) /* in a radian */
#define HC 12398.42                    /* photon energy times wavelength, eV A */
#define R_E_SQR 7.94079248018965e-30   /* classical electron radius squared, m^2 */
#define AVOGADRO 6.02214179e23         /* 1/mol */
#define WATER_F 2.57                   /* electrons per water molecule, effective, forward */
#define WATER_MOLAR_MASS 18.0          /* g/mol */
#define WATER_DENSITY 1e6              /* g/m^3 */
#define SOURCE_DISTANCE 10.0           /* from generated sources to the sample, m */
#define DEFAULT_PIXEL 1e-4             /* m */
#define DEFAULT_SIDE 0.1024            /* of the detector, m */
#define DEFAULT_DISTANCE 0.1           /* m */
#define DEFAULT_BEAMSIZE 1e-4          /* m */
#define DEFAULT_SEED 12345678.0
#define DEFAULT_FLUENCE 125932015286227086360700780544.0 /* photons/m^2: makes r_e^2 fluence = 1 */

/* ---- vectors ---- */
typedef struct { double x, y, z; } vec;
typedef struct { vec a, b, c; } Triad; /* three cell vectors; as a matrix: its rows */

/* Scalar product; inline because the innermost loop lives on it. */
static inline double dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
vec add(vec a, vec b);
vec scale(vec a, double factor);
vec cross(vec a, vec b);
double norm(vec a);
vec unit(vec a);
vec rotate_axis(vec v, vec axis, double angle);
vec rotate_xyz(vec v, vec angles);
vec transform(Triad matrix, vec v);

/* ---- conventions ---- */
typedef enum { MOSFLM, DENZO, ADXV, XDS, DIALS, CUSTOM } Convention;
typedef enum { PIVOT_BEAM, PIVOT_SAMPLE } Pivot;
typedef struct { vec beam, fast, slow, normal, twotheta_axis, polar, spindle; } Frame;
Frame convention_frame(Convention convention);
const char *convention_name(Convention convention);

/* ---- detector ---- */
typedef struct {
    Convention convention;
    Pivot pivot;
    Frame frame;                    /* unit axes; detector_frame turns f, s, o into place */
    int pixels_f, pixels_s;
    double pixel, side_f, side_s;   /* m */
    double distance, close_distance;
    double x_beam, y_beam, x_close, y_close; /* as the convention counts them, m */
    double orgx, orgy;              /* pixels */
    vec rotation;                   /* about lab X, Y, Z */
    double twotheta;
    bool has_pix0;
    vec pix0;                       /* in: as given; out: D, m */
    double f_beam, s_beam, f_close, s_close; /* where the beam and the shortest line meet the plane, m */
    double attenuation;             /* mu, 1/m; 0: no absorption */
    double thickness, layer;        /* of the sensor and of one layer, m */
    int layers;
    bool absorbs;                   /* a capture fraction is computed */
    bool raw_axis;                  /* the axis of the swing is no unit vector */
    bool curved, point_pixel;
} Detector;
void detector_frame(Detector *d, bool pix0_derived);
vec vertical_axis(const Frame *frame);
vec pixel_position(const Detector *d, double f, double s, double depth);
vec curved_position(const Detector *d, vec flat);
double solid_angle(const Detector *d, double distance);
double capture_fraction(const Detector *d, int layer, vec diffracted);
double obliquity(const Detector *d, vec diffracted);

/* ---- cell ---- */
double cell_volume(const double cell[6]);
Triad reciprocal_from_cell(const double cell[6], bool cstar_z);
Triad misset_cell(Triad star, vec angles);
Triad cross_products(Triad v);
Triad direct_cell(Triad *star, const double *cell, double *v_star);

/* ---- lattice ---- */
typedef enum { SQUARE, ROUND, GAUSS, TOPHAT } Shape;
double sincg(double x, double n);
double sinc3(double x, bool cancels);
double parity(double whole, double n);
double lattice_axis(double h, double n, bool cancels);
double lattice_square(double h, double k, double l, const double cells[3], bool cancels);
double lattice_round(double dh, double dk, double dl, const double cells[3], double fudge, bool cancels);
double spot_distance(double dh, double dk, double dl, const Triad *star, const double cells[3]);
double lattice_gauss(double g, const double cells[3], double fudge);
double lattice_tophat(double g, const double cells[3], double fudge);

/* ---- structure ---- */
typedef struct {
    bool present;      /* reflections were read, from text or cache */
    int lo[3], hi[3];  /* box of indices, inclusive */
    size_t size[3];    /* hi - lo + 1 */
    double *F;         /* (nh, nk, nl), l fastest */
    double default_F;
    size_t given;      /* reflections read */
} Reflections;
/* Nearest whole number, halves downwards. */
static inline double nearest_index(double h) { return ceil(h - 0.5); }
bool interpolates(int told, const double cells[3]);
double lookup(const Reflections *r, double h0, double k0, double l0);
void polint_weights(double h, double weight[4]);
double tricubic(const Reflections *r, double h, double k, double l);
bool block_inside(const Reflections *r, double h, double k, double l);

/* ---- polarization, background, fluence ---- */
double polarization_factor(double kahn, vec incident, vec diffracted, vec normal);
double water_background(double size, double fluence);
double fluence_from_flux(double flux, double exposure, double beamsize);
double clip_to_beam(double size, double beamsize);

/* ---- steps ---- */
typedef struct { double range, step; int steps; } Steps; /* UNSET or steps 0: not given */
Steps phi_steps(double osc, double step, double count);
Steps range_steps(Steps given);
Steps thick_steps(double thickness, int layers);
int mosaic_steps(double spread, int domains);

/* ---- sources ---- */
typedef struct { vec incident; double weight, lambda; } Source; /* incident: unit vector along the beam */
typedef struct { Source *list; size_t count; } Sources;
typedef struct {
    double lambda;
    Steps horizontal, vertical, dispersion;
    bool trimmed; /* the divergence grid is cut to an ellipse */
} Spread;
Sources generate_sources(const Spread *spread, const Frame *frame);
void add_source(Sources *sources, vec position, double weight, double lambda);
double mean_weight(const Sources *sources);

/* ---- rng ---- */
typedef struct { int32_t state, last, table[32]; } Ran1;
Ran1 ran1_start(int seed);
float ran1(Ran1 *generator);
double ran1_double(Ran1 *generator);
Triad mosaic_rotation(Ran1 *generator, double spread);
Triad axis_matrix(vec axis, double angle);

/* ---- rotations ---- */
void phi_rotations(Triad direct, vec spindle, double phi0, Steps phi, Triad *rotated);
int carryover_index(double phi0, Steps phi, int step, bool carryover, bool first_sweep);
void mosaic_rotations(int seed, double spread, int domains, Triad *rotations);
vec random_misset(int seed, bool misset_90rad);

/* ---- quirks ---- */
enum { PHI_CARRYOVER, RUNNING_SUM, LAST_LAYER, INTERP_LATCH, FLAT_WEIGHTS, PIX0_DERIVED, WATER_TWICE,
       MISSET_90RAD, RAW_AXIS, BLANK_SENSOR, CSTAR_Z, EARLY_INTERPOLATE, UNLIT_POLAR, NOPOLAR_UNDONE, QUIRKS };
extern const char *const QUIRK_NAMES[QUIRKS];
void quirks_mode(bool quirks[QUIRKS], bool on);
void quirks_adjust(bool quirks[QUIRKS], const char *list);

/* ---- experiment: the numbers of one run ---- */
typedef struct {
    Detector detector;
    Spread spread;
    Sources sources;
    double fluence, kahn, water; /* photons/m^2; Kahn factor; water size, m */
    bool nopolar;
    bool has_cell, has_matrix;
    double cell[6];              /* A, radians */
    Triad star, direct;          /* 1/A, A; direct: of the crystal at rest, misset included */
    double v_star;               /* 1/A^3 */
    bool has_misset, random_misset;
    int misset_seed;
    vec misset;                  /* radians */
    double cells[3], counts[3];  /* unit cells along a, b, c; those given, before sizes were turned into cells */
    Shape shape;
    double fudge, mosaic_spread; /* -, radians */
    int domains, mosaic_seed;
    double phi0;                 /* radians */
    Steps phi;                   /* radians */
    Reflections reflections;
    int told_interpolate;        /* 1, 0, or -1: not said */
    bool interpolate;
    int oversample;              /* 0: automatic */
    bool oversample_thick, oversample_polar, oversample_omega;
    double dmin;                 /* m */
    int roi[4];                  /* xmin xmax ymin ymax, inclusive; x is fast */
    uint16_t *mask;              /* (slow, fast); NULL: none */
    bool quirks[QUIRKS];
    bool cancels;                /* values near lattice points lose digits as nanoBragg's do: in c-parity */
    int threads;                 /* 0: all */
    int progress;                /* 1 on, 0 off, -1 on a terminal */
} Experiment;

/* ---- scattering ---- */
typedef struct { vec hkl, hkl0; double F_latt, F_cell, intensity; } Scatter;
vec scattering_vector(vec diffracted, vec incident, double lambda);
vec miller_indices(vec q, const Triad *direct);
double lattice_factor(const Experiment *x, vec hkl, vec hkl0);
double structure_factor(const Reflections *r, vec hkl, vec hkl0, bool interpolate);
Scatter scatter(const Experiment *x, const Triad *direct, vec q, bool interpolate);

/* ---- scene: what the loops need ---- */
/* Which mosaic domains or sources are added up; the background belongs to the first of them. */
typedef struct { enum { EVERYTHING, DOMAINS, SOURCES } of; int first, last; } Part;
typedef struct { long raster, number; } Moment; /* raster number of a pixel; number of a sweep or term there */
typedef struct {
    const Experiment *x;
    const Detector *d;
    Triad *orientations;      /* (phisteps + 1, domains) direct vectors, m; the last row is the crystal at rest */
    int *sweep, *first_sweep; /* (phisteps) row of orientations that each phi step uses */
    double *weight;           /* (sources) factor on a source's terms */
    double background;        /* I_bg */
    double steps;             /* sources * domains * phisteps * oversample^2 */
    Moment first;             /* the sweep that opens the image */
    Moment latch;             /* the term that ends interpolation; raster -1: none does */
    bool latch_found;         /* some term's block leaves the box */
    bool polarizes;           /* a polarization factor is computed */
    Part part;                /* of each pixel's sum */
} Scene;

/* ---- placing ---- */
void place_detector(Detector *d, const bool quirks[QUIRKS]);
void place_sensor(Experiment *x);
void place_crystal(Experiment *x);
void orient_crystal(Scene *scene);

/* ---- scene ---- */
Scene build_scene(Experiment *x);
void free_scene(Scene *scene);

/* ---- ray ---- */
typedef struct { vec position, diffracted; double r, omega; } Ray;
Ray trace_ray(const Scene *scene, int slow, int fast, int layer, int row, int column);

/* ---- terms ---- */
/* Factors on each term of a sweep, and those on the whole running sum after each term. */
typedef struct { double own, capture, polar, omega; } Factors;
bool is_dark(const Experiment *x, double F_latt);
bool in_part(const Part *part, long source, long domain);
bool has_background(const Part *part);
bool resolution_skip(const Experiment *x, vec q);
Factors factors(const Experiment *x, double weight, double capture, double layer_capture, double polar, double omega);

/* ---- render ---- */
typedef struct { double sum, polar, omega, capture, value; } PixelSum;
long latch_limit(const Scene *scene, long raster);
const int *sweep_rows(const Scene *scene, long raster, long sweep);
PixelSum render_pixel(const Scene *scene, int slow, int fast);

/* ---- image ---- */
/* (slow, fast) photons; the same in float64 where they are a part, else NULL; steradian rendered */
typedef struct { float *pixels; double *parts; double omega_sum; } Image;
bool rendered(const Experiment *x, int slow, int fast);
Image render_image(const Scene *scene, const int band[2]);
Moment first_swept(const Scene *scene);
Moment find_latch(const Scene *scene);
bool has_unlit(const Scene *scene);

/* ---- which quirks matter to this image ---- */
void active_quirks(const Scene *scene, bool active[QUIRKS]);

/* ---- noise ---- */
double poisson_noise(double mean, Ran1 *generator);

/* ---- tokens and grammar: the command line ---- */
typedef struct { const char *names, *values, *help; int least; } Flag;
extern const Flag FLAGS[];
extern const size_t FLAG_COUNT;
typedef struct { double number; const char *text; } Value;
typedef struct { const Flag *flag; const char *typed; Value value[6]; int count; } Setting;
typedef struct { Setting *list; size_t count; } CommandLine;
#define LONGEST 63 /* characters of a number */
bool number_shaped(const char *token);
bool is_number(const char *token, double *value);
bool is_integer(const char *token, double *value);
bool in_list(const char *list, char mark, const char *text, size_t length);
bool convert(const char *kind, const char *token, Value *value);
const char *expected(const char *kind, const char *token);
const char *quoted(const char *text, size_t length);
CommandLine parse_flags(int argc, char **argv);
bool is_row(const Setting *setting, const char *first_name);
void help_text(FILE *out);

/* ---- version ---- */
void version_text(FILE *out, const char *program);

/* ---- smv: headers in and out ---- */
typedef struct {
    const char *flag, *path;
    char *bytes;     /* the whole file */
    size_t length, header_bytes;
} SmvFile;
SmvFile read_header(const char *flag, const char *path);
double smv_number(const SmvFile *smv, const char *key, const char *kind);
uint16_t *read_pixels(const SmvFile *smv, int slow, int fast);
#define SMV_HEADER 512
typedef struct { const char *key; char value[64]; } SmvKey;
typedef struct { SmvKey list[40]; size_t count; } SmvKeys;
void format_header(const SmvKeys *keys, char header[SMV_HEADER]);

/* ---- options: the command line folded ---- */
enum { V_BEAM, V_FAST, V_SLOW, V_NORMAL, V_TWOTHETA_AXIS, V_POLAR, V_SPINDLE, V_PIX0, VECTORS };
typedef struct {
    Setting *flags;              /* by first spelling (typed), the last given of each; typed NULL: the rest is free */
    size_t room;
    vec vectors[VECTORS];
    bool has_vector[VECTORS];
    int interpolate, polarized, round_div, progress; /* 1, 0, or -1: not said */
    int (*traces)[2];            /* slow, fast */
    size_t trace_count;
    Convention convention;
    Pivot pivot;
    Shape shape;
    double wavelength;           /* A */
} Options;
Options options_start(size_t traces);
void take_header(Options *o, const SmvFile *header, bool mask);
bool absorbs(const Value *depth);
void take(Options *o, const Setting *setting);
const Setting *option(const Options *o, const char *flag);
double option_number(const Options *o, const char *flag, double fallback, double unit);
double option_get(const Options *o, const char *flag, double unit);
int option_whole(const Options *o, const char *flag);
int option_most(const Options *o, const char *flag, int most);
const char *option_text(const Options *o, const char *flag, const char *fallback);

/* ---- task: what is asked for beside the experiment ---- */
typedef struct {
    const char *float_file, *int_file, *pgm_file, *noise_file; /* NULL: not written */
    const char *cache;                                         /* of reflections just read; NULL: none */
    double scale, pgm_scale, adc;                              /* UNSET: automatic */
    int seed;
    const int (*traces)[2];                                    /* slow, fast */
    size_t trace_count;
    bool trace_only, trace_blocks, printout, printout_one;
    int printout_pixel[2];                                     /* fast, slow */
    int band[2];                                               /* first and last row of the image to render */
    Part part;
    float *photons;                                            /* of the image, read; NULL: it is rendered */
} Task;
Task read_task(const Options *o, const Detector *d);
void check_part(const Scene *scene, const Part *part);
void check_clashes(const Options *o, const Experiment *x, const Task *task);

/* ---- command: from the command line to an experiment ---- */
#define CACHE_FILE "Fdump.bin"
void read_crystal(const Options *o, Experiment *x);
void read_reflections(const Options *o, Experiment *x);
Frame read_frame(const Options *o);
void read_beam(const Options *o, Experiment *x);
void check_tables(const Options *o);
void read_detector(const Options *o, Detector *d);
Experiment parse_command(int argc, char **argv, Task *task);

/* ---- files ---- */
#if defined(__GNUC__)
#define NO_RETURN __attribute__((noreturn, format(printf, 1, 2)))
#else
#define NO_RETURN
#endif
NO_RETURN void fail(const char *format, ...);
void *allocate(size_t count, size_t size, const char *what);
char *read_bytes(const char *flag, const char *path, size_t *length);
void check_writable(const char *flag, const char *path);
bool is_special(const char *path);
bool same_file(const char *one, const char *other);
#define LONGEST_PATH 4096
typedef struct { FILE *file; const char *path; char target[LONGEST_PATH], temporary[LONGEST_PATH + 32]; } Output;
Output open_output(const char *path);
void close_output(Output *out);
void outlive_reader(void);
int close_standard_output(int status);

/* ---- lines and words of text files ---- */
typedef struct { const char *start, *content, *stop, *next; int number; } Line; /* text: start to content */
bool next_line(Line *line, const char *end);
const char *quoted_line(const Line *line);
const char *next_token(const char *p, const char *end, size_t *length);
bool token_number(const char *token, size_t length, double *value);

Triad read_matrix(const char *path, double lambda);
Reflections read_hkl(const char *path, double default_F);
Reflections read_cache(const char *path);
void write_cache(const Reflections *r, const char *path);
Sources read_sources(const char *path, vec towards, double lambda);

/* ---- trace, printout: single pixels in numbers ---- */
vec angstroms(vec metres);
const Triad *crystal_at(const Scene *scene, long raster, long sweep, int step);
Scatter scatter_at(const Scene *scene, long raster, long sweep, int step, vec q);
void trace_cell(const Experiment *x);
void trace_pixel(const Scene *scene, int slow, int fast, bool blocks);
void printout_pixel(const Scene *scene, int slow, int fast);
void printout(const Scene *scene, const Task *task);

/* ---- session: one run ---- */
void run(Experiment *x, const Task *task);

/* ---- outputs ---- */
void write_outputs(const Experiment *x, const Task *task, const Image *image);

/* ---- progress ---- */
void progress_start(int setting, long rows);
void progress_row(void);
void progress_end(void);

#endif
