/* The decisions taken about units, for fates.tsv. */
#ifndef LINK_FATELOG_H
#define LINK_FATELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "link/fate.h"
#include "link/flow.h"

enum { FATELOG_MAX = 1000000 };

struct fatelog;
struct fatelog *fatelog_new(void);
void fatelog_free(struct fatelog *log);

/* Whether a profile decides anything about units; if not, there is nothing to
 * log. */
bool fatelog_wants(const struct profile *profile);
/* Logs what `fate` says about each of its units. */
void fatelog_add(struct fatelog *log, unsigned link, unsigned direction,
                 const struct unit *units, const struct fate *fate);
uint64_t fatelog_missing(const struct fatelog *log);

/* What the lines need to name things by. */
struct fatelog_names {
    const char *(*host)(void *context, unsigned link, unsigned port);
    const struct flows *(*flows)(void *context, unsigned link);
    void *context;
};
/* Writes `link direction flow unit nth kind decision`, tab-separated, sorted as
 * text, one a line.  Links count from 1; a direction is named by the host that
 * sends. */
void fatelog_write(const struct fatelog *log, const struct fatelog_names *names,
                   struct strbuf *out);

#endif
