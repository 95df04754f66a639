/* Real servers as peers: Debian's nginx, dnsmasq, ... on a host of the net.
 *
 *      static const char *const args[] = {"-c", "/work/knot.conf", NULL};
 *      server_start(host, &(struct server){
 *          .command = "knotd", .args = args,
 *          .config_name = "knot.conf", .config = text,
 *          .udp_port = 53, .tcp_port = 53});
 *
 * A server is started with a configuration that the test writes, awaited until
 * its ports are there (sock_diag; no packet is sent), and watched from then on:
 * when it ends before the test does, and not by server_stop(), the verdict is
 * `infra` and tells the last lines of its log, whatever the test made of it.
 * What it prints is kept as evidence, so configurations log to stdout or
 * stderr.  A command that is not installed skips the test, loudly.
 *
 * To the server its host's directory is /work, all else is read-only but /tmp
 * and /run, which are empty.  It is root there, but perhaps only a user
 * namespace's: it must not want to become somebody else.  It has to stay in the
 * foreground. */
#ifndef WIRELAB_SERVER_H
#define WIRELAB_SERVER_H

#include <stdint.h>

#include <wirelab/net.h>
#include <wirelab/proc.h>

struct server {
    const char *command;     /* as for peer() */
    const char *const *args; /* after the command, NULL-terminated; or NULL */
    const char *config_name; /* written to /work before the start; or NULL */
    const char *config;
    uint16_t tcp_port, udp_port; /* awaited; 0: none */
    int64_t ready_ns;            /* how long at most; 0: 10 s */
};

/* Starts a server and waits until it is ready.  One that does not get so far is
 * `infra`, never the learner's fault.  Ownership: the net's. */
struct proc *server_start(struct host *host, const struct server *server);

/* Ends a server as its administrator would, by SIGTERM, and waits for that; it
 * may then be started again. */
void server_stop(struct proc *proc);

/* ---- Two that many labs want --------------------------------------------- */

/* nginx on TCP port 80 of all addresses, IPv6 too if the net has it.  It serves
 * "host:site" (file_mkdir and file_write or file_random fill it).  `more` is
 * added to its server block: "listen 8080; location /old { return 410; }"; or
 * NULL.  Logs: one line a request on stdout, errors on stderr. */
struct proc *server_web(struct host *host, const char *more);

/* dnsmasq on port 53 of all addresses, authority for all names: those it is not
 * given do not exist.  `lines` are dnsmasq's own, a line each:
 * "host-record=web.test,10.77.1.2,fd77:1::2\n".  Several addresses of a name
 * are always given in the same order.  Logs: queries and answers on stderr. */
struct proc *server_names(struct host *host, const char *lines);

#endif
