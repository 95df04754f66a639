/* Nets: hosts, links, addresses, routes, names, and that they end. */
#include "incell.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/strbuf.h"

enum { MTU_BYTES = 1500, PATIENCE_MS = 5000, PORT = 7077 };

/* ---- Helpers ------------------------------------------------------------- */

/* An address with its length, of either family. */
struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t bytes;
};

static struct endpoint endpoint(const char *addr, uint16_t port)
{
    struct endpoint end = {.bytes = sizeof(end.at.v4)};
    if (inet_pton(AF_INET, addr, &end.at.v4.sin_addr) == 1) {
        end.at.v4.sin_family = AF_INET;
        end.at.v4.sin_port = htons(port);
        return end;
    }
    end.bytes = sizeof(end.at.v6);
    ck_assert_int_eq(inet_pton(AF_INET6, addr, &end.at.v6.sin6_addr), 1);
    end.at.v6.sin6_family = AF_INET6;
    end.at.v6.sin6_port = htons(port);
    return end;
}

static int udp_socket(const struct host *host, const char *addr, uint16_t port)
{
    struct endpoint here = endpoint(addr, port);
    host_enter(host);
    int fd = socket(here.at.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    host_leave();
    ck_assert_int_ge(fd, 0);
    ck_assert_msg(bind(fd, &here.at.any, here.bytes) == 0, "bind %s: %s", addr,
                  strerror(errno));
    return fd;
}

/* Sends a datagram to an address of `to`.  Returns whether it arrives; where it
 * seems to come from goes to `source` (ADDR_TEXT_BYTES) if that is given. */
static bool datagram_arrives(const struct host *from, const struct host *to,
                             const char *addr, int patience_ms, char *source)
{
    bool v6 = strchr(addr, ':') != NULL;
    int rx = udp_socket(to, addr, PORT);
    int tx = udp_socket(from, v6 ? "::" : "0.0.0.0", 0);
    struct endpoint there = endpoint(addr, PORT), sender = {.bytes = 28};
    ssize_t sent = sendto(tx, "hello", 5, 0, &there.at.any, there.bytes);
    struct pollfd arrived = {.fd = rx, .events = POLLIN};
    bool ok = sent == 5 && poll(&arrived, 1, patience_ms) == 1;
    char data[16];
    if (ok)
        ok = recvfrom(rx, data, sizeof(data), 0, &sender.at.any,
                      &sender.bytes) == 5;
    if (ok && source)
        inet_ntop(v6 ? AF_INET6 : AF_INET,
                  v6 ? (void *)&sender.at.v6.sin6_addr
                     : (void *)&sender.at.v4.sin_addr,
                  source, ADDR_TEXT_BYTES);
    close(rx);
    close(tx);
    return ok;
}

#define ck_assert_reaches(from, to, addr)                                      \
    ck_assert_msg(datagram_arrives(from, to, addr, PATIENCE_MS, NULL),         \
                  "no datagram from %s to %s", host_name(from), addr)

static struct link *veth_between(struct host *a, struct host *b)
{
    struct link *link =
        link_new(a->net, (struct host *const[]){a, b}, 2, false);
    link_open_veth(link, MTU_BYTES, false);
    return link;
}

static char *output_of(const struct host *host, const char *shell)
{
    char *output;
    const char *const argv[] = {"/bin/sh", "-c", shell, NULL};
    int status = host_command(host, argv, &output);
    ck_assert_msg(status == 0, "%s: status %d", shell, status);
    return output;
}

static void output_is(const struct host *host, const char *shell,
                      const char *expected)
{
    char *output = output_of(host, shell);
    ck_assert_str_eq(output, expected);
    free(output);
}

/* ---- A link opened by hand ----------------------------------------------- */

struct pump {
    int fds[2];
    int stop_fd;
};

/* Carries packets both ways until stop_fd is readable. */
static void *pump_run(void *context)
{
    struct pump *pump = context;
    struct pollfd ready[3] = {{.fd = pump->fds[0], .events = POLLIN},
                              {.fd = pump->fds[1], .events = POLLIN},
                              {.fd = pump->stop_fd, .events = POLLIN}};
    static char packet[70000];
    while (poll(ready, 3, -1) > 0 && ready[2].revents == 0) {
        for (int i = 0; i < 2; i++) {
            ssize_t n = read(pump->fds[i], packet, sizeof(packet));
            if (n > 0 && write(pump->fds[1 - i], packet, (size_t)n) != n)
                return "a packet could not be written";
        }
    }
    return NULL;
}

/* Says so when a test cannot be made for want of /dev/net/tun. */
static bool has_tun(const char *test)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    else
        fprintf(stderr, "SKIP %s: /dev/net/tun: %s\n", test, strerror(errno));
    return fd >= 0;
}

