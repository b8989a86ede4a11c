/* disk.c: reading and writing with one wording for what goes wrong. Twin: simulator/files/disk.py. */
#include "../engine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_NAME 200 /* bytes: a temporary name must fit as well */
#define MOST_LINKS 40

/* Prints the one line that says what is wrong and ends with status 2. */
void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    fflush(stdout);
    fputs("error: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    exit(2);
}

/* Zeroed memory. */
void *allocate(size_t count, size_t size, const char *what) {
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL) fail("command line: expected enough memory for %s, got too little", what);
    return memory;
}

static char *read_stream(FILE *file, size_t *length) {
    size_t room = 1 << 16;
    char *bytes = malloc(room + 1);
    *length = 0;
    while (bytes != NULL) {
        *length += fread(bytes + *length, 1, room - *length, file);
        if (*length < room) break;
        room *= 2;
        bytes = realloc(bytes, room + 1);
    }
    if (bytes != NULL) bytes[*length] = '\0';
    return bytes;
}

/* All bytes of a file, with a zero byte after them. The flag names the file in messages. */
char *read_bytes(const char *flag, const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail("%s %s: expected a readable file, got '%s'", flag, path, strerror(errno));
    errno = 0;
    char *bytes = read_stream(file, length);
    if (ferror(file) || bytes == NULL)
        fail("%s %s: expected a readable file, got '%s'", flag, path, strerror(errno));
    fclose(file);
    return bytes;
}

/* The folder that a path lies in, with its slash. */
static void folder_of(const char *path, char folder[LONGEST_PATH]) {
    const char *slash = strrchr(path, '/');
    snprintf(folder, LONGEST_PATH, "%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./");
}

/* Whether the path is there and no plain file: a device, a pipe. Such a thing is written to directly. */
bool is_special(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* The file that a chain of links leads to, whether it is there or not; special files as they are. */
static void follow_links(const char *path, char target[LONGEST_PATH]) {
    char link[LONGEST_PATH], folder[LONGEST_PATH];
    snprintf(target, LONGEST_PATH, "%s", path);
    if (is_special(path)) return;
    for (int i = 0; i < MOST_LINKS; i++) {
        const ssize_t length = readlink(target, link, sizeof link - 1);
        if (length < 0) return;
        link[length] = '\0';
        folder_of(target, folder);
        const size_t start = *link == '/' ? 0 : strlen(folder);
        if (start + (size_t)length >= LONGEST_PATH) return;
        if (start > 0) memcpy(target, folder, start);
        memcpy(target + start, link, (size_t)length + 1);
    }
}

/* Whether two names lead to one file, be it there or not. */
bool same_file(const char *one, const char *other) {
    const char *const names[2] = {one, other};
    char target[2][LONGEST_PATH], folder[2][LONGEST_PATH];
    struct stat file[2], home[2];
    int there = 0, housed = 0;
    for (int i = 0; i < 2; i++) {
        follow_links(names[i], target[i]);
        folder_of(target[i], folder[i]);
        there += stat(names[i], file + i) == 0;
        housed += stat(folder[i], home + i) == 0;
    }
    if (there == 2) return file[0].st_dev == file[1].st_dev && file[0].st_ino == file[1].st_ino;
    if (there == 1 || housed < 2 || home[0].st_dev != home[1].st_dev || home[0].st_ino != home[1].st_ino) return false;
    const char *const ends[2] = {strrchr(target[0], '/'), strrchr(target[1], '/')};
    return strcmp(ends[0] ? ends[0] + 1 : target[0], ends[1] ? ends[1] + 1 : target[1]) == 0;
}

/* Ends the run if a file cannot be written; leaves nothing behind. */
void check_writable(const char *flag, const char *path) {
    struct stat status;
    char target[LONGEST_PATH], folder[LONGEST_PATH];
    int number = 0;
    follow_links(path, target);
    folder_of(target, folder);
    const char *slash = strrchr(target, '/');
    if (strlen(slash ? slash + 1 : target) > LONGEST_NAME) number = ENAMETOOLONG;
    else if (stat(target, &status) == 0 && S_ISDIR(status.st_mode)) number = EISDIR;
    else if (stat(folder, &status) != 0) number = errno;
    else if (!S_ISDIR(status.st_mode)) number = ENOTDIR;
    else if (access(is_special(target) ? target : folder, W_OK) != 0) number = EACCES;
    if (number != 0) fail("%s %s: expected a writable file, got '%s'", flag, path, strerror(number));
}

/* Opens a file for writing under a temporary name beside it, so that a reader never sees half of it.
 * A link stays, the file that it leads to is written. */
Output open_output(const char *path) {
    Output out = {.path = path};
    follow_links(path, out.target);
    if (is_special(path)) snprintf(out.temporary, sizeof out.temporary, "%s", out.target);
    else snprintf(out.temporary, sizeof out.temporary, "%s.%ld.part", out.target, (long)getpid());
    out.file = fopen(out.temporary, "wb");
    if (out.file == NULL) fail("%s: expected a writable file, got '%s'", path, strerror(errno));
    return out;
}

/* Gives the finished file its name. */
void close_output(Output *out) {
    const bool renames = strcmp(out->temporary, out->target) != 0;
    bool bad = ferror(out->file) != 0;
    bad = fclose(out->file) != 0 || bad;
    if (!bad && renames) bad = rename(out->temporary, out->target) != 0;
    if (!bad) return;
    const int number = errno;
    if (renames) remove(out->temporary);
    fail("%s: expected a writable file, got '%s'", out->path, strerror(number));
}
