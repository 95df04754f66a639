/* What this machine can run, what it lacks, what that costs and what mends it:
 * everything is found out by trying. */
#ifndef CLI_DIAGNOSIS_H
#define CLI_DIAGNOSIS_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/cli.h"
#include "cli/place.h"
#include "cli/project.h"
#include "topo/topo.h"

struct world_finding {
    bool works;
    char detail[PLACE_REASON_BYTES]; /* if it does */
    char reason[PLACE_REASON_BYTES]; /* if it does not, with the remedy */
};

struct diagnosis {
    const struct project *project;
    struct cell_probe probe;
    bool nat;
    struct world_finding worlds[WORLD_VIRTUAL + 1];
    bool core_missing; /* nothing can be checked */
    /* {"what", "ok", "core", "detail"[, "cost", "remedy"]}, of each thing that
     * was tried. */
    json_t *findings;
    /* {"id", "name", "state": "runnable", "degraded" or "not runnable",
     *  "why": [...][, "remedy"]}, of each lab. */
    json_t *labs;
    json_t *lacking;  /* tools to be installed */
    json_t *commands; /* to be given beside that */
};

/* Tries all; may take some seconds, since guests are booted. */
void diagnosis_make(struct diagnosis *diagnosis, const struct project *project);
void diagnosis_fini(struct diagnosis *diagnosis);

/* The one line that mends what is missing, malloc'd; "" if nothing is. */
char *diagnosis_remedy(const struct diagnosis *diagnosis);
/* How many labs are in this state. */
size_t diagnosis_count(const struct diagnosis *diagnosis, const char *state);

/* Fills `labs` (fitness.c); the rest has to be there. */
void fitness_of_labs(struct diagnosis *diagnosis);
/* Notes a tool that is not there. */
void diagnosis_lacks(struct diagnosis *diagnosis, const char *tool);

#endif