/* _i: TUN or TAP, without or with offloads. */
START_TEST(tun_devices_carry_packets)
{
    if (!has_tun("tun_devices_carry_packets"))
        return;
    bool ethernet = _i & 1, vnet_hdr = _i & 2;
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct link *link =
        link_new(net, (struct host *const[]){a, b}, 2, ethernet);
    int stop[2];
    ck_assert_int_eq(pipe(stop), 0);
    struct pump pump = {.stop_fd = stop[0]};
    for (int i = 0; i < 2; i++)
        pump.fds[i] = port_open_tun(&link->ports[i], MTU_BYTES, vnet_hdr);
    pthread_t thread;
    void *error;
    ck_assert_int_eq(pthread_create(&thread, NULL, pump_run, &pump), 0);
    ck_assert_reaches(a, b, host_addr(b));
    ck_assert_reaches(b, a, host_addr(a));
    close(stop[1]);
    ck_assert_int_eq(pthread_join(thread, &error), 0);
    ck_assert_ptr_null(error);
    close(pump.fds[0]);
    close(pump.fds[1]);
    close(stop[0]);
}
END_TEST

START_TEST(tun_device_is_as_promised)
{
    if (!has_tun("tun_device_is_as_promised"))
        return;
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct link *link = link_new(net, (struct host *const[]){a, b}, 2, true);
    int fd = port_open_tun(&link->ports[1], 1280, false);
    ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_str_eq(host_device(b, link), "eth0");
    ck_assert_str_eq(host_addr(b), "10.77.1.2");
    char *shown = output_of(b, "ip -o link show eth0; ip -o addr show eth0");
    ck_assert_ptr_nonnull(strstr(shown, "mtu 1280"));
    ck_assert_ptr_nonnull(strstr(shown, "02:77:00:01:00:02"));
    ck_assert_ptr_nonnull(strstr(shown, "inet 10.77.1.2/24"));
    ck_assert_ptr_null(strstr(shown, "inet6"));
    free(shown);
    close(fd);
}
END_TEST

/* ---- veth ---------------------------------------------------------------- */

enum { VETH, VETH_OFFLOAD, MIDDLE, LINK_KINDS };

static void open_as(struct link *link, int kind)
{
    if (kind == MIDDLE)
        link_open_middle(link, MTU_BYTES);
    else
        link_open_veth(link, MTU_BYTES, kind == VETH_OFFLOAD);
}

START_TEST(veth_carries_packets)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    open_as(link_new(net, (struct host *const[]){a, b}, 2, false), _i);
    ck_assert_reaches(a, b, "10.77.1.2");
    ck_assert_reaches(b, a, "10.77.1.1");
}
END_TEST

START_TEST(lan_joins_all_its_hosts)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct net *net = net_new(1);
    struct host *hosts[4];
    for (int i = 0; i < 4; i++)
        hosts[i] = net_host(net, names[i]);
    open_as(link_new(net, hosts, 4, true), _i);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            if (i != j)
                ck_assert_reaches(hosts[i], hosts[j], host_addr(hosts[j]));
        }
    }
}
END_TEST

static bool is_running(const struct port *port)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", port->device);
    host_enter(port->host);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    host_leave();
    ck_assert_int_eq(ioctl(fd, SIOCGIFFLAGS, &request), 0);
    close(fd);
    return request.ifr_flags & IFF_RUNNING;
}

/* Whether the host hears solicitations for its address ...:1 or ...:2. */
static bool hears_solicitations(const struct port *port)
{
    char group[40], text[4096];
    snprintf(group, sizeof(group), "ff0200000000000000000001ff00%04x",
             port->index + 1);
    host_enter(port->host);
    int fd = open("/proc/thread-self/net/igmp6", O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text) - 1);
    host_leave();
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, group) != NULL;
}

