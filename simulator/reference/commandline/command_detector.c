/* command_detector.c: the detector, from the command line. Twin: simulator/commandline/command_detector.py. */
#include "../engine.h"

#define LARGEST_IMAGE 268435456 /* pixels */

/* The convention's axes, or the given ones where it is the custom convention. */
Frame read_frame(const Given *g) {
    Frame frame = convention_frame(g->convention);
    vec *axes[] = {&frame.beam, &frame.fast, &frame.slow, &frame.normal, &frame.twotheta_axis, &frame.polar,
                   &frame.spindle};
    if (g->convention != CUSTOM) return frame;
    for (int i = 0; i < V_PIX0; i++)
        if (g->has_vector[i]) *axes[i] = g->vectors[i];
    return frame;
}

/* Pixels along one axis, from a count or from the side; the side that belongs to it, m. */
static double count_pixels(const Given *g, const char *count_flag, const char *side_flag, double pixel,
                           double *side) {
    const int count = given_whole(g, count_flag);
    *side = count > 0 ? pixel * count : given_number(g, side_flag, 0.1024, MM);
    if (count > 0) return count;
    return fmax(ceil(*side / pixel - 0.5), 1.0);
}

/* Attenuation and thickness of the sensor: section 5. */
static void read_sensor(const Given *g, Detector *d) {
    const Setting *depth = given(g, "-detector_abs");
    d->thickness = given_number(g, "-detector_thick", 0.0, MICRONS);
    d->attenuation = d->thickness > 0.0 ? 1.0 / d->thickness : 0.0;
    if (depth != NULL) {
        d->attenuation = absorbs(&depth->value[0]) ? 1.0 / (depth->value[0].number * MICRON) : 0.0;
    }
    const Steps layers = thick_steps(d->thickness, given_whole(g, "-thicksteps"));
    d->layer = layers.step, d->layers = layers.steps;
}

/* Distances, beam centre and tilts. */
static void read_position(const Given *g, Detector *d) {
    d->distance = given_number(g, "-distance", 0.1, MM);
    d->close_distance = given_get(g, "-close_distance", MM);
    d->x_beam = given_get(g, "-Xbeam", MM), d->y_beam = given_get(g, "-Ybeam", MM);
    d->x_close = given_get(g, "-Xclose", MM), d->y_close = given_get(g, "-Yclose", MM);
    d->orgx = given_get(g, "-ORGX", 1.0), d->orgy = given_get(g, "-ORGY", 1.0);
    d->rotation.x = given_number(g, "-detector_rotx", 0.0, 1.0) / DEGREES;
    d->rotation.y = given_number(g, "-detector_roty", 0.0, 1.0) / DEGREES;
    d->rotation.z = given_number(g, "-detector_rotz", 0.0, 1.0) / DEGREES;
    d->twotheta = given_number(g, "-twotheta", 0.0, 1.0) / DEGREES;
}

/* Pixels, position and sensor. The frame is there already. */
void read_detector(const Given *g, Detector *d) {
    d->pixel = given_number(g, "-pixel", 0.1 / MM, MM);
    const double slow = count_pixels(g, "-detpixels_s", "-detsize_s", d->pixel, &d->side_s);
    const double fast = count_pixels(g, "-detpixels_f", "-detsize_f", d->pixel, &d->side_f);
    if (!(slow * fast <= LARGEST_IMAGE))
        fail("command line: expected a detector of at most %d pixels, got %.0f x %.0f", LARGEST_IMAGE, fast, slow);
    d->pixels_s = (int)slow, d->pixels_f = (int)fast;
    if (norm(d->frame.normal) != 1.0 && norm(cross(unit(d->frame.fast), unit(d->frame.slow))) == 0.0)
        fail("-fdet_vector: expected a direction other than the slow axis, got the same");
    read_position(g, d);
    d->pivot = g->pivot;
    if (g->convention != CUSTOM)
        d->pivot = g->convention == XDS || g->convention == DIALS ? PIVOT_SAMPLE : PIVOT_BEAM;
    d->has_pix0 = g->convention == CUSTOM && g->has_vector[V_PIX0];
    d->pix0 = g->vectors[V_PIX0];
    d->curved = given(g, "-curved_det") != NULL;
    d->point_pixel = given(g, "-point_pixel") != NULL;
    read_sensor(g, d);
}
