/* grammar.c: the command line: one parser, one wording for mistakes. Twin: simulator/commandline/grammar.py.
 * The table is in flags.c, the kinds of values in tokens.c. Flags are whole words. */
#include "../engine.h"

#include <string.h>

static const Flag *find_flag(const char *token) {
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (*token && in_list(FLAGS[i].names, ' ', token, strlen(token))) return FLAGS + i;
    return NULL;
}

static bool is_flag(const char *token) { return *token == '-' && !number_shaped(token); }

static bool kind_is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

/* Splits the next "name:kind" off a list; returns the rest. */
static const char *next_value(const char *list, char name[32], char kind[32]) {
    size_t n = strcspn(list, ":");
    sprintf(name, "%.*s", (int)n, list);
    list += n + 1;
    n = strcspn(list, " ");
    sprintf(kind, "%.*s", (int)n, list);
    return list + n + (list[n] == ' ');
}

static int count_values(const char *list) {
    int count = *list != '\0';
    for (; *list; list++) count += *list == ' ';
    return count;
}

/* Reads the values of one flag from the tokens after it; returns how many there were. */
static int take_values(Setting *setting, int argc, char **argv) {
    const char *list = setting->flag->values;
    const int all = count_values(list), least = setting->flag->least < 0 ? all : setting->flag->least;
    char name[32], kind[32];
    for (int i = 0; i < all; i++) {
        list = next_value(list, name, kind);
        const bool absent = i >= argc || (is_flag(argv[i]) && !kind_is(kind, "quirks"));
        if (absent && i >= least) return i;
        const char *gap = all > 1 ? " " : "", *part = all > 1 ? name : "";
        if (i >= argc) fail("%s%s%s: expected %s, got nothing", setting->typed, gap, part, expected(kind, ""));
        if (!convert(kind, argv[i], &setting->value[i]))
            fail("%s%s%s: expected %s, got %s", setting->typed, gap, part, expected(kind, argv[i]),
                 quoted(argv[i], strlen(argv[i])));
        if (strcmp(argv[i], "random") == 0 && kind_is(kind, "num|random")) return i + 1;
    }
    return all;
}

/* Every flag given, in order, with its values converted. */
CommandLine parse_flags(int argc, char **argv) {
    CommandLine line = {allocate((size_t)argc + 1, sizeof(Setting), "the command line"), 0};
    for (int i = 1; i < argc;) {
        Setting *setting = line.list + line.count++;
        setting->flag = find_flag(argv[i]);
        setting->typed = argv[i];
        if (setting->flag == NULL)
            fail("command line: expected a flag, got %s", quoted(argv[i], strlen(argv[i])));
        setting->count = take_values(setting, argc - i - 1, argv + i + 1);
        i += 1 + setting->count;
    }
    return line;
}

/* Whether a setting belongs to the row with this first spelling. */
bool is_row(const Setting *setting, const char *first_name) {
    const size_t length = strcspn(setting->flag->names, " ");
    return strlen(first_name) == length && strncmp(setting->flag->names, first_name, length) == 0;
}

/* One line a flag: spellings, value names, meaning. */
void help_text(FILE *out) {
    char name[32], kind[32], left[128];
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        int n = sprintf(left, "%s", FLAGS[i].names);
        for (const char *list = FLAGS[i].values; *list;) {
            list = next_value(list, name, kind);
            n += sprintf(left + n, " %s", name);
        }
        fprintf(out, "  %-46s %s\n", left, FLAGS[i].help);
    }
}
