/* The router's configuration file. */
#ifndef CONFIG_H
#define CONFIG_H

#include "router.h"

enum { CONFIG_ERROR_BYTES = 256 };

/* Reads a configuration into a zeroed router.  Returns 0, or -EINVAL with one
 * line about it in `error`. */
int config_read(struct router *router, FILE *file, const char *name,
                char *error);

/* Connects an interface: "if0=fd:5", or "if0=tap:NAME" to make a TAP of that
 * name, which takes privilege.  Returns as above. */
int config_attach(struct router *router, const char *argument, char *error);

#endif
