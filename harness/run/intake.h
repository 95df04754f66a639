/* Taking in a folder that a stranger filled: a copy of its regular files, and
 * of nothing else. */
#ifndef RUN_INTAKE_H
#define RUN_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INTAKE_MAX_FILES = 400,
    INTAKE_MAX_DEPTH = 6,
    INTAKE_MAX_BYTES = 64 << 20,
    INTAKE_REFUSAL_BYTES = 320,
};

enum intake_kind {
    INTAKE_HEADERS, /* *.h at the top */
    INTAKE_SOURCES, /* *.c and *.h, at any depth */
    INTAKE_ALL,     /* every file */
};

struct intake {
    enum intake_kind kind;
    size_t files, entries;
    uint64_t bytes;
    char refusal[INTAKE_REFUSAL_BYTES]; /* one line; "" if it was accepted */
};

/* Copies the folder to `to`, which is made.  What has another suffix, or a name
 * that begins with a dot, is left out.  Files become 0644, or 0755 if anybody
 * may execute them.
 *
 * Returns 0; -EPERM with `refusal` set: a link, a device, a name that make
 * would take apart, too much or too deep; or -errno when it cannot be read or
 * written. */
int intake_copy(struct intake *intake, const char *from, const char *to);

/* Whether *.c files lie at the folder's top. */
bool intake_has_sources(const char *folder);

#endif