/* Many, since it is a matter of less than a millisecond. */
START_TEST(links_are_ready_when_they_are_there)
{
    struct net *net = net_new(1);
    net_want_ipv6(net);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    for (int i = 0; i < 10; i++) {
        struct link *link =
            link_new(net, (struct host *const[]){a, b}, 2, false);
        open_as(link, _i);
        for (int p = 0; p < 2; p++) {
            ck_assert(is_running(&link->ports[p]));
            ck_assert(hears_solicitations(&link->ports[p]));
        }
    }
}
END_TEST

/* A cable has no memory: that a has spoken with b's address does not keep it
 * from hearing of b. */
START_TEST(two_ports_do_not_learn)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct link *link = link_new(net, (struct host *const[]){a, b}, 2, true);
    open_as(link, _i);
    ck_assert_reaches(a, b, host_addr(b)); /* ARP is done */
    uint8_t forged[60] = {0};
    memset(forged, 0xff, 6);
    memcpy(forged + 6, link->ports[1].mac, 6);
    forged[12] = 0x88; /* an experimental type: nobody answers */
    forged[13] = 0xb5;
    host_enter(a);
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll out = {.sll_family = AF_PACKET,
                              .sll_ifindex = (int)if_nametoindex("eth0")};
    host_leave();
    ck_assert_int_eq(
        sendto(fd, forged, sizeof(forged), 0, (void *)&out, sizeof(out)),
        sizeof(forged));
    close(fd);
    ck_assert_reaches(a, b, host_addr(b));
}
END_TEST

/* Length of the largest packet that a packet socket has got. */
static ssize_t largest_packet(int tap)
{
    ssize_t largest = 0, n;
    char byte;
    while ((n = recv(tap, &byte, 1, MSG_TRUNC | MSG_DONTWAIT)) >= 0)
        largest = n > largest ? n : largest;
    return largest;
}

/* Sends 64 KiB by TCP, all at once, and receives them. */
static void transfer(const struct host *from, const struct host *to)
{
    static char data[1 << 16];
    struct endpoint there = endpoint(host_addr(to), PORT);
    host_enter(to);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    host_enter(from);
    int tx = socket(AF_INET, SOCK_STREAM, 0);
    host_leave();
    ck_assert_int_eq(bind(listener, &there.at.any, there.bytes), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(connect(tx, &there.at.any, there.bytes), 0);
    int rx = accept(listener, NULL, NULL);
    ck_assert_int_eq(send(tx, data, sizeof(data), 0), sizeof(data));
    ck_assert_int_eq(recv(rx, data, sizeof(data), MSG_WAITALL), sizeof(data));
    close(rx);
    close(tx);
    close(listener);
}

START_TEST(veth_carries_wire_packets_unless_offloads_are_asked_for)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    open_as(link_new(net, (struct host *const[]){a, b}, 2, false), _i);
    host_enter(b);
    int tap = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    host_leave();
    ck_assert_int_ge(tap, 0);
    transfer(a, b);
    if (_i == VETH_OFFLOAD)
        ck_assert_int_gt(largest_packet(tap), 14 + MTU_BYTES);
    else
        ck_assert_int_eq(largest_packet(tap), 14 + MTU_BYTES);
    close(tap);
}
END_TEST

/* ---- Routes -------------------------------------------------------------- */

struct chain {
    struct host *ends[2], *routers[3];
};

/* a --- r1 --- r2 --- r3 --- b */
static struct chain chain_of_routers(struct net *net)
{
    struct chain chain = {
        {net_host(net, "a"), net_host(net, "b")},
        {net_host(net, "r1"), net_host(net, "r2"), net_host(net, "r3")},
    };
    veth_between(chain.ends[0], chain.routers[0]);
    veth_between(chain.routers[0], chain.routers[1]);
    veth_between(chain.routers[1], chain.routers[2]);
    veth_between(chain.routers[2], chain.ends[1]);
    return chain;
}

