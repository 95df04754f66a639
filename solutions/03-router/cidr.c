/* cidr show P | contains P A | split P N | aggregate | free P
 *
 * Prefix arithmetic for both families.  The last two read prefixes from stdin,
 * one a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prefix.h"
#include "say.h"
#include "set.h"
#include "special.h"

enum { SPLIT_MAX_BITS = 16 };

static const char usage[] = "usage: cidr show PREFIX\n"
                            "       cidr contains PREFIX ADDRESS\n"
                            "       cidr split PREFIX LENGTH\n"
                            "       cidr aggregate < PREFIXES\n"
                            "       cidr free PREFIX < USED\n";

static int refuse(const char *text, const char *problem)
{
    say("\"%s\" %s", text, problem);
    return STATUS_USAGE;
}

static void print_addr(const char *label, const struct addr *addr)
{
    char text[ADDR_TEXT_BYTES];
    addr_format(text, addr);
    printf("%s: %s\n", label, text);
}

static void print_prefix(const struct prefix *prefix)
{
    char text[PREFIX_TEXT_BYTES];
    prefix_format(text, prefix);
    puts(text);
}

/* DOC: print-hosts
 * The first address of an IPv4 subnet names the subnet, the last one is its
 * broadcast; on a link of two (/31, RFC 3021) and for a host (/32) neither is
 * needed. */
static void print_hosts(const struct prefix *prefix)
{
    struct addr first = prefix->base, last = prefix_last(prefix);
    /* BEGIN SOLUTION 1 */
    if (prefix->length < ADDR4_BITS - 1) {
        first.high += (uint64_t)1 << 32;
        last.high -= (uint64_t)1 << 32;
    }
    /* END SOLUTION */
    char from[ADDR_TEXT_BYTES], to[ADDR_TEXT_BYTES];
    addr_format(from, &first);
    addr_format(to, &last);
    printf("hosts: %s - %s\n", from, to);
}

static void print_scope(const struct prefix *prefix)
{
    const struct special *special = special_covering(prefix);
    if (special)
        printf("scope: %s (%s)\n", special->name, special->source);
    else
        printf("scope: %s\n", special_inside(prefix) ? "mixed" : "global");
}

static int show(char **argv)
{
    struct prefix prefix;
    char count[COUNT_TEXT_BYTES];
    if (prefix_parse(argv[0], &prefix, NULL) == -EINVAL)
        return refuse(argv[0], "is no prefix");
    struct addr mask = prefix_mask(prefix.length, prefix.base.bits);
    struct addr last = prefix_last(&prefix);
    printf("prefix: ");
    print_prefix(&prefix);
    print_addr("mask", &mask);
    print_addr("first", &prefix.base);
    print_addr("last", &last);
    prefix_count(count, &prefix);
    printf("addresses: %s\n", count);
    if (prefix.base.bits == ADDR4_BITS)
        print_hosts(&prefix);
    print_scope(&prefix);
    return 0;
}

/* Returns 0, or a status with the complaint made. */
static int take_prefix(const char *text, struct prefix *prefix)
{
    int error = prefix_parse(text, prefix, NULL);
    if (error == -EDOM)
        return refuse(text, "has bits set beyond its length");
    return error < 0 ? refuse(text, "is no prefix") : 0;
}

static int contains(char **argv)
{
    struct prefix prefix;
    struct addr addr;
    int status = take_prefix(argv[0], &prefix);
    if (status != 0)
        return status;
    if (addr_parse(argv[1], &addr) < 0)
        return refuse(argv[1], "is no address");
    bool holds = prefix_contains(&prefix, &addr);
    puts(holds ? "yes" : "no");
    return holds ? 0 : STATUS_NO;
}

/* BEGIN SOLUTION 1 */
/* The i-th of those prefixes of that length which lie in `whole`. */
static struct prefix nth_part(const struct prefix *whole, unsigned length,
                              unsigned i)
{
    struct prefix part = {whole->base, length};
    for (unsigned bit = 0; bit < length - whole->length; bit++) {
        if (i >> bit & 1)
            addr_set_bit(&part.base, length - 1 - bit);
    }
    return part;
}

/* END SOLUTION */
static int split(char **argv)
{
    struct prefix whole;
    int status = take_prefix(argv[0], &whole);
    if (status != 0)
        return status;
    char *end;
    unsigned long length = strtoul(argv[1], &end, 10);
    if (argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' ||
        length < whole.length || length > whole.base.bits ||
        length - whole.length > SPLIT_MAX_BITS)
        return refuse(argv[1], "is no length of at most 65536 such parts");
    /* BEGIN SOLUTION 1 */
    unsigned count = 1u << (length - whole.length);
    for (unsigned i = 0; i < count; i++) {
        struct prefix part = nth_part(&whole, (unsigned)length, i);
        print_prefix(&part);
    }
    return 0;
    /* END SOLUTION */
    //> unwritten(1, "split() in cidr.c");
}

static int read_stdin(struct set *set)
{
    size_t line;
    const char *problem = "";
    int error = set_read(set, stdin, &line, &problem);
    if (error == -EINVAL) {
        say("stdin:%zu: this line %s", line, problem);
        return STATUS_USAGE;
    }
    if (error < 0)
        say("cannot read the prefixes: %s", strerror(-error));
    return error < 0 ? STATUS_TROUBLE : 0;
}

static void print_set(const struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        print_prefix(&set->list[i]);
}

static int aggregate(char **argv)
{
    (void)argv;
    struct set set = {0};
    int status = read_stdin(&set);
    if (status == 0) {
        set_aggregate(&set);
        print_set(&set);
    }
    set_fini(&set);
    return status;
}

static int free_of(char **argv)
{
    struct prefix whole;
    struct set used = {0}, unused = {0};
    int status = take_prefix(argv[0], &whole);
    if (status == 0)
        status = read_stdin(&used);
    if (status == 0) {
        set_aggregate(&used);
        if (set_free(&unused, &whole, &used) < 0)
            status = STATUS_TROUBLE;
        print_set(&unused);
    }
    set_fini(&used);
    set_fini(&unused);
    return status;
}

static const struct {
    const char *name;
    int arguments;
    int (*run)(char **argv);
} verbs[] = {
    {"show", 1, show},           {"contains", 2, contains}, {"split", 2, split},
    {"aggregate", 0, aggregate}, {"free", 1, free_of},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0 &&
            argc == verbs[i].arguments + 2)
            return verbs[i].run(argv + 2);
    }
    fputs(usage, stderr);
    return STATUS_USAGE;
}
