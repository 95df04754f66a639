/* Worlds of guests: a pool that boots one when there is work for it.
 *
 * An errand goes to the guest that has least to do; a further guest boots when
 * none is idle and the pool is not full, so that each core gets one.  What fits
 * nowhere waits, in order.  A guest that dies takes its errands with it, and
 * another is booted for the rest; but if guests keep dying before they have
 * booted, whatever comes is refused for that reason. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "world/inside.h"

enum { MAX_GUESTS = 64, MAX_FAILED_BOOTS = 2 };

/* One errand on its way through the pool. */
struct visit {
    struct errand inner; /* what the guest runs */
    struct errand *outer;
    struct pool *pool;
    struct slot *slot; /* NULL: waits */
    bool unwanted;     /* it need not be run when its turn comes */
    struct visit *next;
};

struct slot {
    struct pool *pool;
    struct guest *guest; /* NULL: free */
    struct guest_options options;
    bool ready;
    int load;
};

struct pool {
    struct world *world;
    struct slot slots[MAX_GUESTS];
    struct visit *waiting, **waiting_end;
    uv_async_t wake; /* to hand errands out, from the loop */
    unsigned failed_boots;
    char *broken; /* why no more guests are booted */
    bool wake_closed;
};

static void wake(struct pool *pool)
{
    if (!pool->world->closing)
        (void)uv_async_send(&pool->wake);
}

static void free_if_over(struct pool *pool)
{
    struct world *world = pool->world;
    if (!world->closing || !pool->wake_closed)
        return;
    for (size_t i = 0; i < MAX_GUESTS; i++) {
        if (pool->slots[i].guest)
            return;
    }
    free(pool->broken);
    world_free(world);
}

/* ---- One errand -----------------------------------------------------------
 */

static void end_visit(struct visit *visit, enum errand_end end, const char *why)
{
    struct errand *outer = visit->outer;
    outer->wait_status = visit->inner.wait_status;
    outer->guest_ns = visit->inner.guest_ns;
    outer->stolen_ns = visit->inner.stolen_ns;
    free(visit);
    outer->ended(outer, end, why);
}

static void on_verdict(struct errand *inner, const char *bytes, size_t n)
{
    const struct visit *visit = inner->owner;
    visit->outer->verdict(visit->outer, bytes, n);
}

static void on_ended(struct errand *inner, enum errand_end end, const char *why)
{
    struct visit *visit = inner->owner;
    struct pool *pool = visit->pool;
    visit->slot->load -= inner->load;
    end_visit(visit, end, why);
    wake(pool);
}

static void pool_start(struct world *world, struct errand *errand)
{
    struct pool *pool = world->inside;
    struct visit *visit = mem_zalloc(sizeof(*visit));
    *visit = (struct visit){.inner = *errand, .outer = errand, .pool = pool};
    visit->inner.owner = visit;
    visit->inner.verdict = on_verdict;
    visit->inner.ended = on_ended;
    errand->ticket = visit;
    *pool->waiting_end = visit;
    pool->waiting_end = &visit->next;
    wake(pool);
}

static void pool_signal(struct world *world, struct errand *errand, int signal)
{
    struct visit *visit = errand->ticket;
    (void)world;
    if (visit->slot)
        guest_signal(visit->slot->guest, &visit->inner, signal);
    else
        visit->unwanted = true;
}

/* ---- Guests ---------------------------------------------------------------
 */

static void on_ready(struct guest *guest, double boot_ms, void *context)
{
    struct slot *slot = context;
    (void)guest, (void)boot_ms;
    slot->ready = true;
    slot->pool->failed_boots = 0;
}

static void on_gone(struct guest *guest, enum errand_end end, const char *why,
                    void *context)
{
    struct slot *slot = context;
    struct pool *pool = slot->pool;
    (void)guest;
    if (!slot->ready && end != ERRAND_UNWANTED &&
        ++pool->failed_boots == MAX_FAILED_BOOTS && pool->broken == NULL)
        pool->broken = mem_strdup(why);
    slot->guest = NULL;
    wake(pool);
    free_if_over(pool);
}

