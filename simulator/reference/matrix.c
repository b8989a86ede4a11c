/* matrix.c: MOSFLM A matrix. Twin: simulator/matrix.py. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* A token as a number; ends the run if it is none. */
static double number_at(const char *path, const char *token, size_t length, int position) {
    char word[64];
    double value = 0.0;
    snprintf(word, sizeof word, "%.*s", (int)length, token);
    if (length >= sizeof word || strlen(word) != length || !is_number(word, &value))
        fail("-mat %s number %d: expected a number, got %s", path, position, quoted(token, length));
    return value;
}

/* a*, b*, c* in 1/A: the columns of the first nine numbers, divided by the wavelength (A). */
Triad read_matrix(const char *path, double lambda) {
    size_t length;
    char *bytes = read_file("-mat", path, &length);
    const char *p = bytes, *end = bytes + length;
    double m[9];
    int count = 0;
    for (size_t size = 0; count < 9 && (p = next_token(p, end, &size)) != NULL; p += size) {
        m[count] = number_at(path, p, size, count + 1) / lambda;
        count++;
    }
    if (count < 9) fail("-mat %s: expected 9 numbers, got %d", path, count);
    free(bytes);
    const Triad star = {{m[0], m[3], m[6]}, {m[1], m[4], m[7]}, {m[2], m[5], m[8]}};
    const double volume = dot(star.a, cross(star.b, star.c));
    if (!(fabs(volume) > 0.0) || !isfinite(volume))
        fail("-mat %s: expected a cell of non-zero volume, got %g", path, volume);
    return star;
}
