/* sourcefile.c: source lists, rows X Y Z weight wavelength, in metres. Twin: simulator/files/sourcefile.py. */
#include "../engine.h"

#include <stdlib.h>

/* Fills row with the numbers of a line; returns how many there are, -1 if a word is none or there are too many. */
static int read_row(const char *p, const char *end, double row[5]) {
    int count = 0;
    for (size_t size = 0; (p = next_token(p, end, &size)) != NULL; p += size)
        if (count == 5 || !token_number(p, size, &row[count++])) return -1;
    return count;
}

/* Columns left out take the defaults: position straight up the beam (m), weight 1, wavelength (m).
 * # starts a comment. */
Sources read_sources(const char *path, vec towards, double lambda) {
    size_t length;
    char *bytes = read_bytes("-sourcefile", path, &length);
    Sources sources = {NULL, 0};
    for (Line line = {.next = bytes}; next_line(&line, bytes + length);) {
        double row[5] = {towards.x, towards.y, towards.z, 1.0, lambda};
        const int count = read_row(line.start, line.content, row);
        const double square = row[0] * row[0] + row[1] * row[1] + row[2] * row[2];
        const bool nowhere = !(square > 0.0) || !isfinite(square);
        if (count < 0 || (count > 0 && (nowhere || !(row[4] > 0.0))))
            fail("-sourcefile %s line %d: expected 'X Y Z weight wavelength', got %s", path, line.number,
                 quoted_line(&line));
        if (count > 0) add_source(&sources, (vec){row[0], row[1], row[2]}, row[3], row[4]);
    }
    if (sources.count == 0) fail("-sourcefile %s: expected at least one source, got nothing", path);
    free(bytes);
    return sources;
}
