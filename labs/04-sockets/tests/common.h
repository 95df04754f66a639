/* What the tests of this lab share: two hosts and a link, programs started and
 * awaited, a driver's usual moves, a look into a program's processes. */
#ifndef COMMON_H
#define COMMON_H

#include <wirelab/wirelab.h>

/* How long the driver waits for what should come soon: long enough for a
 * segment to be lost twice. */
#define PATIENCE SECONDS(5)

enum { ECHO_PORT = 9000, FILE_PORT = 9001 };
#define ECHO_PORT_TEXT "9000"
#define FILE_PORT_TEXT "9001"

/* A theme is one file of tests with the table that registers them. */
struct theme {
    const struct lab_test *tests;
    size_t count;
};
#define THEME(name, table)                                                     \
    const struct theme name = {(table), sizeof(table) / sizeof((table)[0])};

/* ---- Two hosts ----------------------------------------------------------- */

struct pair {
    struct net *net;
    struct host *client, *server;
    struct link *link;
};
struct pair pair_new(const char *profile);
/* The same with IPv6. */
struct pair pair_new6(const char *profile);
/* Small socket buffers on both hosts, so that little data fills them. */
void pair_small_buffers(struct pair *pair, const char *bytes);

/* Whether a program listens on a TCP port: a look that leaves no packet. */
bool proc_listens(struct proc *proc, uint16_t port);
/* Waits until it has read what has come to its connections on that port. */
void await_read(struct proc *proc, uint16_t port);
/* Waits until a server listens on TCP. */
void await_server(struct proc *server, uint16_t port);
/* Start the tested server on pair->server and wait until it listens. */
struct proc *start_echod(struct pair *pair);
/* Serves the directory "server:files", which is made if it is not there. */
struct proc *start_fetchd(struct pair *pair);

/* ---- A driver's moves ------------------------------------------------------
 * They fail the test, in words about the program, when it does not play. */

/* Connects from pair->client to the server. */
int connect_to(struct pair *pair, uint16_t port);
/* Sends at most 64 KiB and expects the same back. */
void expect_echo(int fd, const void *data, size_t bytes);
/* Sends each byte as a segment of its own, and waits until all have come. */
void send_dribbling(int fd, const char *data, size_t bytes);
/* Sends `bytes` and reads their echo, both at once; calls `tick` (which may be
 * NULL) after each 64 KiB of echo. */
void pump(int fd, size_t bytes, void (*tick)(void *context), void *context);
/* Sends until nothing has moved for a third of a second, at most `limit`.
 * Returns how much was taken. */
size_t send_until_blocked(int fd, size_t limit);
/* Reads the echo of what send_until_blocked() sent. */
void expect_pattern(int fd, size_t bytes);
/* Waits until a matching packet has left its link. */
void await_delivered(struct pair *pair, const char *filter, const char *what);
/* Expects the end of the stream: FIN, not RST, and no byte before it. */
void expect_end_of_stream(int fd, const char *who);

/* The file service.  `expect_error` returns nothing but the code must match. */
void expect_ok(int fd, int64_t size_bytes);
void expect_error(int fd, int code, const char *to_what);
void expect_body(int fd, const void *data, size_t bytes);

/* ---- A program's processes ------------------------------------------------
 */

/* Open descriptors, threads and zombies of the program and its descendants. */
struct holdings {
    int descriptors, threads, zombies;
};
struct holdings proc_holdings(struct proc *proc);
/* Waits until the program holds no more than `before` and has no zombie; fails
 * with `what` at the deadline. */
void expect_let_go(struct proc *proc, struct holdings before,
                   int64_t timeout_ns, const char *what);
/* Stops a program (SIGSTOP) and waits until all its threads stand. */
void proc_stop(struct proc *proc);
/* Stops it and lets it go on.  A call
 * that was waiting may then return early: with a short count, or EINTR. */
void stop_and_continue(struct proc *proc);

#endif
