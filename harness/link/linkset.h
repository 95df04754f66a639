/* What this module keeps for a net. */
#ifndef LINK_LINKSET_H
#define LINK_LINKSET_H

#include "link/links.h"

struct capfile;
struct query;

struct linkset {
    struct net *net;
    const struct engine *engine;
    void *state; /* the engine's; NULL before the first link */
    struct capture *capture;
    struct query *query;
    struct capfile *file; /* while it is open */
    char *capture_path, *fates_path, *packets_path;
    int file_error;
    bool stopped;
    /* Profiles as the links were made, for the verdict. */
    char *profiles[NET_MAX_LINKS][2];
    /* Hosts that should be guarded, and cannot be by this engine. */
    bool unguarded[NET_MAX_HOSTS];
};

struct linkset *linkset_of(struct net *net);

#endif
