/* cli.c: the command line: nanoBragg's flags in, images, traces and a summary out. Twin: simulator/cli.py. */
#include "engine.h"

#include <string.h>

static bool wants(const char *names, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (in_list(names, ' ', argv[i], strlen(argv[i]))) return true;
    return false;
}

/* Exit status: 0 done, 2 the command line or a file is wrong. */
int main(int argc, char **argv) {
    outlive_reader();
    if (argc < 2 || wants("-help --help -h", argc, argv)) {
        printf("nanobragg-c: far-field diffraction from a nanocrystal, in plain C\n\n");
        help_text(stdout);
        return close_standard_output(0);
    }
    if (wants("--version", argc, argv)) {
        version_text(stdout, "nanobragg-c");
        return close_standard_output(0);
    }
    Task task;
    Experiment x = parse_command(argc, argv, &task);
    run(&x, &task);
    return close_standard_output(0);
}
