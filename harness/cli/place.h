/* The world a command's tests run in: chosen, explained, and shown what it
 * needs of this machine's files. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include <stdbool.h>

#include "cli/lab.h"
#include "cli/schedule.h"
#include "world/world.h"

#define PLACE_WORLD_HELP                                                       \
    "host, uml or virtual (default: host if it can, else uml)"

enum { PLACE_REASON_BYTES = 512 };

struct place {
    enum world_kind world;
    bool host_works;                      /* for tests that nowhere else can */
    char host_reason[PLACE_REASON_BYTES]; /* why it does not; "" if it does */
    struct world_options guests;
    char *kernel; /* of the guests; NULL: the stock one */
    const char *shown[GUEST_MAX_SHOWN + 1];
};

/* Chooses by the option --world; NULL: the host if it can, else uml, which is
 * told in one line on stderr.  Returns 0, or an exit status after one line on
 * stderr. */
int place_choose(struct place *place, const struct project *project,
                 const char *world, const char *engine);
void place_fini(struct place *place);

/* Lets guests see a lab's files, and a directory to write results in.  All of
 * it must live as long as the place. */
void place_show(struct place *place, const struct lab *lab, const char *kept);

/* How programs are built for this world (lab.mk): with AddressSanitizer, or, as
 * that does not run in a guest, without. */
const char *place_flavour(const struct place *place);

/* Decides where a job for this test is run, or that it is skipped.  One that
 * needs the host gets the programs that were built for it, if the lab has
 * them. */
void place_assign(const struct place *place, const struct lab *lab,
                  const json_t *listed, struct job *job);
/* Builds the programs for the tests that need the host, if there are any and
 * the world is another.  Returns 0 or an exit status, as lab_prepare does. */
int place_prepare_host(const struct place *place, struct lab *lab,
                       const char *impl);

/* Boots a guest of this world, which place_works() found fit, and ends it.
 * Returns 0 and the time it took, or -errno with `reason`. */
int place_try(enum world_kind world, const struct project *project,
              double *boot_ms, char *reason);
/* Says whether a world can be had for this engine, and if not why, with the
 * remedy, in `reason` (PLACE_REASON_BYTES). */
bool place_works(enum world_kind world, const struct project *project,
                 const char *engine, char *reason);

#endif
