/* The wire engine from inside: one thread moves the packets of all links of a
 * net between TUN and TAP devices.
 *
 *      host a        wire_offer()               heap      wire_deliver()  host
 * b [eth0] --read--> units, script, fate --+--due later--> [..] --write->
 * [eth0] |                 +--due now---------^
 *                           +--> record in the capture, entry in the fate log
 *
 * Everything below belongs to the engine's thread; the test's thread changes it
 * through wire_call() only. */
#ifndef LINK_WIRE_H
#define LINK_WIRE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "link/duty.h"
#include "link/engine.h"
#include "link/fatelog.h"
#include "link/flight.h"
#include "link/flow.h"
#include "link/gso.h"
#include "link/heap.h"
#include "link/lateness.h"
#include "link/line.h"
#include "link/script.h"
#include "link/switch.h"

/* What enters a link by one of its ports. */
struct direction {
    struct wire_link *link;
    unsigned port;
    int fd; /* of that port's device */
    struct profile profile;
    bool decides; /* the profile decides about units */
    bool at_once; /* it delays none */
    bool guarded; /* its host's program writes whole frames: see guard.h */
    struct fater fater;
    struct line line;
    struct link_counters counters;
};

struct wire_link {
    struct wire *wire;
    struct link *link;
    struct flows *flows;
    struct script *script;
    struct switch_table *table; /* of a LAN, else NULL */
    bool scripted;              /* the script has a line */
    bool down;
    bool want_fast, fast; /* asked for; and possible just now */
    bool large;           /* a packet may exceed a small buffer */
    size_t link_bytes;    /* of the device's header: 0 or 14 */
    struct direction directions[];
};

struct wire {
    struct net *net;
    struct capture *capture;
    struct flights *flights;
    struct flight *spare; /* read into when the pool is empty */
    struct heap pending;
    uint64_t order;
    struct fatelog *fatelog;
    struct lateness lateness;
    struct wire_link *links[NET_MAX_LINKS];
    bool silent[NET_MAX_HOSTS]; /* their "packet too big" is swallowed */
    bool any_silent;

    int epoll_fd, control_fd;
    int64_t spin_ns; /* before a due packet; 0: never */
    pthread_t thread;
    struct duty duty;
    bool running, stopping;
    struct {
        void (*fn)(struct wire *wire, void *context);
        void *context;
        sem_t done;
    } call;
};

/* ---- loop.c: the thread -------------------------------------------------- */

/* Returns 0 or -errno. */
int wire_thread_start(struct wire *wire);
/* Packets still pending stay so. */
void wire_thread_stop(struct wire *wire);
/* Runs `fn` in the engine's thread, between two packets, and waits for it. */
void wire_call(struct wire *wire, void (*fn)(struct wire *, void *),
               void *context);
/* Begins to read a direction's device; in the engine's thread.  Returns 0 or
 * -errno. */
int wire_watch(struct wire *wire, struct direction *direction);

/* ---- wire.c -------------------------------------------------------------- */

/* Gives a direction another profile; in the engine's thread. */
void wire_set_profile(struct wire_link *link, unsigned port,
                      const struct profile *profile);

/* ---- offer.c: the way of a packet ---------------------------------------- */

/* Takes a packet that has just entered a link.  Owns the flight. */
void wire_offer(struct wire *wire, struct flight *flight);

/* ---- deliver.c: its end -------------------------------------------------- */

/* Sends a packet that was admitted and recorded, at once or when it is due.
 * Owns the flight. */
void wire_dispatch(struct wire *wire, struct flight *flight);
/* Delivers all that is due.  Returns the time of what comes next, or
 * INT64_MAX. */
int64_t wire_deliver_due(struct wire *wire);

/* ---- super.c: fast mode -------------------------------------------------- */

/* Takes a TCP super-packet. */
void wire_offer_super(struct wire *wire, struct flight *flight,
                      const struct gso *gso);

/* ---- account.c: what it tells, of struct engine -------------------------- */

void wire_counters(void *state, const struct link *link, unsigned port,
                   struct link_counters *counters);
void wire_lateness(void *state, struct link_lateness *lateness);
void wire_fates(void *state, struct strbuf *lines, uint64_t *missing);
/* How many packets a device's own queue had no room for. */
uint64_t wire_device_drops(const struct port *port);

#endif
