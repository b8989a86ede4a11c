/* standard_output.c: what a run says, to a reader who may leave (`| head`). Twin: simulator/files/standard_output.py.
 *
 * The files are the result: a run whose words nobody reads any more goes on, and its status is that of its work. */
#include "../engine.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Lets the run outlive the readers of standard output and standard error. */
void outlive_reader(void) { signal(SIGPIPE, SIG_IGN); }

/* The exit status: 2, after one line, if what was said could not be written, to a full disk say. */
int close_standard_output(int status) {
    errno = 0;
    const bool bad = (fflush(stdout) != 0) | (ferror(stdout) != 0);
    const int number = errno != 0 ? errno : EIO;
    struct pollfd reader = {.fd = STDOUT_FILENO};
    const bool left = poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0;
    if (bad && !left) fail("standard output: expected to be written, got '%s'", strerror(number));
    return status;
}
