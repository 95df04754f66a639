/* The pool of packet buffers.
 *
 * All of the address space is reserved in the beginning and none is touched; a
 * buffer costs memory once it was used, and the one given back last is taken
 * first, so that a quiet link stays in the cache.  No call here allocates. */
#include "link/flight.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <wirelab/time.h>

#include "base/strbuf.h"

enum { PREFAULTED = 128 };

struct pool {
    uint8_t *memory;
    size_t stride_bytes, count, touched;
    struct flight *free;
};

struct flights {
    struct pool small, large;
};

static size_t stride_of(size_t packet_bytes)
{
    size_t bytes = sizeof(struct flight) + FLIGHT_HEADROOM + packet_bytes;
    return (bytes + 63) & ~(size_t)63;
}

static int pool_init(struct pool *pool, size_t packet_bytes, size_t count)
{
    pool->stride_bytes = stride_of(packet_bytes);
    pool->count = count;
    size_t bytes = pool->stride_bytes * count;
    pool->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pool->memory == MAP_FAILED)
        return -1;
    /* Locked pages are never written out; where that is not allowed we are
     * only slower.  mlockall would bring the whole test's memory under
     * RLIMIT_MEMLOCK and make its malloc fail there. */
    (void)mlock2(pool->memory, bytes, MLOCK_ONFAULT);
    /* A program's start forks; the engine's next packets are not to wait for
     * copies of pages that the child never looks at. */
    (void)madvise(pool->memory, bytes, MADV_DONTFORK);
    /* With virtual time a first touch is not late, and a page is dear. */
    if (!clock_is_virtual())
        (void)madvise(pool->memory, pool->stride_bytes * PREFAULTED,
                      MADV_POPULATE_WRITE);
    return 0;
}

static struct flight *pool_take(struct pool *pool)
{
    struct flight *flight = pool->free;
    if (flight) {
        pool->free = flight->next;
        return flight;
    }
    if (pool->touched == pool->count)
        return NULL;
    uint8_t *at = pool->memory + pool->stride_bytes * pool->touched++;
    return (struct flight *)(void *)at;
}

struct flights *flights_new(void)
{
    struct flights *flights = mem_zalloc(sizeof(*flights));
    if (pool_init(&flights->small, FLIGHT_SMALL_BYTES, FLIGHT_SMALL_COUNT) ==
            0 &&
        pool_init(&flights->large, FLIGHT_LARGE_BYTES, FLIGHT_LARGE_COUNT) == 0)
        return flights;
    flights_free(flights);
    return NULL;
}

static void pool_fini(struct pool *pool)
{
    if (pool->memory != NULL && pool->memory != MAP_FAILED)
        munmap(pool->memory, pool->stride_bytes * pool->count);
}

void flights_free(struct flights *flights)
{
    if (flights == NULL)
        return;
    pool_fini(&flights->small);
    pool_fini(&flights->large);
    free(flights);
}

struct flight *flight_take(struct flights *flights, size_t bytes)
{
    bool large = bytes > FLIGHT_SMALL_BYTES;
    struct flight *flight =
        pool_take(large ? &flights->large : &flights->small);
    if (flight)
        flight->large = large;
    return flight;
}

void flight_give(struct flights *flights, struct flight *flight)
{
    struct pool *pool = flight->large ? &flights->large : &flights->small;
    flight->next = pool->free;
    pool->free = flight;
}