START_TEST(routes_lead_across_routers)
{
    struct net *net = net_new(1);
    if (_i)
        net_want_ipv6(net);
    struct chain chain = chain_of_routers(net);
    for (int i = 0; i < 3; i++)
        host_forward(chain.routers[i]);
    net_route_all(net);
    const char *far = _i ? host_addr6(chain.ends[1]) : host_addr(chain.ends[1]);
    ck_assert_reaches(chain.ends[0], chain.ends[1], far);
    output_is(chain.ends[0],
              "ip route get 10.77.4.2 | head -1 | cut -d' ' -f1-5",
              "10.77.4.2 via 10.77.1.2 dev eth0\n");
    output_is(chain.routers[1], "ip route | grep -c static", "2\n");
}
END_TEST

START_TEST(who_does_not_forward_is_no_way)
{
    struct net *net = net_new(1);
    struct chain chain = chain_of_routers(net);
    host_forward(chain.routers[0]);
    net_route_all(net);
    output_is(chain.ends[0], "ip route | grep -c static", "1\n");
    output_is(chain.ends[0], "ip route get 10.77.4.2 2>&1 | head -1",
              "RTNETLINK answers: Network is unreachable\n");
}
END_TEST

/*      a ---1--- r1 ---2--- b
 *      a ---3--- r2 ---4--- r3 ---5--- b       the longer way */
START_TEST(shortest_path_is_taken)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct host *r[3];
    for (int i = 0; i < 3; i++) {
        r[i] = net_host(net, (const char *const[]){"r1", "r2", "r3"}[i]);
        host_forward(r[i]);
    }
    veth_between(a, r[0]);
    veth_between(r[0], b);
    veth_between(a, r[1]);
    veth_between(r[1], r[2]);
    veth_between(r[2], b);
    net_route_all(net);
    output_is(a, "ip route show 10.77.2.0/24 | cut -d' ' -f1-3",
              "10.77.2.0/24 via 10.77.1.2\n");
    output_is(a, "ip route show 10.77.4.0/24 | cut -d' ' -f1-3",
              "10.77.4.0/24 via 10.77.3.2\n");
    output_is(a, "ip route show 10.77.5.0/24 | cut -d' ' -f1-3",
              "10.77.5.0/24 via 10.77.3.2\n");
}
END_TEST

START_TEST(static_routes_are_followed)
{
    struct net *net = net_new(1);
    net_want_ipv6(net);
    struct host *a = net_host(net, "a"), *r = net_host(net, "r"),
                *b = net_host(net, "b");
    veth_between(a, r);
    struct link *far = veth_between(r, b);
    host_forward(r);
    host_route(a, "default", host_addr(r));
    host_route(a, "fd77:2::/64", host_addr6(r));
    host_route(b, "10.77.1.0/24", host_addr_on(r, far));
    host_route(b, "default", host_addr6_on(r, far));
    ck_assert_reaches(a, b, host_addr(b));
    ck_assert_reaches(b, a, host_addr(a));
    ck_assert_reaches(a, b, host_addr6(b));
}
END_TEST

/* Debian's user-mode kernel has nf_tables without any family. */
static bool has_nftables(const struct host *host)
{
    const char *const argv[] = {"nft", "add", "table", "ip", "probe", NULL};
    return host_command(host, argv, NULL) == 0;
}

START_TEST(masquerade_hides_the_inside)
{
    struct net *net = net_new(1);
    if (_i)
        net_want_ipv6(net);
    struct host *inside = net_host(net, "inside"), *nat = net_host(net, "nat"),
                *server = net_host(net, "server");
    if (!has_nftables(inside)) {
        fprintf(stderr, "SKIP masquerade_hides_the_inside: no nftables\n");
        return;
    }
    struct link *home = veth_between(inside, nat);
    struct link *outside = veth_between(nat, server);
    host_forward(nat);
    host_masquerade(nat, outside);
    host_route(inside, "default", host_addr_on(nat, home));
    if (_i)
        host_route(inside, "default", host_addr6_on(nat, home));
    char source[ADDR_TEXT_BYTES];
    ck_assert(datagram_arrives(inside, server,
                               _i ? host_addr6(server) : host_addr(server),
                               PATIENCE_MS, source));
    ck_assert_str_eq(source, _i ? host_addr6_on(nat, outside)
                                : host_addr_on(nat, outside));
    /* The server has no route back into the inside: only NAT explains it. */
    int fd = udp_socket(server, "0.0.0.0", 0);
    struct endpoint there = endpoint(host_addr(inside), PORT);
    ck_assert_int_lt(sendto(fd, "x", 1, 0, &there.at.any, there.bytes), 0);
    ck_assert_int_eq(errno, ENETUNREACH);
    close(fd);
}
END_TEST

