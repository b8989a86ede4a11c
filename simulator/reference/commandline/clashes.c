/* clashes.c: no file to write is one that was read, or another to write.
 * Twin: simulator/commandline/clashes.py. */
#include "../engine.h"

#include <string.h>

typedef struct { const char *flag, *name; } Named;

/* Ends the run for two names of one file. Devices and pipes may be shared, and --photons may be the -floatfile: that
 * is the same image again. */
void check_clashes(const Options *o, const Experiment *x, const Task *task) {
    static const char *const read[] = {"-mat", "-hkl", "-sourcefile", "-mask", "-img", "-stol", "-4stol", "-Q",
                                       "--photons"};
    const Named written[] = {{"-floatfile", task->float_file}, {"-intfile", task->int_file},
                             {"-pgmfile", task->pgm_file}, {"-noisefile", task->noise_file},
                             {"-dump", task->cache}};
    enum { READ = sizeof read / sizeof read[0], WRITTEN = sizeof written / sizeof written[0] };
    Named before[READ + 1 + WRITTEN];
    size_t count = 0;
    for (size_t i = 0; i < READ; i++) before[count++] = (Named){read[i], option_text(o, read[i], NULL)};
    if (option(o, "-hkl") == NULL && x->reflections.present)
        before[count++] = (Named){"-dump", option_text(o, "-dump", CACHE_FILE)};
    for (size_t i = 0; i < WRITTEN; i++) {
        const Named *file = written + i;
        if (file->name == NULL || is_special(file->name)) continue;
        for (size_t k = 0; k < count; k++) {
            const Named *other = before + k;
            const bool again = strcmp(file->flag, "-floatfile") == 0 && strcmp(other->flag, "--photons") == 0;
            if (other->name != NULL && !again && same_file(file->name, other->name))
                fail("%s %s: expected another file than %s %s, got the same", file->flag, file->name, other->flag,
                     other->name);
        }
        before[count++] = *file;
    }
}
