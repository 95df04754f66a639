/* fib FILE: answers each address on stdin with the next hop to it, or "none".
 * fib --bench FILE ADDRESSES: measures the lookups, beside a plain trie's. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lpm.h"
#include "say.h"
#include "table.h"

enum { BENCH_LOOKUPS = 4000000, BENCH_CHUNK = 1024 };

struct fib {
    struct table table;
    struct lpm lpm4, lpm6;
};

/* CPU time: what others do on this machine meanwhile does not count. */
static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int build(struct lpm *lpm, const struct table *table, unsigned bits)
{
    size_t count;
    const struct lpm_route *routes = table_family(table, bits, &count);
    return lpm_build(lpm, routes, count);
}

/* Returns 0, or a status with the complaint made. */
static int load(struct fib *fib, const char *path)
{
    size_t line;
    const char *problem = "";
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        say("cannot open %s: %s", path, strerror(errno));
        return STATUS_TROUBLE;
    }
    int error = table_read(&fib->table, file, &line, &problem);
    fclose(file);
    if (error == -EINVAL) {
        say("%s:%zu: this line %s", path, line, problem);
        return STATUS_USAGE;
    }
    if (error == 0)
        error = build(&fib->lpm4, &fib->table, ADDR4_BITS);
    if (error == 0)
        error = build(&fib->lpm6, &fib->table, ADDR6_BITS);
    if (error < 0)
        say("cannot load %s: %s", path, strerror(-error));
    return error < 0 ? STATUS_TROUBLE : 0;
}

static void unload(struct fib *fib)
{
    lpm_fini(&fib->lpm4);
    lpm_fini(&fib->lpm6);
    table_fini(&fib->table);
}

static void answer(const struct fib *fib, const char *text)
{
    struct addr addr;
    char hop[ADDR_TEXT_BYTES];
    if (addr_parse(text, &addr) < 0) {
        puts("invalid");
        return;
    }
    uint32_t number =
        lpm_lookup(addr.bits == ADDR4_BITS ? &fib->lpm4 : &fib->lpm6, &addr);
    if (number == HOP_NONE) {
        puts("none");
        return;
    }
    addr_format(hop, &fib->table.hops[number]);
    puts(hop);
}

/* Whoever asks may wait for an answer before asking again. */
static int serve(const struct fib *fib)
{
    char *line = NULL;
    size_t room = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        answer(fib, line);
    }
    free(line);
    return 0;
}

/* ---- The bench; there is nothing to write here ----------------------------
 */

struct addrs {
    struct addr *list;
    size_t count, room;
};

static int read_addrs(struct addrs *addrs, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -errno;
    while (getline(&line, &room, file) > 0) {
        if (addrs->count == addrs->room) {
            addrs->room = addrs->room ? 2 * addrs->room : 1024;
            addrs->list =
                realloc(addrs->list, addrs->room * sizeof(struct addr));
            if (addrs->list == NULL)
                abort(); /* a bench without memory measures nothing */
        }
        line[strcspn(line, "\r\n")] = '\0';
        if (addr_parse(line, &addrs->list[addrs->count]) == 0)
            addrs->count++;
    }
    free(line);
    fclose(file);
    return addrs->count > 0 ? 0 : -EINVAL;
}

/* A structure for each family, and how it is asked. */
struct contender {
    const char *name;
    const void *four, *six;
    void (*lookup)(const void *of, const struct addr *addrs, uint32_t *hops,
                   size_t count);
    size_t bytes;
};

static void ask_lpm(const void *of, const struct addr *addrs, uint32_t *hops,
                    size_t count)
{
    lpm_lookup_many(of, addrs, hops, count);
}

static void ask_trie(const void *of, const struct addr *addrs, uint32_t *hops,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        hops[i] = trie_lookup(of, &addrs[i]);
}

