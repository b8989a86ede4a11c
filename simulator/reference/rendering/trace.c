/* trace.c: every number on the way to one pixel, from the functions that render it. Twin: simulator/rendering/trace.py.
 * Lines "TRACE_C: name values", 17 digits; first layer, subpixel, source, phi step and mosaic domain. */
#include "../engine.h"

static void tap(const char *name, double value) { printf("TRACE_C: %s %.17g\n", name, value); }

static void tap3(const char *name, vec v) { printf("TRACE_C: %s %.17g %.17g %.17g\n", name, v.x, v.y, v.z); }

/* The unit cell: once per trace. */
void trace_cell(const Experiment *x) {
    tap3("cell_a_star_A_inv", x->star.a);
    tap3("cell_b_star_A_inv", x->star.b);
    tap3("cell_c_star_A_inv", x->star.c);
    tap3("cell_a_angstroms", x->direct.a);
    tap3("cell_b_angstroms", x->direct.b);
    tap3("cell_c_angstroms", x->direct.c);
    tap("V_cell_A3", 1.0 / x->v_star);
    tap("V_star_A3_inv", x->v_star);
}

vec angstroms(vec metres) { return (vec){metres.x / ANGSTROM, metres.y / ANGSTROM, metres.z / ANGSTROM}; }

/* Direct vectors of the first mosaic domain at a phi step of the first sweep. */
const Triad *crystal_at(const Scene *scene, long raster, int step) {
    const int row = sweep_rows(scene, raster, 0)[step];
    return scene->orientations + (size_t)row * (size_t)scene->x->domains;
}

/* What the first mosaic domain scatters at a phi step of the first sweep. */
Scatter scatter_at(const Scene *scene, long raster, int step, vec q) {
    const bool interpolate = (long)step * scene->x->domains < latch_limit(scene, raster);
    return scatter(scene->x, crystal_at(scene, raster, step), q, interpolate);
}

static void trace_axes(const char *prefix, const Experiment *x, vec hkl) {
    const char *const axes = "abc";
    const double h[3] = {hkl.x, hkl.y, hkl.z};
    for (int i = 0; i < 3 && x->shape == SQUARE; i++)
        printf("TRACE_C: %sF_latt_%c %.17g\n", prefix, axes[i], lattice_axis(h[i], x->cells[i]));
}

static void trace_geometry(const Scene *scene, const Ray *ray) {
    tap3("pix0_vector_meters", scene->d->pix0);
    tap3("fdet_vec", scene->d->frame.fast);
    tap3("sdet_vec", scene->d->frame.slow);
    tap3("odet_vec", scene->d->frame.normal);
    tap3("pixel_pos_meters", ray->position);
    tap("R_distance_meters", ray->r);
    tap("omega_pixel_sr", ray->omega);
    tap("close_distance_meters", scene->d->close_distance);
    tap("obliquity_factor", obliquity(scene->d, ray->diffracted));
    tap3("diffracted_vec", ray->diffracted);
}

static void trace_scatter(const Scene *scene, long raster, vec q) {
    const Triad *crystal = crystal_at(scene, raster, 0);
    const Scatter found = scatter_at(scene, raster, 0, q);
    tap3("rot_a_angstroms", angstroms(crystal->a));
    tap3("rot_b_angstroms", angstroms(crystal->b));
    tap3("rot_c_angstroms", angstroms(crystal->c));
    tap3("rot_a_star_A_inv", scene->x->star.a);
    tap3("rot_b_star_A_inv", scene->x->star.b);
    tap3("rot_c_star_A_inv", scene->x->star.c);
    tap3("hkl_frac", found.hkl);
    tap3("hkl_rounded", found.hkl0);
    trace_axes("", scene->x, found.hkl);
    tap("F_latt", found.F_latt);
    tap("F_cell", found.F_cell);
}

static void trace_sum(const Scene *scene, const PixelSum *p, double cos_2theta) {
    tap("I_before_scaling", p->sum);
    tap("r_e_sqr", R_E_SQR);
    tap("fluence_photons_per_m2", scene->x->fluence);
    tap("steps", scene->steps);
    tap("capture_fraction", p->capture);
    tap("polar", p->polar);
    tap("omega_pixel", p->omega);
    tap("cos_2theta", cos_2theta);
    tap("I_pixel_final", p->value);
}

static void trace_phi(const Scene *scene, long raster, int step, vec q) {
    const Triad *crystal = crystal_at(scene, raster, step);
    const Scatter found = scatter_at(scene, raster, step, q);
    printf("TRACE_C: phi_tic %d\n", step);
    tap("phi_deg", (scene->x->phi0 + step * scene->x->phi.step) * DEGREES);
    tap3("phi_rot_a_angstroms", angstroms(crystal->a));
    tap3("phi_rot_b_angstroms", angstroms(crystal->b));
    tap3("phi_rot_c_angstroms", angstroms(crystal->c));
    tap3("phi_hkl_frac", found.hkl);
    tap3("phi_hkl_rounded", found.hkl0);
    trace_axes("phi_", scene->x, found.hkl);
    tap("phi_F_latt", found.F_latt);
    tap("phi_F_cell", found.F_cell);
    tap("phi_I_term", found.intensity);
}

void trace_pixel(const Scene *scene, int slow, int fast) {
    const long raster = (long)slow * scene->d->pixels_f + fast;
    const Source *source = scene->x->sources.list;
    const Ray ray = trace_ray(scene, slow, fast, 0, 0, 0);
    const vec q = scattering_vector(ray.diffracted, source->incident, source->lambda);
    const PixelSum p = render_pixel(scene, slow, fast);
    printf("TRACE_C: trace_pixel %d %d\n", slow, fast);
    trace_geometry(scene, &ray);
    tap3("incident_vec", source->incident);
    tap("lambda_meters", source->lambda);
    tap3("scattering_vec_m_inv", q);
    trace_scatter(scene, raster, q);
    trace_sum(scene, &p, dot(source->incident, ray.diffracted));
    for (int k = 0; k < scene->x->phi.steps; k++) trace_phi(scene, raster, k, q);
}
