/* What the tests of this lab share: a small world, probe's answers, and what
 * the capture says of the same moments. */
#ifndef COMMON_H
#define COMMON_H

#include <jansson.h>

#include <wirelab/wirelab.h>

/* How long the driver waits for what should come soon. */
#define PATIENCE SECONDS(10)
/* And for a program that may have ended instead. */
#define SOON SECONDS(4)

enum { WEB_PORT = 80, DRIVER_PORT = 8080 };

/* ---- A world ---------------------------------------------------------------
 *
 *      dns ---- client ---- server
 */
struct world {
    struct net *net;
    struct host *client, *server, *dns;
    struct link *link, *dns_link; /* to the server, to the name server */
    int64_t zero_ns;              /* when packets' times begin (clock_now_ns) */
};

/* A client and a server, without a name server. */
struct world world_new(const char *profile);
/* The same with a name server, whose link has a profile of its own.  It is the
 * client's; names_start() gives it names. */
struct world world_with_dns(const char *profile, const char *dns_profile);
/* Starts dnsmasq with such lines; what it is not told does not exist. */
struct proc *names_start(struct world *world, const char *records);
/* Makes DNS readable in the ladder; world_with_dns() calls it. */
void show_dns(void);
/* Starts nginx on the server, with "server:site/NAME" of so many random bytes.
 */
struct proc *web_start(struct world *world, const char *name, size_t bytes);

/* ---- probe and its answers ------------------------------------------------
 */

/* Starts probe on the client; every argument is a const char *. */
#define probe_start(world, ...)                                                \
    host_start((world)->client, program("probe"), __VA_ARGS__)

/* How late this machine woke us once, and when (clock_now_ns). */
struct late {
    int64_t at_ns, late_ns;
};

/* What probe said in the end. */
enum { ANSWER_OBJECTS = 16, ANSWER_LATES = 8192 };
struct answer {
    struct proc *probe;
    json_t *objects[ANSWER_OBJECTS]; /* what it printed */
    size_t count;
    int64_t late_ns; /* the most that we were woken late while it ran */
    struct late late[ANSWER_LATES]; /* all that is worth a note */
    size_t lates;
    struct answer *older; /* of this test */
};

/* The most that we were woken late between two moments (clock_now_ns). */
int64_t latest_between(const struct answer *answer, int64_t from_ns,
                       int64_t to_ns);

/* Waits for its end and reads its objects: `attempts` of them, and a summary if
 * `summary`.  Fails if the exit status is another, if a line is no JSON, or if
 * a member is missing or of the wrong type.  Ownership: the run's. */
const struct answer *probe_end(struct proc *probe, int status, size_t attempts,
                               bool summary);
/* The same for a single attempt.  Returns its object. */
const json_t *probe_result(struct proc *probe, int status);

/* One member; "null" is the text of none. */
const char *text_of(const json_t *result, const char *key);
/* NAN if it is null. */
double number_of(const json_t *result, const char *key);

/* Fails if probe says that this part is still to be written; the other
 * expectations call it. */
void expect_done(const json_t *result);
/* Expects "error" and "stage"; NULL is null. */
void expect_outcome(const json_t *result, const char *error, const char *stage);
/* Expects success: status 200 and so many bytes. */
void expect_success(const json_t *result, size_t bytes);
/* Expects that probe gave up at its deadline, to within 50 ms and what this
 * machine was late. */
void expect_deadline(const struct answer *answer, double seconds);
/* The same where the test itself has measured how late the machine was. */
void expect_total(const json_t *result, double seconds, int64_t late_ns);

/* ---- A server that a test plays -------------------------------------------
 * Each fails the test, in words about probe, when it does not play. */

/* Takes the next connection, and reads the request to its empty line. */
int serve_request(int listener);
/* Goes on sending; probe may have left. */
void serve_text(int fd, const char *text);
/* Lets time pass because the server "thinks". */
void think(int64_t duration_ns);

/* ---- The same on the wire --------------------------------------------------
 */

/* Moments of one TCP connection as the client's link saw them, in ns since the
 * net began; 0: never. */
struct wire_times {
    uint16_t port;      /* the client's */
    int64_t syn_ns;     /* its first SYN entered the link */
    int64_t synack_ns;  /* the answer left it */
    int64_t request_ns; /* the last byte of the request so far entered it */
    int64_t reply_ns;   /* the first byte of the reply left it */
};

/* Fills `times` for the client's connections, in the order of their SYNs.
 * Returns how many there are. */
size_t wire_connections(struct net *net, struct wire_times *times, size_t max);

/* What happened between two moments on the wire. */
struct span {
    int64_t from_ns, to_ns;
};

/* Expects that the figures of a member agree with the wire's to within 2 ms or
 * 2 %: `spans[i]` belongs to the i-th object.  A program that is kept from
 * running notes its moments late, and so does the emulator; both are measured,
 * and what was measured about a span is added to what is borne there:
 *
 *   - for how long probe was ready and had to wait for a CPU, as the kernel
 *     counts it (proc_run_delay_between);
 *   - by how much this test, which meanwhile only naps, was woken late.
 *
 * On a quiet machine that is 0.1 ms.  What nobody counts, such as a page that
 * has to be read in first, is rare, and a program that takes the wrong moments
 * is wrong each time: `may_disagree` of them may be off.  One usually; more
 * where a name server is asked, for a thread does that, and what a thread has
 * waited is lost with its end, and taken off what we know of its program. */
enum { ONE_OFF = 1 };
void expect_agreement(const struct world *world, const struct answer *answer,
                      const char *key, const struct span *spans, size_t count,
                      size_t may_disagree);

#endif
