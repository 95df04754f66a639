/* A small world, and a server that a test plays; see common.h. */
#include "common.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static struct world begin(void)
{
    struct world world = {.zero_ns = clock_now_ns(), .net = net_new(_seed())};
    net_want_ipv6(world.net);
    world.client = net_host(world.net, "client");
    world.server = net_host(world.net, "server");
    return world;
}

struct world world_new(const char *profile)
{
    struct world world = begin();
    world.link = net_link(world.client, world.server, profile);
    return world;
}

struct world world_with_dns(const char *profile, const char *dns_profile)
{
    struct world world = begin();
    world.dns = net_host(world.net, "dns");
    world.link = net_link(world.client, world.server, profile);
    world.dns_link = net_link(world.client, world.dns, dns_profile);
    show_dns();
    host_nameserver(world.client, host_addr(world.dns));
    return world;
}

struct proc *names_start(struct world *world, const char *records)
{
    return server_names(world->dns, records);
}

struct proc *web_start(struct world *world, const char *name, size_t bytes)
{
    char file[64];
    snprintf(file, sizeof(file), "server:site/%s", name);
    file_mkdir(world->net, "server:site");
    file_random(world->net, file, bytes);
    return server_web(world->server, NULL);
}

/* ---- A server that a test plays -------------------------------------------
 */

int serve_request(int listener)
{
    char line[256];
    ssize_t n;
    int fd = sock_accept(listener, SOON);
    if (fd < 0)
        test_fail("probe did not connect to port %d within 4 s", DRIVER_PORT);
    do
        n = sock_gets(fd, line, sizeof(line), PATIENCE);
    while (n > 0 && strcmp(line, "\r") != 0);
    if (n < 0)
        test_fail("probe's request has no empty line at its end (CR LF CR LF) "
                  "within 10 s: %s",
                  n == -ENODATA ? "it closed" : strerror((int)-n));
    step("the server has the request");
    return fd;
}

/* If probe has left, what it says of that is judged, not this. */
void serve_text(int fd, const char *text)
{
    (void)sock_send(fd, text, strlen(text), PATIENCE);
}

void think(int64_t duration_ns)
{
    struct timespec left = {.tv_sec = duration_ns / 1000000000,
                            .tv_nsec = duration_ns % 1000000000};
    step("the server thinks for %.0f ms", (double)duration_ns / 1e6);
    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}
