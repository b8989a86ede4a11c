/* steps.c: how many steps each loop takes, from what was given of range, step and count.
 * Twin: simulator/physics/steps.py. Tables of README "Steps". A range or step of UNSET and a count
 * of 0 were not given. */
#include "../engine.h"

#define MANY 10000000 /* more steps than this is a slip of the keyboard */

/* Whole steps of this size in a range, at least one; ends the run if there are too many. */
static int ceil_steps(double range, double step) {
    const double steps = ceil(range / step);
    if (!(steps >= 1.0)) return 1;
    if (steps > MANY) fail("steps: expected at most %d, got %g", MANY, steps);
    return (int)steps;
}

/* Spindle angles phi0 + k step, degrees. A negative range or count and a step of 0 or less were not given, but a
 * step of exactly 0 is kept beside a range and a count (UNSET: not given). */
Steps phi_steps(double osc, double given_step, double given_count) {
    const bool range = osc >= 0.0, count = given_count >= 0.0;
    const bool step = given_step > 0.0 || (given_step == 0.0 && range && count);
    const int steps = count ? (int)fmax(given_count, 1.0) : 0;
    if (!count) {
        if (!range && !step) return (Steps){0.0, 0.0, 1};
        if (!range) return (Steps){given_step, given_step, 2};
        if (!step) return (Steps){osc, osc / 2.0, 2};
        if (osc == 0.0) fail("-osc: expected a number > 0 beside -phistep, got 0");
        return (Steps){osc, given_step, ceil_steps(osc, given_step)};
    }
    if (!range) return step ? (Steps){given_step, given_step, 2} : (Steps){1.0, 1.0 / steps, steps};
    return (Steps){osc, step ? given_step : osc / steps, steps};
}

/* Divergence (radians) and dispersion (fraction of the wavelength): symmetric about the middle. A negative range and
 * a step or count of 0 or less were not given. */
Steps range_steps(Steps given) {
    const bool range = given.range >= 0.0, step = given.step > 0.0;
    Steps s = given;
    if (given.steps <= 0) {
        if (!range && !step) return (Steps){0.0, 0.0, 1};
        if (!range) s = (Steps){given.step, given.step, 2};
        else if (!step) s = (Steps){given.range, given.range, 2};
        else s.steps = ceil_steps(given.range, given.step);
    } else if (!range) {
        s = step ? (Steps){given.step, given.step, 2} : (Steps){1.0, 1.0 / given.steps, given.steps};
    } else if (!step) {
        if (s.steps < 2) s.steps = 2;
        s.step = s.range / (s.steps - 1);
    }
    if (!(s.range > 0.0) || !(s.step > 0.0)) return (Steps){0.0, 0.0, 1};
    return s;
}

/* Layers of the sensor (m); no thickness: one layer. */
Steps thick_steps(double thickness, int layers) {
    if (!(thickness > 0.0)) return (Steps){0.0, 0.0, 1};
    if (layers <= 0) return (Steps){thickness, thickness / 2.0, 2};
    if (layers < 2) layers = 2;
    return (Steps){thickness, thickness / (layers - 1), layers};
}

/* Domains, from the spread (radians, UNSET: not given) and the number asked for (0: not given). */
int mosaic_steps(double spread, int domains) {
    if (!(spread > 0.0)) return 1;
    return domains > 0 ? domains : 10;
}
