/* version.c: which program this is. Twin: simulator/version.py, whose numbers the build passes on. */
#include "engine.h"

#ifndef BRAGGPROOF_VERSION
#define BRAGGPROOF_VERSION "unknown"
#endif
#ifndef BRAGGPROOF_COMMIT
#define BRAGGPROOF_COMMIT "unknown"
#endif

/* One line: program, version, and the last commit that changed its sources. */
void version_text(FILE *out, const char *program) {
    fprintf(out, "%s %s (commit %s)\n", program, BRAGGPROOF_VERSION, BRAGGPROOF_COMMIT);
}
