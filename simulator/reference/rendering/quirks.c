/* quirks.c: the places where nanoBragg departs from its own intent, as switches. Twin: simulator/rendering/quirks.py.
 * README "Quirks": all on in c-parity, all off in spec. */
#include "../engine.h"

#include <string.h>

#define SKEWED 1e-9 /* relative error of c* from which on a cell counts as falsified */

const char *const QUIRK_NAMES[QUIRKS] = {"phi-carryover", "running-sum", "last-layer", "interp-latch",
                                         "flat-weights", "pix0-derived", "water-twice", "misset-90rad",
                                         "raw-axis", "blank-sensor", "cstar-z", "early-interpolate",
                                         "unlit-polar", "nopolar-undone"};

void quirks_mode(bool quirks[QUIRKS], bool on) {
    for (int i = 0; i < QUIRKS; i++) quirks[i] = on;
}

static int quirk_index(const char *name, size_t length) {
    for (int i = 0; i < QUIRKS; i++)
        if (strlen(QUIRK_NAMES[i]) == length && strncmp(QUIRK_NAMES[i], name, length) == 0) return i;
    return -1;
}

static void refuse(const char *item, size_t length) {
    fail("--quirks: expected +name or -name with a name of phi-carryover running-sum last-layer interp-latch "
         "flat-weights pix0-derived water-twice misset-90rad raw-axis blank-sensor cstar-z early-interpolate "
         "unlit-polar nopolar-undone, got %s", quoted(item, length));
}

/* Applies a list such as "+phi-carryover,-running-sum". */
void quirks_adjust(bool quirks[QUIRKS], const char *list) {
    for (const char *item = list; item != NULL;) {
        const char *comma = strchr(item, ',');
        const size_t length = comma ? (size_t)(comma - item) : strlen(item);
        const int i = length > 0 ? quirk_index(item + 1, length - 1) : -1;
        if (i < 0 || (item[0] != '+' && item[0] != '-')) refuse(item, length);
        quirks[i] = item[0] == '+';
        item = comma ? comma + 1 : NULL;
    }
}

static bool carries_over(const Scene *scene) {
    for (int k = 0; k < scene->x->phi.steps; k++)
        if (carryover_index(scene->x->phi0, scene->x->phi, k, true, false) !=
            carryover_index(scene->x->phi0, scene->x->phi, k, false, false)) return true;
    return false;
}

static bool uneven(const Sources *sources) {
    for (size_t s = 1; s < sources->count; s++)
        if (sources->list[s].weight != sources->list[0].weight) return true;
    return false;
}

/* Whether the cell has a default orientation, and one that the quirk cstar-z falsifies. */
static bool skewed(const Experiment *x) {
    if (!x->has_cell || x->has_matrix) return false;
    const double wrong = reciprocal_from_cell(x->cell, true).c.z, right = reciprocal_from_cell(x->cell, false).c.z;
    return fabs(wrong - right) > SKEWED * fabs(right);
}

/* Which quirks make a difference to this image: where on, they shaped it; where off, they would have. */
void active_quirks(const Scene *scene, bool active[QUIRKS]) {
    const Experiment *x = scene->x;
    const Detector *d = &x->detector;
    const bool many = scene->steps * d->layers > 1.0 || scene->background > 0.0;
    active[PHI_CARRYOVER] = carries_over(scene);
    active[RUNNING_SUM] = many && (x->oversample_thick || x->oversample_polar || x->oversample_omega);
    const bool sensor = d->thickness > 0.0 && d->attenuation > 0.0;
    active[LAST_LAYER] = d->layers > 1 && sensor && !x->oversample_thick;
    active[INTERP_LATCH] = scene->latch_found;
    active[FLAT_WEIGHTS] = uneven(&x->sources);
    active[PIX0_DERIVED] = d->has_pix0;
    active[WATER_TWICE] = scene->background > 0.0;
    active[MISSET_90RAD] = x->random_misset;
    active[RAW_AXIS] = d->twotheta != 0.0 && d->raw_axis;
    active[BLANK_SENSOR] = !sensor && (d->thickness > 0.0 || x->oversample_thick);
    active[CSTAR_Z] = skewed(x);
    active[EARLY_INTERPOLATE] = x->reflections.present && interpolates(x->told_interpolate, x->counts) !=
                                                              interpolates(x->told_interpolate, x->cells);
    active[UNLIT_POLAR] = has_unlit(scene) && !x->nopolar && !x->oversample_polar;
    active[NOPOLAR_UNDONE] = x->nopolar && x->oversample_polar;
}
