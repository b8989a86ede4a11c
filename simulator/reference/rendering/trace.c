/* trace.c: every number on the way to one pixel, from the functions that render it. Twin: simulator/rendering/trace.py.
 * Lines "TRACE_C: name values", 17 digits; first layer, subpixel, source, phi step and mosaic domain;
 * with --trace-blocks every further layer and subpixel as well, its taps named block_LAYER_ROW_COLUMN_... */
#include "../engine.h"

/* Taps of the blocks of further layers and subpixels, and of the phi steps, have a prefix. */
static void tap(const char *prefix, const char *name, double value) {
    printf("TRACE_C: %s%s %.17g\n", prefix, name, value);
}

static void tap3(const char *prefix, const char *name, vec v) {
    printf("TRACE_C: %s%s %.17g %.17g %.17g\n", prefix, name, v.x, v.y, v.z);
}

/* The unit cell: once per trace. */
void trace_cell(const Experiment *x) {
    tap3("", "cell_a_star_A_inv", x->star.a);
    tap3("", "cell_b_star_A_inv", x->star.b);
    tap3("", "cell_c_star_A_inv", x->star.c);
    tap3("", "cell_a_angstroms", x->direct.a);
    tap3("", "cell_b_angstroms", x->direct.b);
    tap3("", "cell_c_angstroms", x->direct.c);
    tap("", "V_cell_A3", 1.0 / x->v_star);
    tap("", "V_star_A3_inv", x->v_star);
}

vec angstroms(vec metres) { return (vec){metres.x / ANGSTROM, metres.y / ANGSTROM, metres.z / ANGSTROM}; }

/* Direct vectors of the first mosaic domain at a phi step of a sweep. */
const Triad *crystal_at(const Scene *scene, long raster, long sweep, int step) {
    const int row = sweep_rows(scene, raster, sweep)[step];
    return scene->orientations + (size_t)row * (size_t)scene->x->domains;
}

/* What the first mosaic domain scatters at a phi step of a sweep. */
Scatter scatter_at(const Scene *scene, long raster, long sweep, int step, vec q) {
    const long term = (sweep * scene->x->phi.steps + step) * scene->x->domains;
    return scatter(scene->x, crystal_at(scene, raster, sweep, step), q, term < latch_limit(scene, raster));
}

static void trace_axes(const char *prefix, const Experiment *x, vec hkl) {
    const char *const axes = "abc";
    const double h[3] = {hkl.x, hkl.y, hkl.z};
    for (int i = 0; i < 3 && x->shape == SQUARE; i++)
        printf("TRACE_C: %sF_latt_%c %.17g\n", prefix, axes[i], lattice_axis(h[i], x->cells[i], x->cancels));
}

static void trace_crystal(const char *prefix, const Triad *crystal) {
    tap3(prefix, "rot_a_angstroms", angstroms(crystal->a));
    tap3(prefix, "rot_b_angstroms", angstroms(crystal->b));
    tap3(prefix, "rot_c_angstroms", angstroms(crystal->c));
}

/* omega: the solid angle in use, the first subpixel's unless -oversample_omega. */
static void trace_geometry(const char *prefix, const Scene *scene, const Ray *ray, double omega) {
    tap3(prefix, "pix0_vector_meters", scene->d->pix0);
    tap3(prefix, "fdet_vec", scene->d->frame.fast);
    tap3(prefix, "sdet_vec", scene->d->frame.slow);
    tap3(prefix, "odet_vec", scene->d->frame.normal);
    tap3(prefix, "pixel_pos_meters", ray->position);
    tap(prefix, "R_distance_meters", ray->r);
    tap(prefix, "omega_pixel_sr", omega);
    tap(prefix, "close_distance_meters", scene->d->close_distance);
    tap(prefix, "obliquity_factor", scene->d->close_distance / ray->r); /* as the solid angle has it */
    tap3(prefix, "diffracted_vec", ray->diffracted);
}

static void trace_scatter(const char *prefix, const Scene *scene, const Triad *crystal, const Scatter *found) {
    trace_crystal(prefix, crystal);
    tap3(prefix, "rot_a_star_A_inv", scene->x->star.a);
    tap3(prefix, "rot_b_star_A_inv", scene->x->star.b);
    tap3(prefix, "rot_c_star_A_inv", scene->x->star.c);
    tap3(prefix, "hkl_frac", found->hkl);
    tap3(prefix, "hkl_rounded", found->hkl0);
    trace_axes(prefix, scene->x, found->hkl);
    tap(prefix, "F_latt", found->F_latt);
    tap(prefix, "F_cell", found->F_cell);
}

