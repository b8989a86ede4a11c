/* lines.c: lines and words of text files. Python needs no twin: bytes.split does it. */
#include "../engine.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Steps to the next line before `end`; to begin, .next is the start of the text. */
bool next_line(Line *line, const char *end) {
    line->start = line->next;
    if (line->start >= end) return false;
    const size_t left = (size_t)(end - line->start);
    line->stop = memchr(line->start, '\n', left);
    if (line->stop == NULL) line->stop = end;
    line->content = memchr(line->start, '#', (size_t)(line->stop - line->start));
    if (line->content == NULL) line->content = line->stop;
    line->next = line->stop + 1;
    line->number++;
    return true;
}

/* The whole line without the white space around it, quoted. */
const char *quoted_line(const Line *line) {
    const char *start = line->start, *stop = line->stop;
    while (start < stop && is_space(*start)) start++;
    while (start < stop && is_space(stop[-1])) stop--;
    return quoted(start, (size_t)(stop - start));
}

/* The next word between p and end, or NULL; its length goes to *length. */
const char *next_token(const char *p, const char *end, size_t *length) {
    while (p < end && is_space(*p)) p++;
    if (p == end) return NULL;
    const char *stop = p;
    while (stop < end && !is_space(*stop)) stop++;
    *length = (size_t)(stop - p);
    return p;
}

/* Whether a word is a number, finite as a double. */
bool token_number(const char *token, size_t length, double *value) {
    char word[LONGEST + 1];
    if (length > LONGEST || memchr(token, '\0', length) != NULL) return false;
    memcpy(word, token, length);
    word[length] = '\0';
    return is_number(word, value);
}
