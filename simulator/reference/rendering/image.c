/* image.c: the whole image. Twin: simulator/rendering/image.py. */
#include "../engine.h"

#include <stdlib.h>

/* Whether a pixel is inside the ROI and not masked. */
bool rendered(const Experiment *x, int slow, int fast) {
    if (fast < x->roi[0] || fast > x->roi[1] || slow < x->roi[2] || slow > x->roi[3]) return false;
    return x->mask == NULL || x->mask[(size_t)slow * (size_t)x->detector.pixels_f + (size_t)fast] != 0;
}

/* One row of the image; returns the solid angle of its rendered pixels. */
static double render_row(const Scene *scene, int slow, const Image *image) {
    const size_t start = (size_t)slow * (size_t)scene->d->pixels_f;
    double omega = 0.0;
    for (int fast = scene->x->roi[0]; fast <= scene->x->roi[1]; fast++) {
        if (!rendered(scene->x, slow, fast)) continue;
        const PixelSum p = render_pixel(scene, slow, fast);
        image->pixels[start + (size_t)fast] = (float)p.value;
        if (image->parts != NULL) image->parts[start + (size_t)fast] = p.value;
        omega += p.omega;
    }
    return omega;
}

/* The image (slow, fast), of which only the rows of the band are rendered: each as it is in the whole image, whose
 * history the scene holds. Rows are shared among the threads; no pixel depends on another. */
Image render_image(const Scene *scene, const int band[2]) {
    const Experiment *x = scene->x;
    const size_t columns = (size_t)x->detector.pixels_f, rows = (size_t)x->detector.pixels_s;
    Image image = {allocate(rows * columns, sizeof(float), "the image"), NULL, 0.0};
    if (scene->part.of != EVERYTHING) image.parts = allocate(rows * columns, sizeof(double), "the image");
    double *omega = allocate(rows, sizeof(double), "the image");
    const int start = x->roi[2] > band[0] ? x->roi[2] : band[0], end = x->roi[3] < band[1] ? x->roi[3] : band[1];
    progress_start(x->progress, end - start + 1);
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic)
#endif
    for (int slow = start; slow <= end; slow++) {
        omega[slow] = render_row(scene, slow, &image);
        progress_row();
    }
    progress_end();
    for (size_t slow = 0; slow < rows; slow++) image.omega_sum += omega[slow];
    free(omega);
    return image;
}
