/* conventions.c: axes and beam centre of each named convention. Twin: simulator/physics/conventions.py.
 * README "Conventions". */
#include "../engine.h"

/* beam, fast, slow, normal, twotheta axis, polarization normal, spindle */
static const Frame FRAMES[] = {
    [MOSFLM] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1}},
    [DENZO] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1}},
    [ADXV] = {{0, 0, 1}, {1, 0, 0}, {0, -1, 0}, {0, 0, 1}, {-1, 0, 0}, {1, 0, 0}, {1, 0, 0}},
    [XDS] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}},
    [DIALS] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0}},
    [CUSTOM] = {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 1}},
};

Frame convention_frame(Convention convention) { return FRAMES[convention]; }

const char *convention_name(Convention convention) {
    static const char *const names[] = {"mosflm", "denzo", "adxv", "xds", "dials", "custom"};
    return names[convention];
}
