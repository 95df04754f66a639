/* A routing table in a file; see table.h.
 *
 * A full table of the Internet has a million prefixes and few next hops, so a
 * route holds the number of its hop.  Which number an address has is found by a
 * hash of fixed size, with linear probing: it is never more than half full. */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 17 };

static size_t hash_of(const struct addr *addr)
{
    uint64_t mixed =
        (addr->high ^ addr->low * 31 ^ addr->bits) * 0x9e3779b97f4a7c15u;
    return mixed >> 47; /* 17 bits */
}

/* Doubles an array that is full.  Returns 0 or -ENOMEM. */
static int make_room(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return 0;
    size_t more = *room ? *room * 2 : 1024;
    void *moved = realloc(*array, more * size);
    if (moved == NULL)
        return -ENOMEM;
    *array = moved;
    *room = more;
    return 0;
}

/* Finds or numbers a next hop.  Returns its number, 0 if there are too many, or
 * -ENOMEM. */
static int number_hop(struct table *table, const struct addr *hop)
{
    size_t at = hash_of(hop);
    for (; table->slots[at] != 0; at = (at + 1) % SLOTS) {
        if (addr_equal(&table->hops[table->slots[at]], hop))
            return (int)table->slots[at];
    }
    if (table->hop_count == HOP_MAX)
        return 0;
    size_t number = table->hop_count + 1;
    if (make_room((void **)&table->hops, number, &table->hop_room,
                  sizeof(*hop)) < 0)
        return -ENOMEM;
    table->hops[number] = *hop;
    table->hop_count = number;
    table->slots[at] = (uint32_t)number;
    return (int)number;
}

/* Reads one line.  Returns 0, -EINVAL with *problem, or -ENOMEM. */
static int add_line(struct table *table, char *line, const char **problem)
{
    struct lpm_route route;
    struct addr hop;
    char *space = strchr(line, ' ');
    *problem = "is not \"PREFIX NEXTHOP\"";
    if (space == NULL)
        return -EINVAL;
    *space = '\0';
    int error = prefix_parse(line, &route.prefix, NULL);
    if (error == -EDOM)
        *problem = "has a prefix with bits set beyond its length";
    if (error < 0 || addr_parse(space + 1, &hop) < 0)
        return -EINVAL;
    int number = number_hop(table, &hop);
    if (number == 0)
        *problem = "has one next hop too many (65535)";
    if (number <= 0)
        return number < 0 ? number : -EINVAL;
    route.hop = (uint32_t)number;
    if (make_room((void **)&table->routes, table->count, &table->room,
                  sizeof(route)) < 0)
        return -ENOMEM;
    table->routes[table->count++] = route;
    return 0;
}

static int by_prefix(const void *a, const void *b)
{
    const struct lpm_route *one = a, *other = b;
    return prefix_compare(&one->prefix, &other->prefix);
}

/* qsort(3) promises nothing about equal elements; while it sorts, `hop` holds
 * the line's place, so that none are equal. */
static int by_prefix_and_place(const void *a, const void *b)
{
    const struct lpm_route *one = a, *other = b;
    int order = by_prefix(a, b);
    if (order != 0)
        return order;
    return one->hop < other->hop ? -1 : one->hop > other->hop;
}

/* Sorts, and of equal prefixes keeps the one that came last. */
static int sort_routes(struct table *table)
{
    uint32_t *hops = malloc((table->count + 1) * sizeof(*hops));
    if (hops == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->count; i++) {
        hops[i] = table->routes[i].hop;
        table->routes[i].hop = (uint32_t)i;
    }
    if (table->count > 0)
        qsort(table->routes, table->count, sizeof(table->routes[0]),
              by_prefix_and_place);
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++) {
        struct lpm_route route = table->routes[i];
        route.hop = hops[route.hop];
        if (kept > 0 && by_prefix(&table->routes[kept - 1], &route) == 0)
            kept--;
        table->routes[kept++] = route;
    }
    table->count = kept;
    free(hops);
    return 0;
}

int table_read(struct table *table, FILE *file, size_t *line,
               const char **problem)
{
    char *text = NULL;
    size_t room = 0;
    int error = 0;
    *line = 0;
    *table = (struct table){.slots = calloc(SLOTS, sizeof(uint32_t))};
    if (table->slots == NULL ||
        make_room((void **)&table->routes, 0, &table->room,
                  sizeof(struct lpm_route)) < 0) /* an empty one has it too */
        return -ENOMEM;
    while (error == 0 && getline(&text, &room, file) > 0) {
        ++*line;
        text[strcspn(text, "\r\n")] = '\0';
        if (text[0] != '\0' && text[0] != '#')
            error = add_line(table, text, problem);
    }
    free(text);
    return error < 0 ? error : sort_routes(table);
}

const struct lpm_route *table_family(const struct table *table, unsigned bits,
                                     size_t *count)
{
    size_t first = 0, end;
    while (first < table->count && table->routes[first].prefix.base.bits < bits)
        first++;
    for (end = first; end < table->count; end++) {
        if (table->routes[end].prefix.base.bits != bits)
            break;
    }
    *count = end - first;
    return table->routes + first;
}

void table_fini(struct table *table)
{
    free(table->routes);
    free(table->hops);
    free(table->slots);
    *table = (struct table){0};
}
