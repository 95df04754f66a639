/* What the netem engine knows of its links; private to it. */
#ifndef LINK_NETEM_DATA_H
#define LINK_NETEM_DATA_H

#include <pthread.h>

#include "link/lateness.h"
#include "link/netem.h"
#include "link/pair.h"
#include "link/tap.h"

/* One direction of a link. */
struct way {
    unsigned enters, leaves;        /* ifindexes in the middle */
    char device[DEVICE_NAME_BYTES]; /* the latter's name */
    struct profile profile;
    struct pairing *pairing;
    bool silent; /* drops "packet too big" of ICMP */
};

struct netem_link {
    struct netem *netem;
    struct link *link;
    struct tap tap;
    bool down;
    struct way ways[];
};

struct netem {
    struct net *net;
    struct capture *capture;
    bool qdiscs; /* else it is the engine veth */
    bool seeds;  /* tc and the kernel know `seed` */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* of all that follows */
    int epoll_fd, stop_fd;
    bool silent[NET_MAX_HOSTS]; /* their "packet too big" is dropped */
    struct lateness lateness;
    struct netem_link *links[NET_MAX_LINKS];
    unsigned link_count;
};

/* ---- netem_qdisc.c ------------------------------------------------------- */

/* Gives a link's devices the qdiscs which its profiles and state ask for. */
void netem_set_qdiscs(const struct netem_link *link);
/* Drops "packet too big" of ICMP on its way out of the link's middle, or no
 * longer does. */
void netem_silence(const struct netem_link *link, const struct way *way,
                   bool silent);
/* Whether tc and the kernel take a seed, found out by trying in the middle of a
 * link. */
bool netem_try_seed(const struct link *link);
/* Ends the run where the kernel has no netem. */
void netem_need(void);

#endif
