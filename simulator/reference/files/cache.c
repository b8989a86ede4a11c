/* cache.c: the binary cache of reflections. Twin: simulator/files/cache.py.
 * Six index limits as text, a newline and a form feed, then (nh+1)(nk+1)(nl+1) native doubles. */
#include "../engine.h"

#include <stdlib.h>
#include <string.h>

static void write_row(FILE *file, const double *row, size_t count, double last) {
    if (row != NULL) fwrite(row, sizeof(double), count, file);
    for (size_t i = row != NULL ? count : 0; i <= count; i++) fwrite(&last, sizeof last, 1, file);
}

void write_cache(const Reflections *r, const char *path) {
    Output out = open_output(path);
    fprintf(out.file, "%d %d %d %d %d %d\n\f", r->lo[0], r->hi[0], r->lo[1], r->hi[1], r->lo[2], r->hi[2]);
    for (size_t i = 0; i <= r->size[0]; i++)
        for (size_t j = 0; j <= r->size[1]; j++) {
            const bool inside = i < r->size[0] && j < r->size[1];
            const double *row = inside ? r->F + (i * r->size[1] + j) * r->size[2] : NULL;
            write_row(out.file, row, r->size[2], r->default_F);
        }
    close_output(&out);
}

/* Where the newline and form feed stand; end if nowhere. */
static const char *find_mark(const char *p, const char *end) {
    for (; p + 1 < end; p++)
        if (p[0] == '\n' && p[1] == '\f') return p;
    return end;
}

/* Reads the six limits before the mark; returns the byte after it, or NULL. */
static const char *read_limits(const char *p, const char *mark, const char *end, int limits[6]) {
    int count = 0;
    if (mark == end) return NULL;
    for (size_t size = 0; (p = next_token(p, mark, &size)) != NULL; p += size, count++) {
        char word[16];
        double value;
        snprintf(word, sizeof word, "%.*s", (int)size, p);
        if (count == 6 || strlen(word) != size || !is_integer(word, &value)) return NULL;
        limits[count] = (int)value;
    }
    return count == 6 ? mark + 2 : NULL;
}

static void copy_box(Reflections *r, const char *body) {
    r->F = allocate(r->size[0] * r->size[1] * r->size[2], sizeof(double), "the reflections");
    for (size_t i = 0; i < r->size[0]; i++)
        for (size_t j = 0; j < r->size[1]; j++) {
            const size_t from = (i * (r->size[1] + 1) + j) * (r->size[2] + 1);
            memcpy(r->F + (i * r->size[1] + j) * r->size[2], body + from * sizeof(double),
                   r->size[2] * sizeof(double));
        }
}

/* The box that write_cache wrote. */
Reflections read_cache(const char *path) {
    size_t length;
    char *bytes = read_bytes("-dump", path, &length);
    int limits[6];
    const char *end = bytes + length, *mark = find_mark(bytes, end);
    const char *body = read_limits(bytes, mark, end, limits);
    Reflections r = {.present = true};
    double needed = sizeof(double);
    bool wrong = body == NULL;
    for (int i = 0; i < 3 && !wrong; i++) {
        r.lo[i] = limits[2 * i], r.hi[i] = limits[2 * i + 1];
        wrong = r.hi[i] < r.lo[i];
        r.size[i] = (size_t)((long)r.hi[i] - r.lo[i]) + 1;
        needed *= (double)r.size[i] + 1.0;
    }
    if (wrong)
        fail("-dump %s: expected a reflection cache, got %s", path,
             quoted(bytes, mark - bytes < 40 ? (size_t)(mark - bytes) : 40));
    const double found = (double)(end - body);
    if (found != needed) fail("-dump %s: expected %.0f bytes of data, got %.0f", path, needed, found);
    copy_box(&r, body);
    free(bytes);
    return r;
}
