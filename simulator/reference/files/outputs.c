/* outputs.c: the files a run leaves: float image, SMV integers, PGM, noise. Twin: simulator/files/outputs.py.
 * README "Files written". */
#include "../engine.h"

#include <stdarg.h>
#include <stdlib.h>

#define FULL_SCALE 55000.0 /* counts of the brightest pixel, unless -scale says otherwise */
#define LARGEST 65535.0

typedef struct { double max, mean, rms, rmsd; size_t at; } Statistics;

static size_t image_size(const Experiment *x) {
    return (size_t)x->detector.pixels_f * (size_t)x->detector.pixels_s;
}

static size_t raster(const Experiment *x, int slow, int fast) {
    return (size_t)slow * (size_t)x->detector.pixels_f + (size_t)fast;
}

/* Runs the block for every pixel of the ROI, in raster order, with `i` as its raster number. */
#define FOR_ROI(x, i)                                                       \
    for (int slow_ = (x)->roi[2]; slow_ <= (x)->roi[3]; slow_++)            \
        for (size_t i = raster(x, slow_, (x)->roi[0]), end_ = raster(x, slow_, (x)->roi[1]); i <= end_; i++)

/* Of the ROI. The mean is that of the rendered pixels; masked ones, which are 0, count among the others' n, which is
 * at least 2. The largest is 0 at the first pixel where none is positive. */
static Statistics statistics(const Experiment *x, const float *pixels) {
    Statistics s = {0.0, 0.0, 0.0, 0.0, 0};
    const double count = fmax((x->roi[1] - x->roi[0] + 1.0) * (x->roi[3] - x->roi[2] + 1.0), 2.0);
    double sum = 0.0, squares = 0.0, deviations = 0.0, lit = 0.0;
    FOR_ROI(x, i) {
        const double I = pixels[i];
        lit += x->mask == NULL || x->mask[i] != 0;
        sum += I, squares += I * I;
        if (I > s.max) s.max = I, s.at = i;
    }
    s.mean = sum / fmax(lit, 1.0);
    s.rms = sqrt(squares / (count - 1.0));
    FOR_ROI(x, i) deviations += (pixels[i] - s.mean) * (pixels[i] - s.mean);
    s.rmsd = sqrt(deviations / (count - 1.0));
    return s;
}

/* Adds a key with its value, formatted. */
static void add_key(SmvKeys *keys, const char *key, const char *format, ...) {
    va_list values;
    va_start(values, format);
    SmvKey *entry = &keys->list[keys->count++];
    entry->key = key;
    vsnprintf(entry->value, sizeof entry->value, format, values);
    va_end(values);
}

/* A number of the header; + 0.0 turns -0 into 0. */
static void add_number(SmvKeys *keys, const char *key, double value) { add_key(keys, key, "%g", value + 0.0); }

/* The beam centre in every program's terms, mm. */
static void add_centres(SmvKeys *keys, const Detector *d) {
    const double half = d->pixel / 2.0, f = d->f_beam, s = d->s_beam;
    add_number(keys, "BEAM_CENTER_X", d->x_beam * MM);
    add_number(keys, "BEAM_CENTER_Y", d->y_beam * MM);
    add_number(keys, "ADXV_CENTER_X", f * MM);
    add_number(keys, "ADXV_CENTER_Y", (d->side_s - s) * MM);
    add_number(keys, "MOSFLM_CENTER_X", (s - half) * MM);
    add_number(keys, "MOSFLM_CENTER_Y", (f - half) * MM);
    add_number(keys, "DENZO_X_BEAM", s * MM);
    add_number(keys, "DENZO_Y_BEAM", f * MM);
    add_key(keys, "DIALS_ORIGIN", "%g,%g,%g", d->pix0.z * MM, d->pix0.y * MM, -d->pix0.x * MM);
    add_number(keys, "XDS_ORGX", d->orgx);
    add_number(keys, "XDS_ORGY", d->orgy);
}

/* The header's keys in their order: mm, degrees, angstrom. */
static SmvKeys smv_keys(const Experiment *x, double adc) {
    const Detector *d = &x->detector;
    SmvKeys keys = {.count = 0};
    add_key(&keys, "HEADER_BYTES", "%d", SMV_HEADER);
    add_key(&keys, "DIM", "2");
    add_key(&keys, "BYTE_ORDER", "little_endian");
    add_key(&keys, "TYPE", "unsigned_short");
    add_key(&keys, "SIZE1", "%d", d->pixels_f);
    add_key(&keys, "SIZE2", "%d", d->pixels_s);
    add_number(&keys, "PIXEL_SIZE", d->pixel * MM);
    add_number(&keys, "DISTANCE", d->distance * MM);
    add_number(&keys, "WAVELENGTH", x->spread.lambda / ANGSTROM);
    add_centres(&keys, d);
    add_number(&keys, "CLOSE_DISTANCE", d->close_distance * MM);
    add_number(&keys, "PHI", x->phi0 * DEGREES);
    add_number(&keys, "OSC_START", x->phi0 * DEGREES);
    add_number(&keys, "OSC_RANGE", x->phi.range * DEGREES);
    add_number(&keys, "TWOTHETA", d->twotheta * DEGREES);
    add_key(&keys, "DETECTOR_SN", "000");
    add_number(&keys, "ADC_OFFSET", adc);
    add_key(&keys, "BEAMLINE", "fake");
    return keys;
}

