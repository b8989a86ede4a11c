/* structure.c: structure factors at whole and fractional indices. Twin: simulator/physics/structure.py. */
#include "../engine.h"

#define FEW_CELLS 2 /* crystals this small interpolate by themselves */

/* Whether structure factors are interpolated: as told (1 or 0; -1: not), else for the smallest crystals. */
bool interpolates(int told, const double cells[3]) {
    return told >= 0 ? told == 1 : fmin(cells[0], fmin(cells[1], cells[2])) <= FEW_CELLS;
}

static double at(const Reflections *r, int h, int k, int l) {
    const size_t i = (size_t)(h - r->lo[0]), j = (size_t)(k - r->lo[1]), n = (size_t)(l - r->lo[2]);
    return r->F[(i * r->size[1] + j) * r->size[2] + n];
}

static bool within(double index, int lo, int hi) { return index >= lo && index <= hi; }

/* F of the whole index h0 k0 l0; default_F outside the box or without reflections. */
double lookup(const Reflections *r, double h0, double k0, double l0) {
    const bool inside = r->present && within(h0, r->lo[0], r->hi[0]) && within(k0, r->lo[1], r->hi[1]) &&
                        within(l0, r->lo[2], r->hi[2]);
    return inside ? at(r, (int)h0, (int)k0, (int)l0) : r->default_F;
}

/* Cubic Lagrange weights of the points floor(h)-1 .. floor(h)+2. */
void polint_weights(double h, double weight[4]) {
    const double t = h - floor(h);
    weight[0] = -t * (t - 1.0) * (t - 2.0) / 6.0;
    weight[1] = (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0;
    weight[2] = -(t + 1.0) * t * (t - 2.0) / 2.0;
    weight[3] = (t + 1.0) * t * (t - 1.0) / 6.0;
}

/* F between the indices: the product of the three cubics over a block of 4x4x4. */
double tricubic(const Reflections *r, double h, double k, double l) {
    const int h1 = (int)floor(h) - 1, k1 = (int)floor(k) - 1, l1 = (int)floor(l) - 1;
    double wh[4], wk[4], wl[4], F = 0.0;
    polint_weights(h, wh), polint_weights(k, wk), polint_weights(l, wl);
    for (int i = 0; i < 4; i++) {
        double plane = 0.0;
        for (int j = 0; j < 4; j++) {
            double row = 0.0;
            for (int n = 0; n < 4; n++) row += wl[n] * at(r, h1 + i, k1 + j, l1 + n);
            plane += wk[j] * row;
        }
        F += wh[i] * plane;
    }
    return F;
}

static bool spans(double index, int lo, int hi) { return index >= lo + 2.0 && index <= hi - 2.0; }

/* Whether the block that tricubic needs is in the box, by the range rule of README "Structure factor". */
bool block_inside(const Reflections *r, double h, double k, double l) {
    return spans(h, r->lo[0], r->hi[0]) && spans(k, r->lo[1], r->hi[1]) && spans(l, r->lo[2], r->hi[2]);
}
