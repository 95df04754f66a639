/* What a long verb shows while it works: lines that stay, and on a terminal one
 * last line that changes. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Goes behind the changing line meanwhile (world/calm.h). */
#define PROGRESS_WAITS ", waiting for a calmer machine"

struct progress {
    FILE *out;
    bool live;  /* `out` is a terminal */
    bool shown; /* the changing line is on the screen */
    int64_t started_ns;
};

void progress_init(struct progress *progress, FILE *out);
/* Replaces the changing line; does nothing where there is no terminal. */
void progress_show(struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes it away; call before printing a line that stays. */
void progress_clear(struct progress *progress);
double progress_seconds(const struct progress *progress);

#endif
