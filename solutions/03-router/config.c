/* The router's configuration file; see config.h.  There is nothing to write
 * here.
 *
 *      interface if0 mac 02:77:00:01:00:02
 *      mtu if0 1400
 *      address if0 10.77.1.2/24
 *      route 198.51.100.0/24 via 10.77.2.9
 *      neighbour retry 1000 tries 3 keep 60000
 *      icmp rate 100 burst 50
 *      rip if0 if1
 *      rip-timers update 30000 timeout 180000 flush 120000
 *
 * A line is words; '#' begins a comment.  Times are milliseconds. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAX_WORDS = 16, MIN_MTU = 68, MAX_MTU = 9000, MAX_MS = 86400000 };

struct line {
    struct router *router;
    char *words[MAX_WORDS];
    unsigned count;
    char *error; /* CONFIG_ERROR_BYTES: what is wrong with it */
};

__attribute__((format(printf, 2, 3))) static int wrong(char *error,
                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error, CONFIG_ERROR_BYTES, format, args);
    va_end(args);
    return -EINVAL;
}

static struct iface *find_iface(struct router *router, const char *name)
{
    for (unsigned i = 0; i < router->iface_count; i++) {
        if (strcmp(router->ifaces[i].name, name) == 0)
            return &router->ifaces[i];
    }
    return NULL;
}

static int need_iface(const struct line *line, const char *name,
                      struct iface **iface)
{
    *iface = find_iface(line->router, name);
    return *iface ? 0 : wrong(line->error, "no interface \"%s\" above", name);
}

static int take_number(const struct line *line, const char *text, unsigned low,
                       unsigned high, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < low ||
        value > high)
        return wrong(line->error, "\"%s\" is no number from %u to %u", text,
                     low, high);
    *number = (unsigned)value;
    return 0;
}

/* A word with a number behind it, and where the number goes. */
struct setting {
    const char *word;
    unsigned *number;
    unsigned low, high;
};

/* Reads "WORD NUMBER" pairs from the line's word `at` on. */
static int take_settings(const struct line *line, unsigned at,
                         const struct setting *settings, size_t count)
{
    for (; at + 1 < line->count; at += 2) {
        size_t i = 0;
        while (i < count && strcmp(settings[i].word, line->words[at]) != 0)
            i++;
        if (i == count)
            return wrong(line->error, "\"%s\" is no setting here",
                         line->words[at]);
        int error = take_number(line, line->words[at + 1], settings[i].low,
                                settings[i].high, settings[i].number);
        if (error < 0)
            return error;
    }
    return at == line->count
               ? 0
               : wrong(line->error, "\"%s\" wants a number", line->words[at]);
}

static int parse_mac(const char *text, uint8_t *mac)
{
    unsigned part[MAC_BYTES];
    char rest;
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &part[0], &part[1], &part[2],
               &part[3], &part[4], &part[5], &rest) != MAC_BYTES)
        return -EINVAL;
    for (int i = 0; i < MAC_BYTES; i++)
        mac[i] = (uint8_t)part[i];
    return mac[0] & 1 ? -EINVAL : 0;
}

/* ---- Lines --------------------------------------------------------------- */

static int take_interface(const struct line *line)
{
    struct router *router = line->router;
    struct iface *iface = &router->ifaces[router->iface_count];
    if (router->iface_count == ROUTER_MAX_IFACES)
        return wrong(line->error, "more than %d interfaces", ROUTER_MAX_IFACES);
    if (line->count != 4 || strcmp(line->words[2], "mac") != 0 ||
        strlen(line->words[1]) >= IFACE_NAME_BYTES)
        return wrong(line->error, "not \"interface NAME mac MAC\"");
    if (find_iface(router, line->words[1]))
        return wrong(line->error, "a second interface \"%s\"", line->words[1]);
    *iface = (struct iface){.fd = -1, .mtu = 1500};
    snprintf(iface->name, sizeof(iface->name), "%s", line->words[1]);
    if (parse_mac(line->words[3], iface->mac) < 0)
        return wrong(line->error, "\"%s\" is no station's MAC address",
                     line->words[3]);
    iface_set_link_local(iface);
    router->iface_count++;
    return 0;
}

static int take_mtu(const struct line *line)
{
    struct iface *iface;
    if (line->count != 3)
        return wrong(line->error, "not \"mtu INTERFACE N\"");
    if (need_iface(line, line->words[1], &iface) < 0)
        return -EINVAL;
    return take_number(line, line->words[2], MIN_MTU, MAX_MTU, &iface->mtu);
}

static int take_address(const struct line *line)
{
    struct iface *iface;
    struct prefix net;
    struct addr addr;
    if (line->count != 3)
        return wrong(line->error, "not \"address INTERFACE ADDRESS/LENGTH\"");
    if (need_iface(line, line->words[1], &iface) < 0)
        return -EINVAL;
    if (prefix_parse(line->words[2], &net, &addr) == -EINVAL)
        return wrong(line->error, "\"%s\" is no ADDRESS/LENGTH",
                     line->words[2]);
    if (iface->addr_count == IFACE_MAX_ADDRS)
        return wrong(line->error, "more than %d addresses", IFACE_MAX_ADDRS);
    iface->addrs[iface->addr_count] = addr;
    iface->nets[iface->addr_count++] = net;
    return routes_set(&line->router->routes,
                      &(struct route){.prefix = net, .iface = iface});
}