/* Writes header and little-endian pixels. */
static void write_smv(const Experiment *x, const Task *task, const char *path, const unsigned char *bytes) {
    const SmvKeys keys = smv_keys(x, task->adc);
    char header[SMV_HEADER];
    format_header(&keys, header);
    Output out = open_output(path);
    fwrite(header, 1, sizeof header, out.file);
    fwrite(bytes, 2, image_size(x), out.file);
    close_output(&out);
}

static double clipped(double value, double largest) { return !(value > 0.0) ? 0.0 : fmin(value, largest); }

static void put16(unsigned char *bytes, size_t i, double value) {
    const unsigned counts = (unsigned)clipped(value, LARGEST);
    bytes[2 * i] = (unsigned char)(counts & 0xff);
    bytes[2 * i + 1] = (unsigned char)(counts >> 8);
}

/* Photons times a scale, plus the offset, rounded: half a count is added in single precision, as nanoBragg has it. */
static void write_int(const Experiment *x, const Task *task, const float *pixels, double scale) {
    unsigned char *bytes = allocate(image_size(x), 2, "the SMV image");
    FOR_ROI(x, i) put16(bytes, i, floor((float)(clipped(pixels[i] * scale + task->adc, LARGEST) + 0.5)));
    write_smv(x, task, task->int_file, bytes);
    free(bytes);
}

/* Photons counted with noise, plus the offset; returns how many pixels overflow 16 bits. */
static long write_noise(const Experiment *x, const Task *task, const float *pixels) {
    unsigned char *bytes = allocate(image_size(x), 2, "the noise image");
    Ran1 generator = ran1_start(task->seed);
    long overloads = 0;
    FOR_ROI(x, i) {
        const double counts = poisson_noise(pixels[i], &generator) + task->adc;
        overloads += counts > LARGEST;
        put16(bytes, i, floor(counts));
    }
    write_smv(x, task, task->noise_file, bytes);
    free(bytes);
    return overloads;
}

static void write_pgm(const Experiment *x, const char *path, const float *pixels, double scale) {
    unsigned char *grey = allocate(image_size(x), 1, "the PGM image");
    FOR_ROI(x, i) grey[i] = (unsigned char)clipped(pixels[i] * scale, 255.0);
    Output out = open_output(path);
    fprintf(out.file, "P5\n%d %d\n# pixels scaled by %g\n255\n", x->detector.pixels_f, x->detector.pixels_s, scale);
    fwrite(grey, 1, image_size(x), out.file);
    close_output(&out);
    free(grey);
}

/* Photons as float32; of a part as float64, so that parts add up. */
static void write_float(const Experiment *x, const char *path, const Image *image) {
    Output out = open_output(path);
    if (image->parts == NULL) fwrite(image->pixels, sizeof(float), image_size(x), out.file);
    else fwrite(image->parts, sizeof(double), image_size(x), out.file);
    close_output(&out);
}

/* Every file that is wanted, and a few lines about the image. */
void write_outputs(const Experiment *x, const Task *task, const Image *image) {
    const Statistics s = statistics(x, image->pixels);
    const double px = x->detector.pixel, columns = x->detector.pixels_f;
    printf("solid angle subtended by detector = %g steradian ( %g%% sphere)\n", image->omega_sum,
           100.0 * image->omega_sum / (4.0 * M_PI));
    printf("max_I = %g  at %g %g\n", s.max, (fmod((double)s.at, columns) + 0.5) * px,
           (floor((double)s.at / columns) + 0.5) * px);
    printf("mean= %g rms= %g rmsd= %g\n", s.mean, s.rms, s.rmsd);
    write_float(x, task->float_file, image);
    const double scale = !isnan(task->scale) ? task->scale : s.max > 0.0 ? FULL_SCALE / s.max : 1.0;
    printf("intfile_scale = %g\n", scale);
    write_int(x, task, image->pixels, scale);
    if (task->pgm_file != NULL) {
        const double grey = !isnan(task->pgm_scale) ? task->pgm_scale : s.rmsd > 0.0 ? 250.0 / (5.0 * s.rmsd) : scale;
        printf("pgm_scale = %g\n", grey);
        write_pgm(x, task->pgm_file, image->pixels, grey);
    }
    if (task->noise_file != NULL) printf("%ld overloads in the noise image\n", write_noise(x, task, image->pixels));
}
