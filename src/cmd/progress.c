/* One line, at most five times a second on a terminal and once in two seconds where lines pile up. */
#include "cmd/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_NS 200000000u
#define ELSEWHERE_NS 2000000000u

void progress_init(struct progress *progress, const struct clock *clock, bool quiet)
{
    const char *term = getenv("TERM"), *ci = getenv("CI");
    bool terminal = isatty(STDERR_FILENO) && !(ci && ci[0]) && !(term && strcmp(term, "dumb") == 0);
    *progress = (struct progress){
        .clock = clock, .quiet = quiet, .terminal = terminal, .last_ns = clock_monotonic_ns(clock)};
}

bool progress_due(const struct progress *progress)
{
    uint64_t pause_ns = progress->terminal ? TERMINAL_NS : ELSEWHERE_NS;
    return !progress->quiet && clock_monotonic_ns(progress->clock) - progress->last_ns >= pause_ns;
}

static size_t width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col - 1u : 79;
}

void progress_show(struct progress *progress, struct str line)
{
    if (progress->quiet)
        return;
    progress->last_ns = clock_monotonic_ns(progress->clock);
    if (progress->terminal)
        fprintf(stderr, "\r\033[K%.*s", STR_ARG(str_slice(line, 0, width())));
    else
        fprintf(stderr, "coldspot: %.*s\n", STR_ARG(line));
    fflush(stderr);
    progress->shown = progress->terminal;
}

void progress_clear(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}
