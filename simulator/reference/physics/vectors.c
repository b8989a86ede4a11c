/* vectors.c: three-vectors in the laboratory frame. Twin: simulator/physics/vectors.py.
 * Sums run x, y, z in that order, so that both engines round alike. */
#include "../engine.h"

vec add(vec a, vec b) { return (vec){a.x + b.x, a.y + b.y, a.z + b.z}; }

vec scale(vec a, double factor) { return (vec){a.x * factor, a.y * factor, a.z * factor}; }

vec cross(vec a, vec b) {
    return (vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

double norm(vec a) { return sqrt(dot(a, a)); }

/* The vector divided by its length; a zero vector stays zero. */
vec unit(vec a) {
    const double length = norm(a);
    if (length == 0.0) return a;
    return (vec){a.x / length, a.y / length, a.z / length};
}

/* Right-handed rotation of v about the unit axis (Rodrigues). */
vec rotate_axis(vec v, vec axis, double angle) {
    const double cosine = cos(angle), sine = sin(angle);
    const double along = dot(axis, v) * (1.0 - cosine);
    const vec side = cross(axis, v);
    return (vec){axis.x * along + v.x * cosine + side.x * sine,
                 axis.y * along + v.y * cosine + side.y * sine,
                 axis.z * along + v.z * cosine + side.z * sine};
}

/* Right-handed rotations about the fixed lab X, then Y, then Z. */
vec rotate_xyz(vec v, vec angles) {
    const double cx = cos(angles.x), sx = sin(angles.x), cy = cos(angles.y), sy = sin(angles.y);
    const double cz = cos(angles.z), sz = sin(angles.z);
    v = (vec){v.x, v.y * cx - v.z * sx, v.y * sx + v.z * cx};
    v = (vec){v.x * cy + v.z * sy, v.y, v.z * cy - v.x * sy};
    return (vec){v.x * cz - v.y * sz, v.x * sz + v.y * cz, v.z};
}

/* Matrix (rows a, b, c) times vector. */
vec transform(Triad matrix, vec v) { return (vec){dot(matrix.a, v), dot(matrix.b, v), dot(matrix.c, v)}; }
