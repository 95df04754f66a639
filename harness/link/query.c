/* <wirelab/capture.h>: what a test asks about the packets it caused.
 *
 * A filter's text is compiled when it is first used, once for links that carry
 * IP and once for Ethernet, and again when the net has got more links, since a
 * host's name stands for all its addresses. */
#include "link/query.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "link/capstore.h"
#include "link/filter.h"
#include "link/linkset.h"
#include "link/nethosts.h"

struct compiled {
    struct compiled *next;
    char *text;
    unsigned links;            /* of the net, when it was compiled */
    struct filter *filters[2]; /* by "is Ethernet" */
};

struct query {
    struct capture *capture;
    pthread_mutex_t lock; /* of the list; an entry never changes */
    struct compiled *list;
};

struct query *query_new(struct capture *capture)
{
    struct query *query = mem_zalloc(sizeof(*query));
    query->capture = capture;
    pthread_mutex_init(&query->lock, NULL);
    return query;
}

void query_free(struct query *query)
{
    while (query->list) {
        struct compiled *next = query->list->next;
        filter_free(query->list->filters[0]);
        filter_free(query->list->filters[1]);
        free(query->list->text);
        free(query->list);
        query->list = next;
    }
    pthread_mutex_destroy(&query->lock);
    free(query);
}

static bool has_links(const struct net *net, bool ethernet)
{
    for (unsigned i = 0; i < net->link_count; i++) {
        if (net->links[i]->ethernet == ethernet)
            return true;
    }
    return false;
}

/* Compiles for the kinds of link that the net has; a filter such as "arp" makes
 * no sense to the other kind. */
static struct compiled *compile(const struct net *net, const char *text)
{
    struct compiled *made = mem_zalloc(sizeof(*made));
    struct filter_hosts hosts = nethosts(net);
    struct scan_error error;
    made->text = mem_strdup(text);
    made->links = net->link_count;
    bool mixed = has_links(net, false) && has_links(net, true);
    for (int i = 0; i < 2; i++) {
        if (!has_links(net, i == 1))
            continue;
        if (filter_compile(&made->filters[i], text, i == 1, &hosts, &error) <
                0 &&
            !(mixed && i == 0))
            infra("capture filter \"%s\": %s", text, error.message);
    }
    nethosts_free(&hosts);
    return made;
}

static const struct compiled *compiled(struct query *query, const char *text)
{
    const struct net *net = capture_net(query->capture);
    struct compiled *found;
    pthread_mutex_lock(&query->lock);
    for (found = query->list; found; found = found->next) {
        if (found->links == net->link_count && strcmp(found->text, text) == 0)
            break;
    }
    if (found == NULL) {
        found = compile(net, text);
        found->next = query->list;
        query->list = found;
    }
    pthread_mutex_unlock(&query->lock);
    return found;
}

/* A question under way. */
struct search {
    struct capture *capture;
    const struct compiled *compiled; /* NULL: everything matches */
};

static struct search search_for(struct net *net, const char *filter)
{
    struct linkset *set = linkset_of(net);
    struct search search = {.capture = set->capture};
    if (set->state && set->engine->catch_up)
        set->engine->catch_up(set->state);
    if (filter && *filter && net->link_count > 0)
        search.compiled = compiled(set->query, filter);
    return search;
}

static bool matches(const struct search *search, uint32_t number,
                    struct captured *captured)
{
    capture_bytes_of(search->capture, number, captured);
    if (search->compiled == NULL)
        return true;
    const struct filter *filter = search->compiled->filters[captured->ethernet];
    return filter &&
           filter_match(filter, captured->data, captured->captured_bytes,
                        captured->length_bytes);
}

/* A count over a capture that is not whole would be a lie. */
static void check_whole(const struct search *search, const char *filter)
{
    uint64_t missing = capture_uncaptured(search->capture);
    if (missing > 0)
        infra("cannot count \"%s\": the capture keeps %d packets, and %llu "
              "more came; send less, or count at the programs",
              filter ? filter : "", CAPTURE_MAX_RECORDS,
              (unsigned long long)missing);
}

int capture_count_fate(struct net *net, unsigned fates, const char *filter)
{
    struct search search = search_for(net, filter);
    struct captured captured;
    int count = 0;
    check_whole(&search, filter);
    uint32_t end = capture_records(search.capture);
    for (uint32_t i = 1; i <= end; i++)
        count += matches(&search, i, &captured) && (captured.fate & fates) != 0;
    return count;
}

int capture_count(struct net *net, const char *filter)
{
    struct search search = search_for(net, filter);
    struct captured captured;
    int count = 0;
    check_whole(&search, filter);
    uint32_t end = capture_records(search.capture);
    for (uint32_t i = 1; i <= end; i++)
        count += matches(&search, i, &captured);
    return count;
}

int64_t capture_bytes(struct net *net, const char *filter)
{
    struct search search = search_for(net, filter);
    struct captured captured;
    int64_t bytes = 0;
    check_whole(&search, filter);
    uint32_t end = capture_records(search.capture);
    for (uint32_t i = 1; i <= end; i++) {
        if (matches(&search, i, &captured))
            bytes +=
                (int64_t)captured.length_bytes - (captured.ethernet ? 14 : 0);
    }
    return bytes;
}

bool capture_next(struct net *net, const char *filter, uint32_t from_number,
                  struct packet *packet)
{
    struct search search = search_for(net, filter);
    struct captured captured;
    uint32_t end = capture_records(search.capture);
    for (uint32_t i = from_number + 1; i <= end; i++) {
        if (matches(&search, i, &captured)) {
            capture_get(search.capture, i, true, packet);
            return true;
        }
    }
    return false;
}

bool capture_nth(struct net *net, const char *filter, int n,
                 struct packet *packet)
{
    uint32_t number = 0;
    for (int i = 0; i < n; i++) {
        if (!capture_next(net, filter, number, packet))
            return false;
        number = packet->number;
    }
    return n > 0;
}

bool capture_await(struct net *net, const char *filter, int n,
                   int64_t timeout_ns)
{
    struct search search = search_for(net, filter);
    struct captured captured;
    int64_t until_ns = clock_now_ns() + timeout_ns;
    uint32_t looked = 0;
    int found = 0;
    for (;;) {
        uint64_t seen = capture_news(search.capture);
        uint32_t end = capture_records(search.capture);
        while (looked < end && found < n)
            found += matches(&search, ++looked, &captured);
        if (found >= n)
            return true;
        if (clock_now_ns() >= until_ns ||
            !capture_sleep(search.capture, seen, until_ns))
            return false;
    }
}
