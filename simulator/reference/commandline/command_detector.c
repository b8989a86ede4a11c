/* command_detector.c: the detector, from the command line. Twin: simulator/commandline/command_detector.py. */
#include "../engine.h"

#define LARGEST_IMAGE 268435456 /* pixels */

/* The convention's axes, or the given ones where it is the custom convention. */
Frame read_frame(const Options *o) {
    Frame frame = convention_frame(o->convention);
    vec *axes[] = {&frame.beam, &frame.fast, &frame.slow, &frame.normal, &frame.twotheta_axis, &frame.polar,
                   &frame.spindle};
    if (o->convention != CUSTOM) return frame;
    for (int i = 0; i < V_PIX0; i++)
        if (o->has_vector[i]) *axes[i] = o->vectors[i];
    return frame;
}

/* Pixels along one axis, from a count or from the side; the side that belongs to it, m. */
static double count_pixels(const Options *o, const char *count_flag, const char *side_flag, double pixel,
                           double *side) {
    const int count = option_whole(o, count_flag);
    *side = count > 0 ? pixel * count : option_number(o, side_flag, DEFAULT_SIDE, MM);
    if (count > 0) return count;
    return fmax(ceil(*side / pixel - 0.5), 1.0);
}

/* Attenuation and thickness of the sensor: README "Sensor". */
static void read_sensor(const Options *o, Detector *d) {
    const Setting *depth = option(o, "-detector_abs");
    d->thickness = option_number(o, "-detector_thick", 0.0, MICRONS);
    d->attenuation = d->thickness > 0.0 ? 1.0 / d->thickness : 0.0;
    if (depth != NULL) {
        d->attenuation = absorbs(&depth->value[0]) ? 1.0 / (depth->value[0].number * MICRON) : 0.0;
    }
    const Steps layers = thick_steps(d->thickness, option_whole(o, "-thicksteps"));
    d->layer = layers.step, d->layers = layers.steps;
}

/* Distances, beam centre and tilts. */
static void read_position(const Options *o, Detector *d) {
    d->distance = option_number(o, "-distance", DEFAULT_DISTANCE, MM);
    d->close_distance = option_get(o, "-close_distance", MM);
    d->x_beam = option_get(o, "-Xbeam", MM), d->y_beam = option_get(o, "-Ybeam", MM);
    d->x_close = option_get(o, "-Xclose", MM), d->y_close = option_get(o, "-Yclose", MM);
    d->orgx = option_get(o, "-ORGX", 1.0), d->orgy = option_get(o, "-ORGY", 1.0);
    d->rotation.x = option_number(o, "-detector_rotx", 0.0, 1.0) / DEGREES;
    d->rotation.y = option_number(o, "-detector_roty", 0.0, 1.0) / DEGREES;
    d->rotation.z = option_number(o, "-detector_rotz", 0.0, 1.0) / DEGREES;
    d->twotheta = option_number(o, "-twotheta", 0.0, 1.0) / DEGREES;
}

/* Pixels, position and sensor. The frame is there already. */
void read_detector(const Options *o, Detector *d) {
    d->pixel = option_number(o, "-pixel", DEFAULT_PIXEL, MM);
    const double slow = count_pixels(o, "-detpixels_s", "-detsize_s", d->pixel, &d->side_s);
    const double fast = count_pixels(o, "-detpixels_f", "-detsize_f", d->pixel, &d->side_f);
    if (!(slow * fast <= LARGEST_IMAGE))
        fail("command line: expected a detector of at most %d pixels, got %.0f x %.0f", LARGEST_IMAGE, fast, slow);
    d->pixels_s = (int)slow, d->pixels_f = (int)fast;
    if (norm(d->frame.normal) != 1.0 && norm(cross(unit(d->frame.fast), unit(d->frame.slow))) == 0.0)
        fail("-fdet_vector: expected a direction other than the slow axis, got the same");
    read_position(o, d);
    d->pivot = o->pivot;
    if (o->convention != CUSTOM)
        d->pivot = o->convention == XDS || o->convention == DIALS ? PIVOT_SAMPLE : PIVOT_BEAM;
    d->has_pix0 = o->convention == CUSTOM && o->has_vector[V_PIX0];
    d->pix0 = o->vectors[V_PIX0];
    d->curved = option(o, "-curved_det") != NULL;
    d->point_pixel = option(o, "-point_pixel") != NULL;
    read_sensor(o, d);
}
