/* sourcefile.c: source lists, rows X Y Z weight wavelength, in metres. Twin: simulator/sourcefile.py. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* Fills row with the numbers of a line; returns how many there are, -1 if some token is none or too many are. */
static int read_row(const char *p, const char *end, double row[5]) {
    int count = 0;
    for (size_t size = 0; (p = next_token(p, end, &size)) != NULL; p += size) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)size, p);
        if (count == 5 || size >= sizeof word || strlen(word) != size || !is_number(word, &row[count])) return -1;
        count++;
    }
    return count;
}

/* A line without the white space around it, quoted. */
static const char *quoted_line(const char *line, const char *end) {
    while (line < end && strchr(" \t\r\v\f", *line)) line++;
    while (line < end && strchr(" \t\r\v\f", end[-1])) end--;
    return quoted(line, (size_t)(end - line));
}

/* Columns left out take the defaults: position straight up the beam (m), weight 1, wavelength (m).
 * # starts a comment. */
Sources read_sources(const char *path, vec towards, double lambda) {
    size_t length;
    char *bytes = read_file("-sourcefile", path, &length);
    const char *end = bytes + length;
    Sources sources = {NULL, 0};
    int number = 1;
    for (const char *line = bytes; line < end; number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL) stop = end;
        const char *hash = memchr(line, '#', (size_t)(stop - line));
        double row[5] = {towards.x, towards.y, towards.z, 1.0, lambda};
        const int count = read_row(line, hash ? hash : stop, row);
        const bool nowhere = row[0] == 0.0 && row[1] == 0.0 && row[2] == 0.0;
        if (count < 0 || (count > 0 && (nowhere || !(row[4] > 0.0))))
            fail("-sourcefile %s line %d: expected 'X Y Z weight wavelength', got %s", path, number,
                 quoted_line(line, stop));
        if (count > 0) add_source(&sources, (vec){row[0], row[1], row[2]}, row[3], row[4]);
        line = stop + 1;
    }
    if (sources.count == 0) fail("-sourcefile %s: expected at least one source, got nothing", path);
    free(bytes);
    return sources;
}
