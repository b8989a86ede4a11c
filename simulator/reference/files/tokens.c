/* tokens.c: one word of a command line or file: is it a number, a count, a file name? Twin: simulator/files/tokens.py.
 * Kinds: num any number, pos > 0, nonneg >= 0, int, count >= 1, index >= 0, file, quirks, and
 * words (a|b|c); num|random and nonneg|inf take the word as well. */
#include "../engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Whether the first `length` bytes of text are a word of a list (separated by `mark`). */
bool in_list(const char *list, char mark, const char *text, size_t length) {
    while (*list) {
        const char *end = strchr(list, mark);
        const size_t size = end ? (size_t)(end - list) : strlen(list);
        if (size == length && strncmp(list, text, length) == 0) return true;
        list += size + (end != NULL);
    }
    return false;
}

/* Digits at p; returns the first byte after them. */
static const char *digits(const char *p) {
    while (*p >= '0' && *p <= '9') p++;
    return p;
}

/* [+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? */
bool number_shaped(const char *p) {
    if (*p == '+' || *p == '-') p++;
    const char *whole = digits(p), *end = whole;
    if (*whole == '.') end = digits(whole + 1);
    if (whole == p && end - whole < 2) return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = end + 1 + (end[1] == '+' || end[1] == '-');
        end = digits(exponent);
        if (end == exponent) return false;
    }
    return *end == '\0';
}

/* Whether the token is a number, finite as a double. */
bool is_number(const char *token, double *value) {
    if (!number_shaped(token) || strlen(token) > LONGEST) return false;
    *value = strtod(token, NULL);
    return isfinite(*value);
}

/* Whether the token is an integer within +-2147483647. */
bool is_integer(const char *token, double *value) {
    const char *start = token + (*token == '+' || *token == '-');
    if (digits(start) == start || *digits(start) != '\0' || strlen(token) >= 12) return false;
    const long long whole = strtoll(token, NULL, 10);
    *value = (double)whole;
    return whole >= -2147483647LL && whole <= 2147483647LL;
}

static bool kind_is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

static bool is_whole(const char *kind) {
    return kind_is(kind, "int") || kind_is(kind, "count") || kind_is(kind, "index");
}

/* Whether the token is a whole number beyond the largest. */
static bool is_too_large(const char *token) {
    const char *start = token + (*token == '+' || *token == '-');
    return digits(start) != start && *digits(start) == '\0' && strtod(token, NULL) > INT_MAX;
}

/* What a value of this kind should be, in words; for a whole number that is too large, the largest. */
const char *expected(const char *kind, const char *token) {
    static const char *const words[][2] = {
        {"num", "a number"}, {"pos", "a number > 0"}, {"nonneg", "a number >= 0"}, {"int", "an integer"},
        {"count", "an integer >= 1"}, {"index", "an integer >= 0"}, {"file", "a file name"},
        {"quirks", "+name or -name"}, {"num|random", "a number or random"}, {"nonneg|inf", "a number >= 0 or inf"}};
    static char text[64];
    if (is_whole(kind) && is_too_large(token)) {
        sprintf(text, "an integer <= %d", INT_MAX);
        return text;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (kind_is(kind, words[i][0])) return words[i][1];
    size_t n = 0;
    for (; *kind && n + 5 < sizeof text; kind++) {
        if (*kind == '|') n += (size_t)sprintf(text + n, " or ");
        else text[n++] = *kind;
    }
    text[n] = '\0';
    return text;
}

static bool convert_integer(const char *kind, const char *token, Value *value) {
    const double least = kind_is(kind, "count") ? 1 : kind_is(kind, "index") ? 0 : -2147483647;
    return is_integer(token, &value->number) && value->number >= least;
}

static bool convert_number(const char *kind, const char *token, Value *value) {
    const char *word = strchr(kind, '|');
    if (word && strcmp(token, word + 1) == 0) return true;
    if (!is_number(token, &value->number)) return false;
    if (strncmp(kind, "pos", 3) == 0) return value->number > 0.0;
    return strncmp(kind, "nonneg", 6) != 0 || value->number >= 0.0;
}

/* Turns the token into a value of this kind; false if it is none. */
bool convert(const char *kind, const char *token, Value *value) {
    *value = (Value){NAN, token};
    if (kind_is(kind, "file")) return *token && *token != '-';
    if (kind_is(kind, "quirks")) return *token != '\0';
    if (is_whole(kind)) return convert_integer(kind, token, value);
    if (strncmp(kind, "num", 3) == 0 || kind_is(kind, "pos") || strncmp(kind, "nonneg", 6) == 0)
        return convert_number(kind, token, value);
    return in_list(kind, '|', token, strlen(token));
}

/* A piece of someone's input, safe to print: one line, 40 characters, in single quotes. */
const char *quoted(const char *text, size_t length) {
    static char shown[64];
    size_t n = 0;
    shown[n++] = '\'';
    for (size_t i = 0; i < length && i < 40; i++)
        shown[n++] = (unsigned char)text[i] >= 0x20 && (unsigned char)text[i] <= 0x7e ? text[i] : '?';
    strcpy(shown + n, length > 40 ? "...'" : "'");
    return shown;
}
