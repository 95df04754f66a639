/* Programs run, routers started; see common.h. */
#include "common.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- cidr and fib -------------------------------------------------------- */

struct host *desk_new(struct net **net)
{
    *net = net_new(_seed());
    return net_host(*net, "desk");
}

/* The very first test meets a skeleton, which is as it should be. */
static void check_begun(const struct proc_end *end, const char *name,
                        const char *said)
{
    if (!end->ended || end->exit_code != STATUS_NOT_WRITTEN)
        return;
    because("nothing is wrong: the skeleton does nothing yet");
    const char *what = strchr(said, ':');
    test_fail("%s says%.150s.  This failure is intended: it is where your work "
              "begins",
              name, what ? what : said);
}

const char *run_program(struct host *desk, const char *name, int status,
                        const char *input, const char *const *argv)
{
    struct proc_end end;
    struct start_options options = {.stdin_open = true};
    struct proc *proc = host_start_with(desk, program(name), &options, argv);
    if (input)
        proc_feed(proc, input, strlen(input));
    proc_close_stdin(proc);
    if (proc_wait(proc, PATIENCE, &end))
        check_begun(&end, name, proc_stderr(proc, NULL));
    expect_exit(proc, status, PATIENCE);
    return proc_stdout(proc, NULL);
}

/* ---- Routers ------------------------------------------------------------- */

static struct path make(const char *left, const char *right, bool ipv6)
{
    struct path path = {.net = net_new(_seed()), .ipv6 = ipv6};
    if (ipv6)
        net_want_ipv6(path.net);
    path.a = net_host(path.net, "a");
    path.router = net_tap_host(path.net, "router");
    path.b = net_host(path.net, "b");
    path.left = net_ethernet(path.a, path.router, left);
    path.right = net_ethernet(path.router, path.b, right);
    host_route(path.a, "default", host_addr_on(path.router, path.left));
    host_route(path.b, "default", host_addr_on(path.router, path.right));
    if (ipv6) {
        host_route(path.a, "::/0", host_addr6_on(path.router, path.left));
        host_route(path.b, "::/0", host_addr6_on(path.router, path.right));
    }
    return path;
}

struct path path_new(const char *left, const char *right)
{
    return make(left, right, false);
}

struct path path_new6(const char *left, const char *right)
{
    return make(left, right, true);
}

struct host *path_beyond(struct path *path)
{
    struct host *c = net_host(path->net, "c");
    struct link *link = net_link(path->b, c, "delay 1ms");
    host_forward(path->b);
    host_route(c, "default", host_addr_on(path->b, link));
    if (path->ipv6)
        host_route(c, "::/0", host_addr6_on(path->b, link));
    return c;
}

struct lines {
    char text[4096];
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void
add_line(struct lines *lines, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    lines->used +=
        (size_t)vsnprintf(lines->text + lines->used,
                          sizeof(lines->text) - lines->used, format, args);
    va_end(args);
    if (lines->used >= sizeof(lines->text))
        test_infra("the router's configuration is too long");
}

static void add_interface(struct lines *lines, const struct host *host,
                          const struct link *link, unsigned i, bool ipv6)
{
    uint8_t mac[6];
    host_mac(host, link, mac);
    add_line(lines, "interface if%u mac %02x:%02x:%02x:%02x:%02x:%02x\n", i,
             mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    add_line(lines, "address if%u %s/24\n", i, host_addr_on(host, link));
    if (ipv6)
        add_line(lines, "address if%u %s/64\n", i, host_addr6_on(host, link));
}

struct proc *router_start(struct net *net, struct host *host,
                          struct link *const *links, unsigned count, bool ipv6,
                          const char *text)
{
    enum { MOST = 4 };
    static const char *const names[MOST] = {"IF0_FD", "IF1_FD", "IF2_FD",
                                            "IF3_FD"};
    static const char *const wires[MOST] = {"if0=fd:3", "if1=fd:4", "if2=fd:5",
                                            "if3=fd:6"};
    struct lines lines = {.used = 0};
    const char *argv[MOST + 2] = {"router.conf"};
    int fds[MOST];
    for (unsigned i = 0; i < count && i < MOST; i++) {
        add_interface(&lines, host, links[i], i, ipv6);
        fds[i] = host_tap(host, links[i]);
        argv[i + 1] = wires[i];
    }
    add_line(&lines, "%s", text);
    char file[32];
    snprintf(file, sizeof(file), "%s:router.conf", host_name(host));
    file_write(net, file, lines.text, lines.used);
    struct start_options options = {.fds = fds,
                                    .fd_count = count,
                                    .fd_env = names,
                                    .output_bytes =
                                        8 << 20 /* its tables, many times */};
    struct proc *router =
        host_start_with(host, program("router"), &options, argv);
    proc_await_output(router, "ready\n", PATIENCE);
    return router;
}

void path_start(struct path *path, const char *lines)
{
    struct link *const links[] = {path->left, path->right};
    path->proc =
        router_start(path->net, path->router, links, 2, path->ipv6, lines);
}

/* ---- Tables -------------------------------------------------------------- */

static int count_ends(const char *text)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, "\nend\n")) != NULL; at += 5)
        count++;
    return count;
}

