/* Special-purpose address blocks (RFC 6890 and IANA's registries since). */
#ifndef SPECIAL_H
#define SPECIAL_H

#include "prefix.h"

struct special {
    const char *block; /* as text */
    const char *name;
    const char *source; /* "RFC 1918" */
};

/* The smallest block that covers all of the prefix; NULL if none does. */
const struct special *special_covering(const struct prefix *prefix);
/* Whether a block lies inside the prefix, without covering it. */
bool special_inside(const struct prefix *prefix);

#endif