/* The ray to a subpixel, numbered in the order of the loops. */
static Ray subpixel_ray(const Scene *scene, int slow, int fast, long sub) {
    const long n = scene->x->oversample;
    return trace_ray(scene, slow, fast, (int)(sub / n / n), (int)(sub / n % n), (int)(sub % n));
}

/* One layer and subpixel in the light of the first source; returns the scattering vector. */
static vec trace_block(const Scene *scene, int slow, int fast, long sub, const char *prefix) {
    const long raster = (long)slow * scene->d->pixels_f + fast, sweep = sub * (long)scene->x->sources.count;
    const Source *source = scene->x->sources.list;
    const Ray ray = subpixel_ray(scene, slow, fast, sub);
    const vec q = scattering_vector(ray.diffracted, source->incident, source->lambda);
    const Scatter found = scatter_at(scene, raster, sweep, 0, q);
    const bool own = scene->x->oversample_omega;
    trace_geometry(prefix, scene, &ray, own ? ray.omega : subpixel_ray(scene, slow, fast, 0).omega);
    tap3(prefix, "incident_vec", source->incident);
    tap(prefix, "lambda_meters", source->lambda);
    tap3(prefix, "scattering_vec_m_inv", q);
    trace_scatter(prefix, scene, crystal_at(scene, raster, sweep, 0), &found);
    return q;
}

/* Polarization factor of the last source not skipped, or the one given if there is none. */
static double last_polar(const Scene *scene, int slow, int fast, long last, double polar) {
    const long sources = (long)scene->x->sources.count;
    for (long sweep = (last + 1) * sources - 1; sweep >= 0; sweep--) {
        const Source *source = scene->x->sources.list + sweep % sources;
        const vec diffracted = subpixel_ray(scene, slow, fast, sweep / sources).diffracted;
        if (!resolution_skip(scene->x, scattering_vector(diffracted, source->incident, source->lambda)))
            return polarization_factor(scene->x->kahn, source->incident, diffracted, scene->d->frame.polar);
    }
    return polar;
}

/* The sum and its factors; those recomputed for every subpixel as the last one leaves them. */
static void trace_sum(const Scene *scene, int slow, int fast, long last) {
    const Experiment *x = scene->x;
    PixelSum p = render_pixel(scene, slow, fast);
    const Ray ray = subpixel_ray(scene, slow, fast, last);
    if (x->oversample_thick) p.capture = capture_fraction(scene->d, scene->d->layers - 1, ray.diffracted);
    if (x->oversample_polar && scene->polarizes) p.polar = last_polar(scene, slow, fast, last, p.polar);
    if (x->oversample_omega) p.omega = ray.omega;
    const Source *source = scene->x->sources.list + scene->x->sources.count - 1;
    tap("", "I_before_scaling", p.sum);
    tap("", "r_e_sqr", R_E_SQR);
    tap("", "fluence_photons_per_m2", scene->x->fluence);
    tap("", "steps", scene->steps);
    tap("", "capture_fraction", p.capture);
    tap("", "polar", p.polar);
    tap("", "omega_pixel", p.omega);
    tap("", "cos_2theta", dot(source->incident, ray.diffracted));
    tap("", "I_pixel_final", p.value);
}

static void trace_phi(const Scene *scene, long raster, int step, vec q) {
    const Scatter found = scatter_at(scene, raster, 0, step, q);
    printf("TRACE_C: phi_tic %d\n", step);
    tap("phi_", "deg", (scene->x->phi0 + step * scene->x->phi.step) * DEGREES);
    trace_crystal("phi_", crystal_at(scene, raster, 0, step));
    tap3("phi_", "hkl_frac", found.hkl);
    tap3("phi_", "hkl_rounded", found.hkl0);
    trace_axes("phi_", scene->x, found.hkl);
    tap("phi_", "F_latt", found.F_latt);
    tap("phi_", "F_cell", found.F_cell);
    tap("phi_", "I_term", found.intensity);
}

void trace_pixel(const Scene *scene, int slow, int fast, bool blocks) {
    const long n = scene->x->oversample, last = scene->d->layers * n * n - 1;
    printf("TRACE_C: trace_pixel %d %d\n", slow, fast);
    const vec q = trace_block(scene, slow, fast, 0, "");
    trace_sum(scene, slow, fast, last);
    for (long sub = 1; blocks && sub <= last; sub++) {
        char prefix[80];
        snprintf(prefix, sizeof prefix, "block_%ld_%ld_%ld_", sub / n / n, sub / n % n, sub % n);
        trace_block(scene, slow, fast, sub, prefix);
    }
    for (int k = 0; k < scene->x->phi.steps; k++)
        trace_phi(scene, (long)slow * scene->d->pixels_f + fast, k, q);
}
