/* smv.c: SMV images: a 512-byte text header, then unsigned 16-bit pixels. Twin: simulator/files/smv.py. */
#include "../engine.h"

#include <stdlib.h>
#include <string.h>

static bool key_char(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

static bool is_blank(char c) { return c != '\0' && strchr(" \t\r\v\f", c) != NULL; }

/* Text of a key's last occurrence in the header, without the white space around it; NULL if absent. */
static const char *find_key(const SmvFile *smv, const char *key, size_t *length) {
    const char *closing = memchr(smv->bytes, '}', smv->length);
    const char *end = closing ? closing : smv->bytes + smv->length, *found = NULL;
    const size_t size = strlen(key);
    for (const char *p = smv->bytes; p + size < end; p++) {
        const bool here = memcmp(p, key, size) == 0 && p[size] == '=' && (p == smv->bytes || !key_char(p[-1]));
        if (!here) continue;
        found = p + size + 1;
        *length = 0;
        while (found + *length < end && found[*length] != ';' && found[*length] != '\n') ++*length;
    }
    if (found == NULL) return NULL;
    while (*length > 0 && is_blank(*found)) found++, --*length;
    while (*length > 0 && is_blank(found[*length - 1])) --*length;
    return found;
}

/* A key's value, UNSET if absent; ends the run if it is not of this kind (count, pos or num). */
double smv_number(const SmvFile *smv, const char *key, const char *kind) {
    size_t length;
    const char *text = find_key(smv, key, &length);
    if (text == NULL) return UNSET;
    char word[64];
    Value value;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    if (length >= sizeof word || strlen(word) != length || !convert(kind, word, &value))
        fail("%s %s key %s: expected %s, got %s", smv->flag, smv->path, key, expected(kind, word), quoted(text, length));
    return value.number;
}

/* Reads a whole SMV file and checks that it starts with a header. */
SmvFile read_header(const char *flag, const char *path) {
    static const char mark[] = "HEADER_BYTES=";
    SmvFile smv = {.flag = flag, .path = path};
    smv.bytes = read_bytes(flag, path, &smv.length);
    const size_t limit = smv.length < SMV_HEADER ? smv.length : SMV_HEADER;
    bool found = false;
    for (size_t i = 0; i + sizeof mark - 1 <= limit; i++)
        found = found || memcmp(smv.bytes + i, mark, sizeof mark - 1) == 0;
    if (!found || smv.bytes[0] != '{')
        fail("%s %s: expected an SMV header, got %s", flag, path,
             quoted(smv.bytes, smv.length < 40 ? smv.length : 40));
    const double bytes = smv_number(&smv, "HEADER_BYTES", "pos");
    smv.header_bytes = isnan(bytes) ? SMV_HEADER : bytes < 1e9 ? (size_t)bytes : (size_t)1e9;
    return smv;
}

/* The pixels (slow, fast); ends the run if there are too few or too many. */
uint16_t *read_pixels(const SmvFile *smv, int slow, int fast) {
    const size_t count = (size_t)slow * (size_t)fast;
    const size_t body = smv->length > smv->header_bytes ? smv->length - smv->header_bytes : 0;
    if (body != 2 * count)
        fail("%s %s: expected %zu bytes of pixels, got %zu", smv->flag, smv->path, 2 * count, body);
    size_t length = 0;
    const char *order = find_key(smv, "BYTE_ORDER", &length);
    const size_t high = order != NULL && length == 10 && memcmp(order, "big_endian", 10) == 0 ? 0 : 1;
    uint16_t *pixels = allocate(count, sizeof(uint16_t), "the mask");
    const unsigned char *p = (const unsigned char *)smv->bytes + smv->header_bytes;
    for (size_t i = 0; i < count; i++) pixels[i] = (uint16_t)(p[2 * i + high] << 8 | p[2 * i + 1 - high]);
    return pixels;
}

/* What goes first when the header would overrun its 512 bytes, least needed first. */
static const char *const OPTIONAL[] = {
    "DENZO_X_BEAM", "DENZO_Y_BEAM", "DIALS_ORIGIN", "XDS_ORGX", "XDS_ORGY", "CLOSE_DISTANCE", "MOSFLM_CENTER_X",
    "MOSFLM_CENTER_Y", "ADXV_CENTER_X", "ADXV_CENTER_Y", "TWOTHETA", "PHI"};
#define OPTIONALS (sizeof OPTIONAL / sizeof OPTIONAL[0])

/* Whether a key is among the first `dropped` optional ones. */
static bool left_out(const char *key, size_t dropped) {
    for (size_t i = 0; i < dropped; i++)
        if (strcmp(key, OPTIONAL[i]) == 0) return true;
    return false;
}

/* Exactly 512 bytes: optional keys are left out rather than overrun. */
void format_header(const SmvKeys *keys, char header[SMV_HEADER]) {
    static char text[4096];
    int n = 0;
    for (size_t dropped = 0; dropped <= OPTIONALS; dropped++) {
        n = sprintf(text, "{\n");
        for (size_t i = 0; i < keys->count; i++) {
            const SmvKey *entry = &keys->list[i];
            if (!left_out(entry->key, dropped)) n += sprintf(text + n, "%s=%s;\n", entry->key, entry->value);
        }
        n += sprintf(text + n, "}\f");
        if (n <= SMV_HEADER) break;
    }
    memset(header, ' ', SMV_HEADER);
    memcpy(header, text, n < SMV_HEADER ? (size_t)n : SMV_HEADER);
}
