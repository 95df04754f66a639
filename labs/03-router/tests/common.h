/* What the tests of this lab share: a router between hosts, its configuration,
 * runs of cidr and fib, frames of the test's own making. */
#ifndef COMMON_H
#define COMMON_H

#include <wirelab/frame.h>
#include <wirelab/wirelab.h>

#define PATIENCE SECONDS(5)

enum { STATUS_NOT_WRITTEN = 9, STATUS_USAGE = 2 };

/* A theme is one file of tests with the table that registers them. */
struct theme {
    const struct lab_test *tests;
    size_t count;
};
#define THEME(name, table)                                                     \
    const struct theme name = {(table), sizeof(table) / sizeof((table)[0])};

/* ---- cidr and fib: programs without a network ---------------------------- */

/* A host to run them on. */
struct host *desk_new(struct net **net);
/* Runs a program with stdin (may be NULL) to its end.  Expects the exit status,
 * and returns what it printed on stdout, valid until the end of the test. */
const char *run_program(struct host *desk, const char *name, int status,
                        const char *input, const char *const *argv);
#define RUN(desk, name, status, input, ...)                                    \
    run_program((desk), (name), (status), (input),                             \
                (const char *const[]){__VA_ARGS__, NULL})

/* ---- Routers ------------------------------------------------------------- */

/*      a ---left--- router ---right--- b
 * a is 10.77.1.1, b is 10.77.2.2; the router is .2 and .1.  Both hosts have
 * their default route through it. */
struct path {
    struct net *net;
    struct host *a, *b, *router;
    struct link *left, *right;
    bool ipv6;
    struct proc *proc;       /* of the router, once started */
    struct frame_port *port; /* a's, once used */
    int markers;             /* sent so far */
};
struct path path_new(const char *left, const char *right);
/* The same with IPv6. */
struct path path_new6(const char *left, const char *right);
/* Adds a host c behind b, which forwards: 10.77.3.2, fd77:3::2. */
struct host *path_beyond(struct path *path);
/* Starts the tested router, with lines added to its configuration. */
void path_start(struct path *path, const char *lines);

/* Gives a host of taps its router, on those links: if0, if1, ...  `text` is
 * added to the configuration.  Waits until it is ready. */
struct proc *router_start(struct net *net, struct host *host,
                          struct link *const *links, unsigned count, bool ipv6,
                          const char *text);
/* Asks for its tables (SIGUSR1).  Valid until the next call. */
const char *router_tables(struct proc *router);
/* A counter of them. */
int64_t router_counter(struct proc *router, const char *name);
/* Waits until the tables contain a line with this text, or none (`there`). */
void await_table(struct proc *router, const char *text, bool there,
                 int64_t timeout_ns, const char *what);

/* Pings from a host; expects `count` answers.  `count` of at most 50. */
void expect_ping(struct host *from, const char *to, int count);
/* Sends a file of that many random bytes by TCP, and compares. */
void expect_tcp(struct net *net, struct host *from, struct host *to,
                const char *addr, size_t bytes, int64_t timeout_ns);
/* Waits until a packet that matches has left its link, or fails with `what`. */
void await_delivered(struct net *net, const char *filter, int count,
                     const char *what);
/* Waits until nothing is under way on any link. */
void await_settled(struct net *net);

/* ---- Frames ---------------------------------------------------------------
 */

enum { ETHER_BYTES = 14, IP4_BYTES = 20, IP6_BYTES = 40, FRAME_ROOM = 2048 };
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58 };

uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, unsigned value);
void put32(uint8_t *p, uint32_t value);
/* The Internet checksum of some bytes: 0 if they contain a right one. */
uint16_t sum_of(const uint8_t *bytes, size_t count);
/* The same over an IPv6 packet's pseudo-header and payload. */
uint16_t sum6_of(const uint8_t *ip, unsigned protocol);

/* An IP packet to be: zero or NULL is a sensible default everywhere. */
struct spec {
    const char *source, *destination; /* text; default: a and b */
    uint8_t ttl;                      /* default 64 */
    uint8_t protocol;                 /* default UDP */
    uint16_t id;
    uint16_t fragment;      /* flags and offset */
    const void *payload;    /* behind the IP header; default: UDP to 9999 */
    size_t payload_bytes;   /* with payload NULL: of UDP's data */
    const uint8_t *options; /* of IPv4, a multiple of 4 */
    size_t option_bytes;
};
/* Builds a whole frame from a to the router.  Returns its length. */
size_t make_packet(const struct path *path, const struct spec *spec,
                   uint8_t *frame);
/* Opens a's port once, and sends it. */
void send_packet(struct path *path, const struct spec *spec);
void send_raw(struct path *path, const uint8_t *frame, size_t bytes);
/* An ICMP message of that type and code with right checksum, for
 * spec.payload.  Returns its length. */
size_t make_icmp(uint8_t *icmp, unsigned type, unsigned code, size_t bytes);

/* Waits for a packet to enter a link, and hands it out. */
struct packet await_packet(struct net *net, const char *filter,
                           const char *what);
/* A good packet to b, and waits until it has crossed the router: all that was
 * sent before has been dealt with then. */
void send_marker(struct path *path);

#endif