/* ---- IPv6, sysctls, names ------------------------------------------------ */

/* Addresses must be usable without waiting for duplicate address detection. */
START_TEST(ipv6_works_at_once)
{
    struct net *net = net_new(1);
    struct host *early = net_host(net, "early");
    net_want_ipv6(net);
    struct host *late = net_host(net, "late");
    open_as(link_new(net, (struct host *const[]){early, late}, 2, true), _i);
    ck_assert_str_eq(host_addr6(late), "fd77:1::2");
    ck_assert_reaches(early, late, host_addr6(late));
    output_is(early, "ip -6 addr show tentative | wc -l", "0\n");
}
END_TEST

START_TEST(without_ipv6_there_is_none)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    veth_between(a, b);
    output_is(a, "ip -6 addr | wc -l", "0\n");
}
END_TEST

START_TEST(sysctls_are_a_hosts_own)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    host_sysctl(a, "net.ipv4.tcp_sack", "0");
    output_is(a, "cat /proc/sys/net/ipv4/tcp_sack", "0\n");
    output_is(b, "cat /proc/sys/net/ipv4/tcp_sack", "1\n");
    output_is(b, "cat /proc/sys/net/ipv4/ip_forward", "0\n");
}
END_TEST

START_TEST(names_resolve_as_in_etc_hosts)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *r = net_host(net, "r"),
                *b = net_host(net, "b");
    veth_between(a, r);
    veth_between(r, b);
    host_alias(a, "192.0.2.80", "www.example.org");
    host_nameserver(a, "10.77.1.2");
    host_nameserver(a, "10.77.2.2");
    output_is(a, "getent hosts b | tr -s ' '", "10.77.2.2 b\n");
    /* A router is seen by the address on one's own side of it. */
    output_is(a, "getent hosts r | tr -s ' '", "10.77.1.2 r\n");
    output_is(b, "getent hosts r | tr -s ' '", "10.77.2.1 r\n");
    output_is(a, "getent hosts www.example.org | tr -s ' '",
              "192.0.2.80 www.example.org\n");
    output_is(a, "cat /etc/resolv.conf",
              "nameserver 10.77.1.2\nnameserver 10.77.2.2\n");
    output_is(b, "getent hosts www.example.org || echo unknown", "unknown\n");
}
END_TEST

START_TEST(commands_do_not_change_the_machines_etc)
{
    struct stat before, after;
    ck_assert_int_eq(stat("/etc/hosts", &before), 0);
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    veth_between(a, b);
    host_run(a, "grep -q '10.77.1.2 b' /etc/hosts");
    ck_assert_int_eq(stat("/etc/hosts", &after), 0);
    ck_assert_int_eq((int)(before.st_ino - after.st_ino), 0);
}
END_TEST

/* ---- Separate nets, separate threads ------------------------------------- */

START_TEST(nets_of_one_process_do_not_meet)
{
    struct net *nets[2];
    struct host *a[2], *b[2];
    for (int i = 0; i < 2; i++) {
        nets[i] = net_new(1);
        a[i] = net_host(nets[i], "a");
        b[i] = net_host(nets[i], "b");
        veth_between(a[i], b[i]);
        ck_assert_ptr_eq(net_current(), nets[i]);
    }
    ck_assert_str_ne(a[0]->dir, a[1]->dir);
    int deaf = udp_socket(b[1], host_addr(b[1]), PORT);
    ck_assert_reaches(a[0], b[0], host_addr(b[0]));
    struct pollfd heard = {.fd = deaf, .events = POLLIN};
    ck_assert_int_eq(poll(&heard, 1, 0), 0);
    close(deaf);
}
END_TEST

