/* sources.c: the beam as a list of point sources. Twin: simulator/physics/sources.py. README "Sources". */
#include "../engine.h"

#include <stdlib.h>

/* Adds a source at a position (m) seen from the sample. */
void add_source(Sources *sources, vec position, double weight, double lambda) {
    if ((sources->count & (sources->count - 1)) == 0) { /* a power of two: the list is full */
        const size_t room = sources->count == 0 ? 1 : 2 * sources->count;
        sources->list = realloc(sources->list, room * sizeof(Source));
        if (sources->list == NULL) fail("command line: expected enough memory, got too little for the sources");
    }
    sources->list[sources->count++] = (Source){scale(unit(position), -1.0), weight, lambda};
}

/* One direction's share of the ellipse's radius; 0/0, a direction without range, trims nothing. */
static double trim(double angle, Steps steps) {
    const double even = 1.0 - steps.steps % 2;
    return (angle * angle - steps.step * steps.step / 4.0 * even) / (steps.range * steps.range);
}

/* Position of the source at these divergence angles. */
static vec diverged(const Frame *frame, vec vertical, double x, double y) {
    const vec straight = scale(frame->beam, -SOURCE_DISTANCE);
    return rotate_axis(rotate_axis(straight, frame->polar, y), vertical, x);
}

/* Every divergence angle (horizontal outermost) with every wavelength. */
Sources generate_sources(const Spread *spread, const Frame *frame) {
    const Steps h = spread->horizontal, v = spread->vertical, wave = spread->dispersion;
    const vec vertical = vertical_axis(frame);
    Sources sources = {NULL, 0};
    for (int i = 0; i < h.steps; i++) {
        for (int j = 0; j < v.steps; j++) {
            const double x = h.step * i - h.range / 2.0, y = v.step * j - v.range / 2.0;
            if (spread->trimmed && 4.0 * (trim(x, h) + trim(y, v)) > 1.1) continue;
            const vec position = diverged(frame, vertical, x, y);
            for (int k = 0; k < wave.steps; k++) {
                const double lambda = spread->lambda * (1.0 + wave.step * k - wave.range / 2.0);
                add_source(&sources, position, 1.0, lambda);
            }
        }
    }
    return sources;
}

double mean_weight(const Sources *sources) {
    double sum = 0.0;
    for (size_t i = 0; i < sources->count; i++) sum += sources->list[i].weight;
    return sum / (double)sources->count;
}
