/* printout.c: single pixels in the words of nanoBragg's -printout. Twin: simulator/commandline/printout.py.
 * First layer, subpixel, source, phi step and mosaic domain; the sums are the pixel's. */
#include "../engine.h"

static void print_crystal(const Triad *crystal) {
    const vec a = angstroms(crystal->a), b = angstroms(crystal->b), c = angstroms(crystal->c);
    printf("real-space cell vectors (Angstrom):\n     %-10s  %-10s  %-10s\n", "a", "b", "c");
    printf("X: %11.8f %11.8f %11.8f\n", a.x, b.x, c.x);
    printf("Y: %11.8f %11.8f %11.8f\n", a.y, b.y, c.y);
    printf("Z: %11.8f %11.8f %11.8f\n", a.z, b.z, c.z);
}

/* A pixel's numbers. */
void printout_pixel(const Scene *scene, int slow, int fast) {
    const long raster = (long)slow * scene->d->pixels_f + fast;
    const Source *source = scene->x->sources.list;
    const Ray ray = trace_ray(scene, slow, fast, 0, 0, 0);
    const vec q = scattering_vector(ray.diffracted, source->incident, source->lambda);
    const Scatter found = scatter_at(scene, raster, 0, 0, q);
    const PixelSum p = render_pixel(scene, slow, fast);
    const double stol = 0.5 * norm(q);
    printf("%4d %4d : stol = %g or %g\n", fast, slow, stol, stol * ANGSTROM);
    printf("at %g %g %g\n", ray.position.x, ray.position.y, ray.position.z);
    printf("hkl= %f %f %f  hkl0= %.0f %.0f %.0f\n", found.hkl.x, found.hkl.y, found.hkl.z, found.hkl0.x + 0.0,
           found.hkl0.y + 0.0, found.hkl0.z + 0.0);
    printf(" F_cell=%g  F_latt=%g   I = %g\n", found.F_cell, found.F_latt, p.sum);
    printf("I/steps %15.10g\n", p.sum / scene->steps);
    printf("polar   %15.10g\nomega   %15.10g\ncapfrac %15.10g\npixel   %15.10g\n", p.polar, p.omega, p.capture,
           (double)(float)p.value); /* as it stands in the image */
    print_crystal(crystal_at(scene, raster, 0, 0));
}

/* The pixel of -printout_pixel, then with -printout every rendered one. */
void printout(const Scene *scene, const Task *task) {
    if (task->printout_one) printout_pixel(scene, task->printout_pixel[1], task->printout_pixel[0]);
    if (!task->printout) return;
    for (int slow = scene->x->roi[2]; slow <= scene->x->roi[3]; slow++)
        for (int fast = scene->x->roi[0]; fast <= scene->x->roi[1]; fast++)
            if (rendered(scene->x, slow, fast)) printout_pixel(scene, slow, fast);
}
