/* The links of a net, from inside: what tools and benches want of them beyond
 * net.h. */
#ifndef LINK_LINKS_H
#define LINK_LINKS_H

#include "link/engine.h"

/* Where the capture file and fates.tsv go, instead of the run's evidence
 * directory; NULL: nowhere.  Call before the net's first link. */
void links_capture_to(struct net *net, const char *capture_path,
                      const char *fates_path);
/* Names the net's engine, instead of the run's.  Call before its first link. */
void links_engine(struct net *net, const char *name);

/* Lets no packet with a false sender come from the host any more (guard.h).
 * With an engine that cannot, netem's, the run's steps and its verdict
 * (`unguarded`) say so. */
void links_guard(struct host *host);

/* Ends all traffic and completes the files; afterwards the capture and the
 * counters can still be read.  Calling it again does nothing. */
void links_stop(struct net *net);

void link_count(const struct link *link, unsigned port,
                struct link_counters *counters);
void links_lateness(const struct net *net, struct link_lateness *lateness);

#endif
