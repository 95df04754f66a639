/* labs/NN-name/lab.json: what a lab is called, what it is worth, what it wants.
 *
 *      {"id": "08", "name": "reliable-udp", "title": "From fire-and-forget …",
 *       "chapter": "UDP in the Real World", "programs": ["rsend", "rrecv"],
 *       "checkpoints": [{"number": 1, "title": "Stop and wait", "points": 10,
 *                        "minutes": 40, "needs": []}, …],
 *       "topics": ["ARQ", …], "prerequisites": ["04"], "minutes": 600,
 *       "time_limit_s": 30,
 *       "wants": ["tshark", {"tool": "nft", "lost": "tests behind a NAT"}]}
 *
 * `needs` lists the checkpoints which must have earned a point before this one
 * is tried; without it, that is the one before.  `wants` names tools a test
 * would be skipped without, as harness/packages has them, and what is lost
 * then; by name alone it is "the tests with it".  "build": {"cpu_s": 60,
 * "memory_mib": 2048} is what compiling a stranger's submission may take, where
 * that is unusual. */
#ifndef GRADE_LABJSON_H
#define GRADE_LABJSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    LABJSON_MAX_CHECKPOINTS = 16,
    LABJSON_MAX_WANTS = 16,
    LABJSON_ERROR_BYTES = 256,
};

struct want {
    const char *tool;
    const char *lost; /* without it, "tests behind a NAT" */
};

struct checkpoint {
    int number; /* from 1, without gaps */
    const char *title;
    int points;
    int minutes; /* a learner will need */
    int needs[LABJSON_MAX_CHECKPOINTS];
    size_t need_count;
};

struct labjson {
    const char *id, *name, *title, *chapter;
    int minutes;
    int time_limit_s;                  /* of a test that names none */
    int build_cpu_s, build_memory_mib; /* 0: as usual */
    struct checkpoint checkpoints[LABJSON_MAX_CHECKPOINTS];
    size_t checkpoint_count;
    struct want wants[LABJSON_MAX_WANTS];
    size_t want_count;
    json_t *json; /* the whole; all strings above live in it */
};

/* Loads and checks the file: every member is there and of its type, none is
 * unknown, numbers run from 1, `needs` point backwards, points sum to 100.
 *
 * Returns 0, -errno if it cannot be read, or -EINVAL; `error` (of
 * LABJSON_ERROR_BYTES) then holds one line: what is wrong, and where.
 * Ownership: labjson_fini releases what a successful load has made. */
int labjson_load(const char *path, struct labjson *lab, char *error);
void labjson_fini(struct labjson *lab);

/* Finds a checkpoint by its number; NULL if there is none. */
const struct checkpoint *labjson_checkpoint(const struct labjson *lab,
                                            int number);

#endif
