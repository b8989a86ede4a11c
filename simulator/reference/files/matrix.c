/* matrix.c: MOSFLM A matrix. Twin: simulator/files/matrix.py. */
#include "../engine.h"

#include <stdlib.h>

/* a*, b*, c* in 1/A: the columns of the first nine numbers, divided by the wavelength (A). */
Triad read_matrix(const char *path, double lambda) {
    size_t length;
    char *bytes = read_bytes("-mat", path, &length);
    const char *p = bytes, *end = bytes + length;
    double m[9];
    int count = 0;
    for (size_t size = 0; count < 9 && (p = next_token(p, end, &size)) != NULL; p += size) {
        if (!token_number(p, size, &m[count]))
            fail("-mat %s number %d: expected a number, got %s", path, count + 1, quoted(p, size));
        m[count++] /= lambda;
    }
    if (count < 9) fail("-mat %s: expected 9 numbers, got %d", path, count);
    free(bytes);
    const Triad star = {{m[0], m[3], m[6]}, {m[1], m[4], m[7]}, {m[2], m[5], m[8]}};
    const double volume = dot(star.a, cross(star.b, star.c));
    if (!(fabs(volume) > 0.0) || !isfinite(volume))
        fail("-mat %s: expected a cell of non-zero volume, got %g", path, volume);
    return star;
}