static int take_route(const struct line *line)
{
    struct route route = {.origin = ORIGIN_STATIC};
    struct router *router = line->router;
    if (line->count != 4 || strcmp(line->words[2], "via") != 0)
        return wrong(line->error, "not \"route PREFIX via ADDRESS\"");
    if (prefix_parse(line->words[1], &route.prefix, NULL) < 0)
        return wrong(line->error, "\"%s\" is no prefix", line->words[1]);
    if (addr_parse(line->words[3], &route.via) < 0 ||
        route.via.bits != route.prefix.base.bits)
        return wrong(line->error, "\"%s\" is no address of that family",
                     line->words[3]);
    for (unsigned i = 0; i < router->iface_count; i++) {
        if (iface_subnet(&router->ifaces[i], &route.via) >= 0)
            route.iface = &router->ifaces[i];
    }
    if (route.iface == NULL)
        return wrong(line->error, "no interface reaches %s", line->words[3]);
    return routes_set(&router->routes, &route);
}

static int take_neighbour(const struct line *line)
{
    struct neighbours *all = &line->router->neighbours;
    const struct setting settings[] = {{"retry", &all->retry_ms, 10, MAX_MS},
                                       {"tries", &all->tries, 1, 100},
                                       {"keep", &all->keep_ms, 10, MAX_MS}};
    return take_settings(line, 1, settings, 3);
}

static int take_icmp(const struct line *line)
{
    struct limit *limit = &line->router->icmp_limit;
    const struct setting settings[] = {{"rate", &limit->per_s, 1, 1000000},
                                       {"burst", &limit->burst, 1, 1000000}};
    return take_settings(line, 1, settings, 2);
}

static int take_rip(const struct line *line)
{
    for (unsigned i = 1; i < line->count; i++) {
        struct iface *iface;
        if (need_iface(line, line->words[i], &iface) < 0)
            return -EINVAL;
        iface->rip = true;
    }
    struct rip *rip = &line->router->rip;
    if (rip->update_ms == 0) {
        rip->update_ms = 30000;
        rip->timeout_ms = 180000;
        rip->flush_ms = 120000;
    }
    return 0;
}

static int take_timers(const struct line *line)
{
    struct rip *rip = &line->router->rip;
    const struct setting settings[] = {
        {"update", &rip->update_ms, 10, MAX_MS},
        {"timeout", &rip->timeout_ms, 10, MAX_MS},
        {"flush", &rip->flush_ms, 10, MAX_MS}};
    return take_settings(line, 1, settings, 3);
}

/* ---- The file ------------------------------------------------------------ */

static const struct {
    const char *word;
    int (*take)(const struct line *line);
} kinds[] = {
    {"interface", take_interface},
    {"mtu", take_mtu},
    {"address", take_address},
    {"route", take_route},
    {"neighbour", take_neighbour},
    {"icmp", take_icmp},
    {"rip", take_rip},
    {"rip-timers", take_timers},
};

static int take_line(struct line *line, char *text)
{
    char *rest = NULL;
    text[strcspn(text, "#\r\n")] = '\0';
    line->count = 0;
    for (char *word = strtok_r(text, " \t", &rest); word;
         word = strtok_r(NULL, " \t", &rest)) {
        if (line->count == MAX_WORDS)
            return wrong(line->error, "more than %d words", MAX_WORDS);
        line->words[line->count++] = word;
    }
    for (size_t i = 0; line->count && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, line->words[0]) == 0)
            return kinds[i].take(line);
    return line->count == 0
               ? 0
               : wrong(line->error, "\"%s\" begins no line", line->words[0]);
}

static void set_defaults(struct router *router)
{
    router->neighbours.retry_ms = 1000;
    router->neighbours.tries = 3;
    router->neighbours.keep_ms = 60000;
    router->icmp_limit.per_s = 100;
    router->icmp_limit.burst = 50;
}

int config_read(struct router *router, FILE *file, const char *name,
                char *error)
{
    char what[CONFIG_ERROR_BYTES] = "no memory";
    struct line line = {.router = router, .error = what};
    char *text = NULL;
    size_t room = 0;
    int result = 0;
    set_defaults(router);
    for (unsigned n = 1; result == 0 && getline(&text, &room, file) > 0; n++) {
        result = take_line(&line, text);
        if (result < 0)
            (void)wrong(error, "%.60s:%u: %.180s", name, n, what);
    }
    free(text);
    if (result == 0 && router->iface_count == 0)
        return wrong(error, "%.60s: there is no interface", name);
    return result;
}

/* ---- Interfaces meet their TAPs ------------------------------------------ */

static int open_tap(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        int error = errno;
        (void)close(fd); /* nothing was made */
        return -error;
    }
    return fd;
}

int config_attach(struct router *router, const char *argument, char *error)
{
    char name[IFACE_NAME_BYTES], kind[4], which[16], rest;
    if (sscanf(argument, "%15[^=]=%3[a-z]:%15[^:]%c", name, kind, which,
               &rest) != 3)
        return wrong(error, "\"%.60s\" is not IF=fd:N or IF=tap:NAME",
                     argument);
    struct iface *iface = find_iface(router, name);
    if (iface == NULL)
        return wrong(error, "no interface \"%s\" in the configuration", name);
    int fd = -EINVAL;
    if (strcmp(kind, "fd") == 0)
        fd = (int)strtol(which, NULL, 10);
    else if (strcmp(kind, "tap") == 0)
        fd = open_tap(which);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return wrong(error, "%.60s: %s", argument,
                     strerror(fd < 0 ? -fd : errno));
    iface->fd = fd;
    return 0;
}
