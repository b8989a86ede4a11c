/* detector.c: where every pixel is. Twin: simulator/physics/detector.py. README "Detector". */
#include "../engine.h"

/* A vector that moves with the detector, brought to its tilt and swing. */
static vec swing(const Detector *d, vec v) {
    return rotate_axis(rotate_xyz(v, d->rotation), d->frame.twotheta_axis, d->twotheta);
}

/* Corner of the first pixel, D, from a point (F, S) of the plane and the way to it. */
static vec corner(const Frame *frame, double f, double s, double distance, vec way) {
    return (vec){-f * frame->fast.x - s * frame->slow.x + distance * way.x,
                 -f * frame->fast.y - s * frame->slow.y + distance * way.y,
                 -f * frame->fast.z - s * frame->slow.z + distance * way.z};
}

/* Turns the axes into place and finds D, the distances and the beam centre on the plane: steps 1 to 5. */
void detector_frame(Detector *d, bool pix0_derived) {
    Frame *frame = &d->frame;
    const bool keep = d->has_pix0 && !pix0_derived;
    vec pix0 = d->pix0;
    const double ratio = dot(frame->beam, rotate_xyz(frame->normal, d->rotation));
    if (isnan(d->close_distance)) d->close_distance = fabs(ratio * d->distance);
    d->distance = d->close_distance / ratio;
    if (d->pivot == PIVOT_SAMPLE && !keep)
        pix0 = swing(d, corner(frame, d->f_close, d->s_close, d->close_distance, frame->normal));
    frame->fast = swing(d, frame->fast);
    frame->slow = swing(d, frame->slow);
    frame->normal = swing(d, frame->normal);
    if (d->pivot == PIVOT_BEAM && !keep)
        pix0 = corner(frame, d->f_beam, d->s_beam, d->distance, frame->beam);
    d->pix0 = pix0;
    d->f_close = -dot(pix0, frame->fast);
    d->s_close = -dot(pix0, frame->slow);
    d->close_distance = dot(pix0, frame->normal);
    const vec g = add(scale(frame->beam, d->close_distance / ratio), scale(pix0, -1.0));
    d->f_beam = dot(frame->fast, g);
    d->s_beam = dot(frame->slow, g);
    d->distance = d->close_distance / ratio;
    d->orgx = d->f_close / d->pixel + 0.5;
    d->orgy = d->s_close / d->pixel + 0.5;
}

/* unit(b x p): the axis that horizontal divergence turns about. */
vec vertical_axis(const Frame *frame) { return unit(cross(frame->beam, frame->polar)); }

/* Point of the sensor at F, S on the plane and a depth below it, m. */
vec pixel_position(const Detector *d, double f, double s, double depth) {
    const vec D = d->pix0, fast = d->frame.fast, slow = d->frame.slow, o = d->frame.normal;
    return (vec){D.x + f * fast.x + s * slow.x + depth * o.x,
                 D.y + f * fast.y + s * slow.y + depth * o.y,
                 D.z + f * fast.z + s * slow.z + depth * o.z};
}

/* Where a flat point ends up when the detector is bent onto a sphere around the sample. */
vec curved_position(const Detector *d, vec flat) {
    const vec centre = scale(d->frame.beam, d->distance);
    const vec bent = rotate_axis(centre, d->frame.slow, flat.y / d->distance);
    return rotate_axis(bent, d->frame.fast, flat.z / d->distance);
}

/* Solid angle of a pixel at this distance from the sample, sr. */
double solid_angle(const Detector *d, double distance) {
    if (d->point_pixel) return 1.0 / distance / distance;
    return d->pixel * d->pixel / distance / distance * d->close_distance / distance;
}

/* Share of the photons that one layer of the sensor stops; 1 where there is no sensor. */
double capture_fraction(const Detector *d, int layer, vec diffracted) {
    if (!d->absorbs) return 1.0;
    const double c = obliquity(d, diffracted);
    return exp(-layer * d->layer * d->attenuation / c) - exp(-(layer + 1) * d->layer * d->attenuation / c);
}

/* Cosine between the diffracted direction and the detector's normal. */
double obliquity(const Detector *d, vec diffracted) { return dot(diffracted, d->frame.normal); }