static const char *last_tables(const char *text)
{
    const char *last = text;
    for (const char *at = text; (at = strstr(at, "\nend\n")) != NULL; at += 4) {
        if (at[5] != '\0')
            last = at + 5;
    }
    return last;
}

const char *router_tables(struct proc *router)
{
    int64_t until_ns = clock_now_ns() + PATIENCE;
    int before = count_ends(proc_stdout(router, NULL));
    proc_signal(router, SIGUSR1);
    while (count_ends(proc_stdout(router, NULL)) == before) {
        struct proc_end end;
        if (proc_wait(router, MSECONDS(2), &end))
            test_fail("%s ended instead of printing its tables on SIGUSR1",
                      proc_name(router));
        if (clock_now_ns() > until_ns)
            test_fail("%s printed no tables within 5 s of SIGUSR1: they end "
                      "with a line \"end\"",
                      proc_name(router));
    }
    return last_tables(proc_stdout(router, NULL));
}

int64_t router_counter(struct proc *router, const char *name)
{
    char line[64];
    snprintf(line, sizeof(line), "\ncounter %s ", name);
    const char *at = strstr(router_tables(router), line);
    if (at == NULL)
        test_fail("the router's tables have no line \"counter %s N\"", name);
    return strtoll(at + strlen(line), NULL, 10);
}

void await_table(struct proc *router, const char *text, bool there,
                 int64_t timeout_ns, const char *what)
{
    int64_t until_ns = clock_now_ns() + timeout_ns;
    step("wait until the tables of the router on %s have %s\"%s\"",
         host_name(proc_host(router)), there ? "" : "no ", text);
    for (;;) {
        const char *tables = router_tables(router);
        bool found = strstr(tables, text) != NULL;
        if (found == there)
            return;
        struct proc_end end; /* a pause that ends with the router */
        if (clock_now_ns() > until_ns || proc_wait(router, MSECONDS(20), &end))
            test_fail("%s: for %.1f s the tables %s \"%s\"", what,
                      (double)timeout_ns / 1e9,
                      found ? "still have" : "have no", text);
    }
}

/* ---- Kernels as users of the router ---------------------------------------
 */

void expect_ping(struct host *from, const char *to, int count)
{
    char number[16], part[64];
    snprintf(number, sizeof(number), "%d", count);
    struct proc *ping = host_start(from, peer("ping"), "-n", "-c", number, "-i",
                                   "0.02", "-W", "2", to);
    struct proc_end end;
    proc_wait(ping, SECONDS(10), &end);
    snprintf(part, sizeof(part), " %d received", count);
    expect_true(strstr(proc_stdout(ping, NULL), part) != NULL,
                "of %d pings from %s to %s all should be answered; ping "
                "says: %.120s",
                count, host_name(from), to,
                strstr(proc_stdout(ping, NULL), "---")
                    ? strstr(proc_stdout(ping, NULL), "---")
                    : "nothing");
}

void expect_tcp(struct net *net, struct host *from, struct host *to,
                const char *addr, size_t bytes, int64_t timeout_ns)
{
    char source[40], copy[40], target[80];
    bool six = strchr(addr, ':') != NULL;
    snprintf(source, sizeof(source), "%s:sent.bin", host_name(from));
    snprintf(copy, sizeof(copy), "%s:got.bin", host_name(to));
    snprintf(target, sizeof(target), six ? "TCP6:[%s]:7000" : "TCP:%s:7000",
             addr);
    file_random(net, source, bytes);
    struct proc *sink = host_start(to, peer("socat"), "-u",
                                   six ? "TCP6-LISTEN:7000" : "TCP-LISTEN:7000",
                                   "CREATE:got.bin");
    proc_await_tcp(sink, 7000);
    struct proc *feed =
        host_start(from, peer("socat"), "-u", "OPEN:sent.bin,rdonly", target);
    expect_exit(feed, 0, timeout_ns);
    expect_exit(sink, 0, timeout_ns);
    expect_same_file(net, source, copy);
}

void await_delivered(struct net *net, const char *filter, int count,
                     const char *what)
{
    int64_t until_ns = clock_now_ns() + PATIENCE;
    look_at(filter);
    while (capture_count_fate(net, FATE_DELIVERED, filter) < count) {
        int seen = capture_count(net, filter);
        if (clock_now_ns() > until_ns)
            test_fail("%s: %d expected within 5 s, %d seen", what, count, seen);
        (void)capture_await(net, filter, seen + 1, MSECONDS(20));
    }
}

void await_settled(struct net *net)
{
    int64_t until_ns = clock_now_ns() + PATIENCE;
    while (capture_count_fate(net, FATE_IN_FLIGHT, "") > 0) {
        int seen = capture_count(net, "");
        if (clock_now_ns() > until_ns)
            test_infra("packets are under way on the links for 5 s");
        (void)capture_await(net, "", seen + 1, MSECONDS(1));
    }
}

struct packet await_packet(struct net *net, const char *filter,
                           const char *what)
{
    struct packet packet;
    look_at(filter);
    if (!capture_await(net, filter, 1, PATIENCE))
        test_fail("%s: none came within 5 s", what);
    capture_nth(net, filter, 1, &packet);
    return packet;
}
