/* progress.c: a bar on the terminal; silence elsewhere. Twin: simulator/commandline/progress.py. */
#include "../engine.h"

#include <unistd.h>

#define WIDTH 40

static struct { bool shown; long rows, done, drawn; } bar;

/* setting: 1 on, 0 off, -1 on a terminal. */
void progress_start(int setting, long rows) {
    bar.shown = setting == 1 || (setting < 0 && isatty(STDERR_FILENO));
    bar.rows = rows, bar.done = 0, bar.drawn = -1;
}

static void draw(long percent) {
    fprintf(stderr, "\r[");
    for (long i = 0; i < WIDTH; i++) fputc(i < percent * WIDTH / 100 ? '#' : '.', stderr);
    fprintf(stderr, "] %3ld %%", percent);
    fflush(stderr);
    bar.drawn = percent;
}

/* One more row is done; any thread may call it. */
void progress_row(void) {
    if (!bar.shown) return;
#ifdef _OPENMP
#pragma omp critical(progress)
#endif
    {
        const long percent = ++bar.done * 100 / bar.rows;
        if (percent != bar.drawn) draw(percent);
    }
}

void progress_end(void) {
    if (bar.shown) fputc('\n', stderr);
}