/* Puts IPv4 first, in the order they have.  Returns how many those are. */
static size_t part_families(struct addrs *addrs)
{
    size_t four = 0;
    for (size_t i = 0; i < addrs->count; i++) {
        struct addr swapped = addrs->list[i];
        if (swapped.bits != ADDR4_BITS)
            continue;
        addrs->list[i] = addrs->list[four];
        addrs->list[four++] = swapped;
    }
    return four;
}

/* The sum of the answers is printed, so that no compiler can leave out the
 * work; both contenders must print the same. */
static void measure(const struct contender *contender, struct addrs *addrs,
                    size_t routes)
{
    uint32_t hops[BENCH_CHUNK];
    uint64_t sum = 0;
    size_t done = 0, four = part_families(addrs);
    int64_t begun_ns = clock_ns();
    while (done < BENCH_LOOKUPS) {
        for (size_t at = 0, count; at < addrs->count; at += count) {
            const void *of = at < four ? contender->four : contender->six;
            size_t left = (at < four ? four : addrs->count) - at;
            count = left < BENCH_CHUNK ? left : BENCH_CHUNK;
            contender->lookup(of, addrs->list + at, hops, count);
            for (size_t i = 0; i < count; i++)
                sum += hops[i];
        }
        done += addrs->count;
    }
    double ns = (double)(clock_ns() - begun_ns), lookups = (double)done;
    printf("%s routes=%zu ns_per_lookup=%.1f lookups_per_s=%.0f "
           "bytes=%zu bytes_per_route=%.1f sum=%" PRIu64 "\n",
           contender->name, routes, ns / lookups, lookups / ns * 1e9,
           contender->bytes, (double)contender->bytes / (double)routes, sum);
}

static int fill_trie(struct trie *trie, const struct table *table,
                     unsigned bits)
{
    size_t count;
    const struct lpm_route *routes = table_family(table, bits, &count);
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++)
        error = trie_insert(trie, &routes[i].prefix, routes[i].hop);
    return error;
}

static void measure_both(const struct fib *fib, struct addrs *addrs)
{
    struct trie trie4 = {0}, trie6 = {0};
    size_t hops = (fib->table.hop_count + 1) * sizeof(struct addr);
    measure(&(struct contender){"lpm", &fib->lpm4, &fib->lpm6, ask_lpm,
                                hops + lpm_bytes(&fib->lpm4) +
                                    lpm_bytes(&fib->lpm6)},
            addrs, fib->table.count);
    if (fill_trie(&trie4, &fib->table, ADDR4_BITS) == 0 &&
        fill_trie(&trie6, &fib->table, ADDR6_BITS) == 0)
        measure(&(struct contender){"trie", &trie4, &trie6, ask_trie,
                                    hops + trie4.bytes + trie6.bytes},
                addrs, fib->table.count);
    trie_fini(&trie4);
    trie_fini(&trie6);
}

static int bench(const char *path, const char *addrs_path)
{
    struct fib fib = {0};
    struct addrs addrs = {0};
    int64_t begun_ns = clock_ns();
    int status = load(&fib, path);
    double load_ms = (double)(clock_ns() - begun_ns) / 1e6;
    int error = status == 0 ? read_addrs(&addrs, addrs_path) : 0;
    if (error < 0) {
        say("cannot read addresses from %s: %s", addrs_path, strerror(-error));
        status = STATUS_USAGE;
    }
    if (status == 0) {
        printf("load routes=%zu load_ms=%.0f\n", fib.table.count, load_ms);
        measure_both(&fib, &addrs);
    }
    free(addrs.list);
    unload(&fib);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--bench") == 0)
        return bench(argv[2], argv[3]);
    if (argc != 2 || argv[1][0] == '-') {
        fputs("usage: fib FILE < ADDRESSES\n"
              "       fib --bench FILE ADDRESSES\n",
              stderr);
        return STATUS_USAGE;
    }
    struct fib fib = {0};
    int status = load(&fib, argv[1]);
    if (status == 0)
        status = serve(&fib);
    unload(&fib);
    return status;
}