START_TEST(nets_of_parallel_processes_do_not_meet)
{
    enum { PROCESSES = 6 };
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        incell_setup();
        struct net *net = net_new(1);
        struct host *a = net_host(net, "a"), *b = net_host(net, "b");
        veth_between(a, b);
        bool ok = datagram_arrives(a, b, host_addr(b), PATIENCE_MS, NULL);
        incell_teardown();
        _exit(ok ? 0 : 1);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

static ino_t thread_netns(void)
{
    struct stat st;
    ck_assert_int_eq(stat("/proc/thread-self/ns/net", &st), 0);
    return st.st_ino;
}

static void *netns_in_host(void *host)
{
    static ino_t inside;
    host_enter(host);
    inside = thread_netns();
    host_leave();
    return thread_netns() == inside ? NULL : &inside;
}

START_TEST(entering_a_host_moves_only_this_thread)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    ino_t home = thread_netns();
    host_enter(a);
    ino_t in_a = thread_netns();
    pthread_t thread;
    void *seen;
    ck_assert_int_eq(pthread_create(&thread, NULL, netns_in_host, b), 0);
    ck_assert_int_eq(pthread_join(thread, &seen), 0);
    ck_assert_ptr_nonnull(seen);
    ck_assert(*(ino_t *)seen != in_a && *(ino_t *)seen != home);
    ck_assert(thread_netns() == in_a);
    host_enter(b); /* from one into the other, and home at once */
    host_leave();
    ck_assert(thread_netns() == home);
}
END_TEST

static int count_entries(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

START_TEST(freeing_a_net_leaves_nothing)
{
    if (!has_tun("freeing_a_net_leaves_nothing"))
        return;
    int fds = count_entries("/proc/self/fd");
    int files = count_entries(testrun()->work_dir);
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct host *c = net_host(net, "c");
    open_as(link_new(net, (struct host *const[]){a, b, c}, 3, true), MIDDLE);
    struct link *link = link_new(net, (struct host *const[]){a, b}, 2, false);
    close(port_open_tun(&link->ports[0], MTU_BYTES, false));
    net_free(net);
    ck_assert_ptr_null(net_current());
    ck_assert_int_eq(count_entries("/proc/self/fd"), fds);
    ck_assert_int_eq(count_entries(testrun()->work_dir), files);
}
END_TEST

START_TEST(hosts_are_found_by_name_and_address)
{
    struct net *net = net_new(1);
    net_want_ipv6(net);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    link_new(net, (struct host *const[]){a, b}, 2, false);
    struct in_addr v4;
    struct in6_addr v6;
    inet_pton(AF_INET, "10.77.1.2", &v4);
    inet_pton(AF_INET6, "fd77:1::1", &v6);
    ck_assert_ptr_eq(net_find_host(net, "bcd", 1), b);
    ck_assert_ptr_null(net_find_host(net, "bcd", 3));
    ck_assert_ptr_eq(net_host_by_addr4(net, v4), b);
    ck_assert_ptr_eq(net_host_by_addr6(net, &v6), a);
    inet_pton(AF_INET, "10.77.1.3", &v4);
    ck_assert_ptr_null(net_host_by_addr4(net, v4));
}
END_TEST

/* ---- What the caller got wrong ------------------------------------------- */

static void name_too_long(void)
{
    net_host(net_new(1), "sixteen-letters-");
}

static void name_with_dot(void)
{
    net_host(net_new(1), "../x");
}

static void name_all_digits(void)
{
    net_host(net_new(1), "10");
}

static void name_twice(void)
{
    struct net *net = net_new(1);
    net_host(net, "a");
    net_host(net, "a");
}

static void too_many_hosts(void)
{
    struct net *net = net_new(1);
    for (int i = 0; i <= NET_MAX_HOSTS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "h%d", i);
        net_host(net, name);
    }
}

static void link_to_itself(void)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a");
    link_new(net, (struct host *const[]){a, a}, 2, false);
}

static void ipv6_too_late(void)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    link_new(net, (struct host *const[]){a, b}, 2, false);
    net_want_ipv6(net);
}

static void address_without_link(void)
{
    host_addr(net_host(net_new(1), "a"));
}

static void route_nowhere(void)
{
    host_route(net_host(net_new(1), "a"), "10.0.0.0/33", "10.77.1.1");
}

