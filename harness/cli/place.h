/* The world a command's tests run in: chosen, explained, and shown what it
 * needs of this machine's files. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/lab.h"
#include "world/world.h"

struct place {
    enum world_kind world;
    bool host_works;       /* so that a test which needs the host can have it */
    char host_reason[256]; /* what the host lacks; "" if nothing */
    struct world_options guests;
    const char *shown[GUEST_MAX_SHOWN + 1];
};

/* Chooses by the option --world (NULL: the host if it can, else uml).  What was
 * chosen for want of a better one is told in one line on stderr.  Returns 0, or
 * an exit status after one line on stderr. */
int place_choose(struct place *place, const char *world, const char *engine);
/* Lets guests see a lab's files, and a directory to write results in.  Both
 * must live as long as the place. */
void place_show(struct place *place, const struct lab *lab, const char *kept);

/* The world for one test; `*skipped` becomes why it can be run in none, or
 * NULL. */
enum world_kind place_of(const struct place *place, const json_t *listed,
                         const char **skipped);
/* The flavour (lab.mk) in which programs are built for a world. */
const char *place_flavour(enum world_kind world);
/* A verdict `skip` of ours, as a suite would have written it. */
json_t *skip_verdict(const json_t *listed, const char *variant, uint64_t seed,
                     const char *reason);

#endif
