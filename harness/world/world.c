/* Worlds: where suites run; see world.h. */
#include "world/world.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "world/inside.h"

const char *const world_names[] = {
    [WORLD_HOST] = "host",
    [WORLD_UML] = "uml",
    [WORLD_VIRTUAL] = "virtual",
    NULL,
};

int world_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (int)cores : 1;
}

struct world *world_open(uv_loop_t *loop, const struct world_options *options)
{
    struct world *world = mem_zalloc(sizeof(*world));
    *world = (struct world){
        .class = options->kind == WORLD_HOST ? &world_host : &world_pool,
        .loop = loop,
        .options = *options,
    };
    if (world->options.max_guests == 0)
        world->options.max_guests = (unsigned)world_cores();
    if (world->options.guest_load == 0)
        world->options.guest_load = WORLD_LOADS_PER_CORE;
    world->class->open(world);
    return world;
}

void world_start(struct world *world, struct errand *errand)
{
    world->class->start(world, errand);
}

void world_signal(struct world *world, struct errand *errand, int signal)
{
    world->class->signal(world, errand, signal);
}

int world_budget(const struct world *world)
{
    if (world->options.kind == WORLD_HOST)
        return WORLD_LOADS_PER_CORE * world_cores();
    return world->options.guest_load * (int)world->options.max_guests;
}

void world_close(struct world *world)
{
    world->closing = true;
    world->class->close(world);
}

void world_free(struct world *world)
{
    free(world->inside);
    free(world);
}
