/* What the kinds of worlds have in common; private to the module. */
#ifndef WORLD_INSIDE_H
#define WORLD_INSIDE_H

#include "world/world.h"

struct world_class {
    void (*open)(struct world *world);
    void (*start)(struct world *world, struct errand *errand);
    void (*signal)(struct world *world, struct errand *errand, int signal);
    /* Ends what runs, and calls world_free() when it has no handle left. */
    void (*close)(struct world *world);
};

extern const struct world_class world_host, world_pool;

struct world {
    const struct world_class *class;
    uv_loop_t *loop;
    struct world_options options;
    bool closing;
    void *inside; /* of the class; freed with the world */
};

int world_cores(void);
void world_free(struct world *world);

#endif
