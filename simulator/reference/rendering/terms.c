/* terms.c: what a scene adds up and how: which terms are left out, and what multiplies the others.
 * Twin: simulator/rendering/terms.py. */
#include "../engine.h"

/* Whether an evaluation is left out altogether: it has no lattice factor, and there is no water. */
bool is_dark(const Experiment *x, double F_latt) { return F_latt == 0.0 && x->water == 0.0; }

/* Whether the resolution limit drops this scattering vector. */
bool resolution_skip(const Experiment *x, vec q) { return x->dmin > 0.0 && x->dmin > 0.5 / (0.5 * norm(q)); }

/* Whether a source's terms of a domain (-1: of any) belong to the part. */
bool in_part(const Part *part, long source, long domain) {
    const long number = part->of == DOMAINS ? domain : source;
    return part->of == EVERYTHING || number < 0 || (part->first <= number && number <= part->last);
}

/* Whether the background is added to this part: once over all of them. */
bool has_background(const Part *part) { return part->of == EVERYTHING || part->first == 0; }

/* What enters the sum by way of the quirks running-sum and last-layer. */
Factors factors(const Experiment *x, double weight, double capture, double layer_capture, double polar,
                       double omega) {
    const double c = x->oversample_thick ? capture : 1.0, p = x->oversample_polar ? polar : 1.0;
    const double w = x->oversample_omega ? omega : 1.0;
    if (!x->quirks[LAST_LAYER] && !x->oversample_thick) weight *= layer_capture;
    if (x->quirks[RUNNING_SUM]) return (Factors){weight, c, p, w};
    return (Factors){weight * c * p * w, 1.0, 1.0, 1.0};
}
