/* The account of a link run: what the links did, as a table or as JSON. */
#include "cli/linktell.h"

#include <jansson.h>
#include <stdio.h>

#include "link/linkset.h"
#include "link/witness.h"

static json_t *account(const struct linkrun *plan, const struct net *net,
                       int status)
{
    struct link_lateness late;
    links_lateness(net, &late);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:I, s:o, s:{s:I, s:f, s:f, s:f}}", "schema",
        "wirelab-link-1", "profile", plan->profile, "engine", plan->engine,
        "seed", (json_int_t)plan->seed, "links", links_json(net->engine),
        "lateness_us", "packets", (json_int_t)late.packets, "p50",
        (double)late.p50_ns / 1e3, "p99", (double)late.p99_ns / 1e3, "max",
        (double)late.max_ns / 1e3);
    json_object_set_new(object, "status", json_integer(status));
    if (plan->capture)
        json_object_set_new(object, "capture", json_string(plan->capture));
    return object;
}

static json_int_t count_of(const json_t *direction, const char *key)
{
    return json_integer_value(json_object_get(direction, key));
}

static const char *const columns[] = {
    "packets",    "delivered", "lost",      "cut",    "overflow",
    "duplicated", "corrupted", "reordered", "marked", "held",
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* A column in which nothing happened is left out, but for the first three. */
static bool is_shown(const json_t *links, size_t column)
{
    const json_t *direction;
    size_t i;
    bool shown = column < 3;
    json_array_foreach(links, i, direction)
    {
        shown |= count_of(direction, columns[column]) > 0;
    }
    return shown;
}

static void print_lateness(const json_t *late)
{
    if (count_of(late, "packets") == 0)
        return;
    printf("; of %lld delayed packets half were less than %.1f us late, 99 %% "
           "less than %.1f us",
           (long long)count_of(late, "packets"),
           json_number_value(json_object_get(late, "p50")),
           json_number_value(json_object_get(late, "p99")));
}

static void print_table(const json_t *object)
{
    const json_t *links = json_object_get(object, "links"), *direction;
    size_t i;
    printf("\n%-12s", "");
    for (size_t c = 0; c < COLUMNS; c++) {
        if (is_shown(links, c))
            printf(" %10s", columns[c]);
    }
    json_array_foreach(links, i, direction)
    {
        printf("\n%-12s",
               json_string_value(json_object_get(direction, "name")));
        for (size_t c = 0; c < COLUMNS; c++) {
            if (is_shown(links, c))
                printf(" %10lld", (long long)count_of(direction, columns[c]));
        }
    }
    printf("\nseed %lld", (long long)count_of(object, "seed"));
    print_lateness(json_object_get(object, "lateness_us"));
    putchar('\n');
}

/* Returns whether the emulator itself kept up. */
static bool tell_overruns(const json_t *object)
{
    const json_t *links = json_object_get(object, "links"), *direction;
    json_int_t internal = 0;
    size_t i;
    json_array_foreach(links, i, direction)
    {
        internal += count_of(direction, "internal");
    }
    if (internal == 0)
        return true;
    (void)infra_error("the emulator was overrun and lost %lld packets itself: "
                      "the figures are void (send slower, or try --fast)",
                      (long long)internal);
    return false;
}

int linktell(const struct linkrun *plan, const struct net *net, int status)
{
    json_t *object = account(plan, net, status);
    if (plan->json) {
        (void)json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else {
        print_table(object);
        if (plan->capture)
            printf("capture: %s\n", plan->capture);
    }
    (void)fflush(stdout);
    bool kept_up = tell_overruns(object);
    json_decref(object);
    if (!kept_up)
        return EXIT_INFRA;
    if (status != 0)
        fprintf(stderr, "wirelab: %s ended with status %d\n", plan->command[0],
                status);
    return status == 0 ? EXIT_PASSED : EXIT_FAILED;
}
