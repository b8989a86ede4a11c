/* outputs.c: the files a run leaves: float image, SMV integers, PGM, noise. Twin: simulator/outputs.py.
 * Section 9 of the behaviour page. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#define FULL_SCALE 55000.0 /* counts of the brightest pixel, unless -scale says otherwise */
#define LARGEST 65535.0

typedef struct { double max, mean, rms, rmsd; size_t at; } Statistics;

static size_t raster(const Experiment *x, int slow, int fast) {
    return (size_t)slow * (size_t)x->detector.pixels_f + (size_t)fast;
}

/* Runs the block for every pixel of the ROI, in raster order, with `i` as its raster number. */
#define FOR_ROI(x, i)                                                       \
    for (int slow_ = (x)->roi[2]; slow_ <= (x)->roi[3]; slow_++)            \
        for (size_t i = raster(x, slow_, (x)->roi[0]), end_ = raster(x, slow_, (x)->roi[1]); i <= end_; i++)

/* Of the ROI. */
static Statistics statistics(const Experiment *x, const float *pixels) {
    Statistics s = {0.0, 0.0, 0.0, 0.0, 0};
    const double count = (x->roi[1] - x->roi[0] + 1.0) * (x->roi[3] - x->roi[2] + 1.0);
    double sum = 0.0, squares = 0.0, deviations = 0.0;
    FOR_ROI(x, i) {
        const double I = pixels[i];
        sum += I, squares += I * I;
        if (I > s.max) s.max = I, s.at = i;
    }
    s.mean = sum / count;
    if (count > 1.0) s.rms = sqrt(squares / (count - 1.0));
    FOR_ROI(x, i) deviations += (pixels[i] - s.mean) * (pixels[i] - s.mean);
    if (count > 1.0) s.rmsd = sqrt(deviations / (count - 1.0));
    return s;
}

/* The header's keys in mm, degrees and angstrom. */
static size_t header_keys(const Experiment *x, double adc, SmvKey keys[40]) {
    const Detector *d = &x->detector;
    const double px = d->pixel, f = d->f_beam, s = d->s_beam, phi = x->phi0 * DEGREES;
    const struct { const char *key; double value; } numbers[] = {
        {"SIZE1", d->pixels_f}, {"SIZE2", d->pixels_s}, {"PIXEL_SIZE", px * MM}, {"DISTANCE", d->distance * MM},
        {"WAVELENGTH", x->spread.lambda / ANGSTROM}, {"BEAM_CENTER_X", d->x_beam * MM},
        {"BEAM_CENTER_Y", d->y_beam * MM}, {"ADXV_CENTER_X", f * MM}, {"ADXV_CENTER_Y", (d->side_s - s) * MM},
        {"MOSFLM_CENTER_X", (s - px / 2.0) * MM}, {"MOSFLM_CENTER_Y", (f - px / 2.0) * MM}, {"DENZO_X_BEAM", s * MM},
        {"DENZO_Y_BEAM", f * MM}, {"DIALS_ORIGIN", 0.0}, {"XDS_ORGX", d->orgx}, {"XDS_ORGY", d->orgy},
        {"CLOSE_DISTANCE", d->close_distance * MM}, {"PHI", phi}, {"OSC_START", phi},
        {"OSC_RANGE", x->phi.range * DEGREES}, {"TWOTHETA", d->twotheta * DEGREES}};
    static const char *const words[][2] = {{"HEADER_BYTES", "512"}, {"DIM", "2"}, {"BYTE_ORDER", "little_endian"},
                                           {"TYPE", "unsigned_short"}};
    size_t n = 0;
    for (int i = 0; i < 4; i++, n++) keys[n].key = words[i][0], strcpy(keys[n].value, words[i][1]);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++, n++) {
        keys[n].key = numbers[i].key;
        snprintf(keys[n].value, sizeof keys[n].value, "%g", numbers[i].value + 0.0);
        if (strcmp(keys[n].key, "DIALS_ORIGIN") == 0)
            snprintf(keys[n].value, sizeof keys[n].value, "%g,%g,%g", d->pix0.z * MM, d->pix0.y * MM,
                     -d->pix0.x * MM);
    }
    keys[n].key = "DETECTOR_SN", strcpy(keys[n++].value, "000");
    keys[n].key = "ADC_OFFSET", snprintf(keys[n++].value, sizeof keys[0].value, "%g", adc);
    keys[n].key = "BEAMLINE", strcpy(keys[n++].value, "fake");
    return n;
}

/* Writes header and little-endian pixels. */
static void write_smv(const Experiment *x, const Task *task, const char *path, const unsigned char *bytes) {
    SmvKey keys[40];
    char header[SMV_HEADER];
    smv_format(keys, header_keys(x, task->adc, keys), header);
    Output out = open_output(path);
    fwrite(header, 1, sizeof header, out.file);
    fwrite(bytes, 2, (size_t)x->detector.pixels_f * (size_t)x->detector.pixels_s, out.file);
    close_output(&out);
}

static double clipped(double value, double largest) { return !(value > 0.0) ? 0.0 : fmin(value, largest); }

static void put16(unsigned char *bytes, size_t i, double value) {
    const unsigned counts = (unsigned)clipped(value, LARGEST);
    bytes[2 * i] = (unsigned char)(counts & 0xff);
    bytes[2 * i + 1] = (unsigned char)(counts >> 8);
}

static size_t image_size(const Experiment *x) {
    return (size_t)x->detector.pixels_f * (size_t)x->detector.pixels_s;
}

/* Photons times a scale (in single precision, as nanoBragg has it), plus the offset. */
static void write_int(const Experiment *x, const Task *task, const float *pixels, float scale) {
    unsigned char *bytes = allocate(image_size(x), 2, "the SMV image");
    FOR_ROI(x, i) put16(bytes, i, floor((double)pixels[i] * scale + task->adc + 0.5));
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

static void write_float(const Experiment *x, const char *path, const float *pixels) {
    Output out = open_output(path);
    fwrite(pixels, sizeof(float), image_size(x), out.file);
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
    write_float(x, task->float_file, image->pixels);
    const double scale = !isnan(task->scale) ? task->scale : s.max > 0.0 ? FULL_SCALE / s.max : 1.0;
    printf("intfile_scale = %g\n", scale);
    write_int(x, task, image->pixels, (float)scale);
    if (task->pgm_file != NULL) {
        const double grey = !isnan(task->pgm_scale) ? task->pgm_scale : s.rmsd > 0.0 ? 250.0 / (5.0 * s.rmsd) : 1.0;
        printf("pgm_scale = %g\n", grey);
        write_pgm(x, task->pgm_file, image->pixels, grey);
    }
    if (task->noise_file != NULL) printf("%ld overloads in the noise image\n", write_noise(x, task, image->pixels));
}
