/* progress.c: a bar on the terminal; silence elsewhere. Twin: simulator/progress.py. */
#include "engine.h"

#include <time.h>
#include <unistd.h>

static struct { bool shown; long rows, done; time_t last; } bar;

/* setting: 1 on, 0 off, -1 on a terminal. */
void progress_start(int setting, long rows) {
    bar.shown = setting == 1 || (setting < 0 && isatty(STDERR_FILENO));
    bar.rows = rows, bar.done = 0, bar.last = time(NULL);
}

static void draw(void) {
    const int width = 40, full = (int)(bar.done * width / bar.rows);
    fprintf(stderr, "\r[");
    for (int i = 0; i < width; i++) fputc(i < full ? '#' : '.', stderr);
    fprintf(stderr, "] %3ld %%", bar.done * 100 / bar.rows);
    fflush(stderr);
}

/* One more row is done; any thread may call it. */
void progress_row(void) {
    if (!bar.shown) return;
#ifdef _OPENMP
#pragma omp critical(progress)
#endif
    {
        bar.done++;
        const time_t now = time(NULL);
        if (now != bar.last) draw();
        bar.last = now;
    }
}

void progress_end(void) {
    if (bar.shown) fprintf(stderr, "\r%*s\r", 50, "");
}