static struct slot *boot(struct pool *pool, size_t i)
{
    char error[GUEST_ERROR_BYTES];
    const struct guest_events events = {
        .ready = on_ready, .gone = on_gone, .context = &pool->slots[i]};
    const struct world_options *options = &pool->world->options;
    struct slot *slot = &pool->slots[i];
    *slot = (struct slot){.pool = pool, .options = options->guest};
    slot->options.cpu =
        options->pin_guests ? (int)(i % (size_t)world_cores()) : -1;
    slot->guest =
        guest_start(pool->world->loop, &slot->options, &events, error);
    if (slot->guest)
        return slot;
    pool->broken = mem_strdup(error);
    return NULL;
}

/* What the pool has: its guests, the one with least to do, room for another. */
struct survey {
    struct slot *best; /* NULL: none that lives */
    size_t unused;     /* MAX_GUESTS: none */
    unsigned guests;
};

static struct survey survey(struct pool *pool)
{
    struct survey found = {.unused = MAX_GUESTS};
    for (size_t i = MAX_GUESTS; i-- > 0;) {
        struct slot *slot = &pool->slots[i];
        if (slot->guest == NULL) {
            found.unused = i;
            continue;
        }
        found.guests++;
        if (!guest_is_ending(slot->guest) &&
            (found.best == NULL || slot->load <= found.best->load))
            found.best = slot;
    }
    return found;
}

/* The guest for an errand of this load; NULL if it has to wait, or if there is
 * none to be had: then no guest lives, and `broken` says why. */
static struct slot *choose(struct pool *pool, int load)
{
    const struct world_options *options = &pool->world->options;
    struct survey found = survey(pool);
    struct slot *slot = NULL;
    if (found.best && found.best->load == 0)
        return found.best;
    if (found.guests < options->max_guests && found.unused < MAX_GUESTS &&
        pool->broken == NULL)
        slot = boot(pool, found.unused);
    if (slot == NULL && found.best &&
        found.best->load + load <= options->guest_load)
        slot = found.best;
    return slot;
}

static struct visit *take_first(struct pool *pool)
{
    struct visit *visit = pool->waiting;
    pool->waiting = visit->next;
    if (pool->waiting == NULL)
        pool->waiting_end = &pool->waiting;
    return visit;
}

static void refuse_all(struct pool *pool, enum errand_end end, const char *why)
{
    while (pool->waiting)
        end_visit(take_first(pool), end, why);
}

static void hand_out(struct pool *pool)
{
    while (pool->waiting) {
        struct slot *slot = NULL;
        if (!pool->waiting->unwanted) {
            slot = choose(pool, pool->waiting->inner.load);
            if (slot == NULL)
                return;
        }
        struct visit *visit = take_first(pool);
        if (slot == NULL) {
            end_visit(visit, ERRAND_UNWANTED, "it was not wanted any more");
            continue;
        }
        visit->slot = slot;
        slot->load += visit->inner.load;
        guest_run(slot->guest, &visit->inner);
    }
}

static void on_wake(uv_async_t *handle)
{
    struct pool *pool = handle->data;
    hand_out(pool);
    if (pool->broken && survey(pool).guests == 0)
        refuse_all(pool, ERRAND_REFUSED, pool->broken);
}

/* ---- The whole ------------------------------------------------------------
 */

static void pool_open(struct world *world)
{
    struct pool *pool = mem_zalloc(sizeof(*pool));
    pool->world = world;
    pool->waiting_end = &pool->waiting;
    pool->wake.data = pool;
    (void)uv_async_init(world->loop, &pool->wake, on_wake);
    world->inside = pool;
}

static void on_wake_closed(uv_handle_t *handle)
{
    struct pool *pool = handle->data;
    pool->wake_closed = true;
    refuse_all(pool, ERRAND_UNWANTED, "the world was closed");
    free_if_over(pool);
}

static void pool_close(struct world *world)
{
    struct pool *pool = world->inside;
    for (size_t i = 0; i < MAX_GUESTS; i++) {
        if (pool->slots[i].guest)
            guest_stop(pool->slots[i].guest);
    }
    uv_close((uv_handle_t *)&pool->wake, on_wake_closed);
}

const struct world_class world_pool = {
    pool_open,
    pool_start,
    pool_signal,
    pool_close,
};
