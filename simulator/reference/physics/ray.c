/* ray.c: from a pixel to a direction: position and solid angle. Twin: simulator/physics/ray.py. */
#include "../engine.h"

/* A point of a pixel: centre of a subpixel (row, column of n x n) in a layer of the sensor. */
Ray trace_ray(const Scene *scene, int slow, int fast, int layer, int row, int column) {
    const Detector *d = scene->d;
    const int n = scene->x->oversample;
    const double size = d->pixel / n;
    const double f = size * ((double)fast * n + column) + size / 2.0;
    const double s = size * ((double)slow * n + row) + size / 2.0;
    Ray ray = {.position = pixel_position(d, f, s, layer * d->layer)};
    if (d->curved) ray.position = curved_position(d, ray.position);
    ray.r = norm(ray.position);
    ray.diffracted = (vec){ray.position.x / ray.r, ray.position.y / ray.r, ray.position.z / ray.r};
    ray.omega = solid_angle(d, ray.r);
    return ray;
}
