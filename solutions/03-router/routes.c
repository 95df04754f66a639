/* The router's routes; see routes.h.  There is nothing to write here.
 *
 * They change seldom and are asked for each packet, so that a change only marks
 * the tables stale.  They are built anew when the router has time for it, or at
 * the latest when they are asked. */
#include "routes.h"

#include <errno.h>
#include <stdlib.h>

static struct route *find(const struct routes *routes,
                          const struct prefix *prefix, enum origin origin)
{
    for (size_t i = 0; i < routes->count; i++) {
        struct route *route = &routes->list[i];
        if (route->origin == origin &&
            prefix_compare(&route->prefix, prefix) == 0)
            return route;
    }
    return NULL;
}

int routes_set(struct routes *routes, const struct route *route)
{
    struct route *old = find(routes, &route->prefix, route->origin);
    routes->stale = true;
    if (old) {
        *old = *route;
        return 0;
    }
    if (routes->count == routes->room) {
        size_t room = routes->room ? 2 * routes->room : 32;
        struct route *list = realloc(routes->list, room * sizeof(*list));
        if (list == NULL)
            return -ENOMEM;
        routes->list = list;
        routes->room = room;
    }
    routes->list[routes->count++] = *route;
    return 0;
}

void routes_remove(struct routes *routes, const struct prefix *prefix,
                   enum origin origin)
{
    struct route *route = find(routes, prefix, origin);
    if (route == NULL)
        return;
    *route = routes->list[--routes->count];
    routes->stale = true;
}

static int by_prefix_and_origin(const void *a, const void *b)
{
    const struct route *one = a, *other = b;
    int order = prefix_compare(&one->prefix, &other->prefix);
    return order ? order : (int)one->origin - (int)other->origin;
}

/* The first of each prefix in sorted order is the one that is taken. */
static size_t choose(const struct routes *routes, unsigned bits,
                     struct lpm_route *chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < routes->count; i++) {
        const struct prefix *prefix = &routes->list[i].prefix;
        if (prefix->base.bits != bits)
            continue;
        if (count > 0 && prefix_compare(&chosen[count - 1].prefix, prefix) == 0)
            continue;
        chosen[count++] = (struct lpm_route){*prefix, (uint32_t)i + 1};
    }
    return count;
}

static int rebuild(struct routes *routes)
{
    struct lpm_route *chosen = malloc((routes->count + 1) * sizeof(*chosen));
    if (chosen == NULL)
        return -ENOMEM;
    if (routes->count > 0)
        qsort(routes->list, routes->count, sizeof(routes->list[0]),
              by_prefix_and_origin);
    lpm_fini(&routes->lpm4);
    lpm_fini(&routes->lpm6);
    int error =
        lpm_build(&routes->lpm4, chosen, choose(routes, ADDR4_BITS, chosen));
    if (error == 0)
        error = lpm_build(&routes->lpm6, chosen,
                          choose(routes, ADDR6_BITS, chosen));
    free(chosen);
    routes->stale = error < 0;
    return error;
}

int routes_settle(struct routes *routes)
{
    return routes->stale ? rebuild(routes) : 0;
}

const struct route *routes_lookup(struct routes *routes,
                                  const struct addr *addr)
{
    if (routes_settle(routes) < 0)
        return NULL; /* no memory: like no route, and tried again */
    uint32_t hop = lpm_lookup(
        addr->bits == ADDR4_BITS ? &routes->lpm4 : &routes->lpm6, addr);
    return hop == HOP_NONE ? NULL : &routes->list[hop - 1];
}

void routes_fini(struct routes *routes)
{
    lpm_fini(&routes->lpm4);
    lpm_fini(&routes->lpm6);
    free(routes->list);
    *routes = (struct routes){0};
}
