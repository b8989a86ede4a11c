/* image.c: the whole image. Twin: simulator/rendering/image.py. */
#include "../engine.h"

#include <stdlib.h>

/* Whether a pixel is inside the ROI and not masked. */
bool rendered(const Experiment *x, int slow, int fast) {
    if (fast < x->roi[0] || fast > x->roi[1] || slow < x->roi[2] || slow > x->roi[3]) return false;
    return x->mask == NULL || x->mask[(size_t)slow * (size_t)x->detector.pixels_f + (size_t)fast] != 0;
}

/* One row of the image; returns the solid angle of its rendered pixels. */
static double render_row(const Scene *scene, int slow, float *row) {
    double omega = 0.0;
    for (int fast = scene->x->roi[0]; fast <= scene->x->roi[1]; fast++) {
        if (!rendered(scene->x, slow, fast)) continue;
        const PixelSum p = render_pixel(scene, slow, fast);
        row[fast] = (float)p.value;
        omega += p.omega;
    }
    return omega;
}

/* The image (slow, fast). Rows are shared among the threads; no pixel depends on another. */
Image render_image(const Scene *scene) {
    const Experiment *x = scene->x;
    const size_t columns = (size_t)x->detector.pixels_f, rows = (size_t)x->detector.pixels_s;
    Image image = {allocate(rows * columns, sizeof(float), "the image"), 0.0};
    double *omega = allocate(rows, sizeof(double), "the image");
    progress_start(x->progress, x->roi[3] - x->roi[2] + 1);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
    for (int slow = x->roi[2]; slow <= x->roi[3]; slow++) {
        omega[slow] = render_row(scene, slow, image.pixels + (size_t)slow * columns);
        progress_row();
    }
    progress_end();
    for (size_t slow = 0; slow < rows; slow++) image.omega_sum += omega[slow];
    free(omega);
    return image;
}