static void route_unreachable(void)
{
    host_route(net_host(net_new(1), "a"), "default", "10.77.1.1");
}

static void sysctl_of_the_machine(void)
{
    host_sysctl(net_host(net_new(1), "a"), "kernel.hostname", "x");
}

static void sysctl_unknown(void)
{
    host_sysctl(net_host(net_new(1), "a"), "net.ipv4.no_such_thing", "1");
}

static void command_fails(void)
{
    host_run(net_host(net_new(1), "a"), "echo not %s >&2; exit 4", "good");
}

static void batch_fails(void)
{
    host_ip_batch(net_host(net_new(1), "a"), "link set nope up\n");
}

static const struct wrong {
    const char *name;
    void (*body)(void);
    const char *message;
} wrongs[] = {
    {"long", name_too_long, "bad host name \"sixteen-letters-\""},
    {"dot", name_with_dot, "bad host name \"../x\""},
    {"digits", name_all_digits, "bad host name \"10\""},
    {"twice", name_twice, "has a host named \"a\" already"},
    {"many", too_many_hosts, "a net holds at most 64 hosts"},
    {"itself", link_to_itself, "joins host a to itself"},
    {"late v6", ipv6_too_late, "call it before the first link"},
    {"no link", address_without_link, "host a is not on any link"},
    {"prefix", route_nowhere, "route to \"10.0.0.0/33\""},
    {"gateway", route_unreachable, "cannot add the route to default via"},
    {"kernel.", sysctl_of_the_machine, "is no sysctl of a network namespace"},
    {"unknown", sysctl_unknown, "cannot set net.ipv4.no_such_thing"},
    {"command", command_fails, "failed with status 4: not good"},
    {"ip batch", batch_fails, "Cannot find device \"nope\""},
};

START_TEST(mistakes_are_infra_and_say_what)
{
    expect_infra(wrongs[_i].body, wrongs[_i].message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("topo");
    TCase *nets = tcase_create("nets");
    tcase_add_checked_fixture(nets, incell_setup, incell_teardown);
    tcase_set_timeout(nets, 20);
    tcase_add_loop_test(nets, tun_devices_carry_packets, 0, 4);
    tcase_add_test(nets, tun_device_is_as_promised);
    tcase_add_loop_test(nets, veth_carries_packets, 0, LINK_KINDS);
    tcase_add_loop_test(nets, links_are_ready_when_they_are_there, 0,
                        LINK_KINDS);
    tcase_add_loop_test(nets, two_ports_do_not_learn, 0, LINK_KINDS);
    tcase_add_loop_test(nets, lan_joins_all_its_hosts, 0, LINK_KINDS);
    tcase_add_loop_test(nets,
                        veth_carries_wire_packets_unless_offloads_are_asked_for,
                        0, LINK_KINDS);
    tcase_add_loop_test(nets, routes_lead_across_routers, 0, 2);
    tcase_add_test(nets, who_does_not_forward_is_no_way);
    tcase_add_test(nets, shortest_path_is_taken);
    tcase_add_test(nets, static_routes_are_followed);
    tcase_add_loop_test(nets, masquerade_hides_the_inside, 0, 2);
    tcase_add_loop_test(nets, ipv6_works_at_once, 0, LINK_KINDS);
    tcase_add_test(nets, without_ipv6_there_is_none);
    tcase_add_test(nets, sysctls_are_a_hosts_own);
    tcase_add_test(nets, names_resolve_as_in_etc_hosts);
    tcase_add_test(nets, commands_do_not_change_the_machines_etc);
    tcase_add_test(nets, nets_of_one_process_do_not_meet);
    tcase_add_test(nets, nets_of_parallel_processes_do_not_meet);
    tcase_add_test(nets, entering_a_host_moves_only_this_thread);
    tcase_add_test(nets, freeing_a_net_leaves_nothing);
    tcase_add_test(nets, hosts_are_found_by_name_and_address);
    tcase_add_loop_test(nets, mistakes_are_infra_and_say_what, 0,
                        sizeof(wrongs) / sizeof(wrongs[0]));
    suite_add_tcase(suite, nets);
    return incell_main("test_topo", suite);
}
