/* hkl.c: reflection lists. Twin: simulator/files/hkl.py. */
#include "../engine.h"

#include <stdlib.h>

#define LARGEST_INDEX 1000000
#define LARGEST_BOX 500000000.0

typedef struct { int32_t index[3]; double F; } Row;
typedef struct { Row *list; size_t count, room; } Rows;

/* An index without more ado: [+-]digits within LARGEST_INDEX. */
static bool read_index(const char *token, size_t length, int32_t *value) {
    const size_t sign = *token == '-' || *token == '+';
    int32_t sum = 0;
    if (length == sign || length > LONGEST) return false;
    for (size_t i = sign; i < length; i++) {
        if (token[i] < '0' || token[i] > '9') return false;
        sum = sum * 10 + (token[i] - '0');
        if (sum > LARGEST_INDEX) return false;
    }
    *value = *token == '-' ? -sum : sum;
    return true;
}

/* 1: a reflection, 0: nothing on this line, -1: neither. */
static int read_row(const char *p, const char *end, Row *row) {
    int count = 0;
    for (size_t size = 0; (p = next_token(p, end, &size)) != NULL; p += size, count++) {
        if (count < 3 && !read_index(p, size, &row->index[count])) return -1;
        if (count == 3 && !token_number(p, size, &row->F)) return -1;
        if (count > 3) return -1;
    }
    return count == 0 ? 0 : count == 4 ? 1 : -1;
}

static void keep(Rows *rows, Row row) {
    if (rows->count == rows->room) {
        rows->room = rows->room == 0 ? 4096 : 2 * rows->room;
        rows->list = realloc(rows->list, rows->room * sizeof(Row));
        if (rows->list == NULL) fail("command line: expected enough memory for the reflections, got too little");
    }
    rows->list[rows->count++] = row;
}

/* Every line "h k l F"; blank lines and # comments are skipped. */
static Rows read_rows(const char *path, const char *bytes, size_t length) {
    Rows rows = {NULL, 0, 0};
    for (Line line = {.next = bytes}; next_line(&line, bytes + length);) {
        Row row;
        const int found = read_row(line.start, line.content, &row);
        if (found < 0) fail("-hkl %s line %d: expected 'h k l F', got %s", path, line.number, quoted_line(&line));
        if (found > 0) keep(&rows, row);
    }
    return rows;
}

/* The box around all indices. */
static void find_box(const Rows *rows, Reflections *r) {
    for (int i = 0; i < 3; i++) {
        r->lo[i] = r->hi[i] = rows->list[0].index[i];
        for (size_t n = 1; n < rows->count; n++) {
            const int index = rows->list[n].index[i];
            if (index < r->lo[i]) r->lo[i] = index;
            if (index > r->hi[i]) r->hi[i] = index;
        }
        r->size[i] = (size_t)(r->hi[i] - r->lo[i]) + 1;
    }
}

static double box_count(const Reflections *r) {
    return (double)r->size[0] * (double)r->size[1] * (double)r->size[2];
}

static void make_box(Reflections *r, double default_F) {
    const size_t count = r->size[0] * r->size[1] * r->size[2];
    r->F = allocate(count, sizeof(double), "the reflections");
    r->default_F = default_F;
    r->present = true;
    if (default_F != 0.0)
        for (size_t i = 0; i < count; i++) r->F[i] = default_F;
}

static void warn_repeated(const char *path, const Row *first, size_t times) {
    char more[32] = "";
    if (times > 1) sprintf(more, " and %zu more", times - 1);
    fprintf(stderr, "warning: -hkl %s: reflection %d %d %d given again%s, the last value stands\n", path,
            first->index[0], first->index[1], first->index[2], more);
}

/* Puts every row into the box; one given twice is reported, the last value stands. */
static void fill_box(Reflections *r, const Rows *rows, const char *path) {
    unsigned char *seen = allocate(r->size[0] * r->size[1] * r->size[2] / 8 + 1, 1, "the reflections");
    const Row *repeated = NULL;
    size_t times = 0;
    for (size_t n = 0; n < rows->count; n++) {
        const Row *row = rows->list + n;
        const size_t i = (size_t)(row->index[0] - r->lo[0]), j = (size_t)(row->index[1] - r->lo[1]);
        const size_t at = (i * r->size[1] + j) * r->size[2] + (size_t)(row->index[2] - r->lo[2]);
        if (seen[at / 8] & 1u << at % 8) {
            times++;
            if (repeated == NULL) repeated = row;
        }
        seen[at / 8] |= (unsigned char)(1u << at % 8);
        r->F[at] = row->F;
    }
    if (times > 0) warn_repeated(path, repeated, times);
    free(seen);
}

/* The box of reflections in a text file; holes are filled with default_F. */
Reflections read_hkl(const char *path, double default_F) {
    size_t length;
    char *bytes = read_bytes("-hkl", path, &length);
    Rows rows = read_rows(path, bytes, length);
    free(bytes);
    if (rows.count == 0) fail("-hkl %s: expected at least one reflection, got nothing", path);
    Reflections r = {.given = rows.count};
    find_box(&rows, &r);
    if (box_count(&r) > LARGEST_BOX)
        fail("-hkl %s: expected a box of at most 500000000 indices, got %.0f", path, box_count(&r));
    make_box(&r, default_F);
    fill_box(&r, &rows, path);
    free(rows.list);
    return r;
}
