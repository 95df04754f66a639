/* The hosts of a net, as filters and scripts want to be told of them. */
#ifndef LINK_NETHOSTS_H
#define LINK_NETHOSTS_H

#include "link/filter.h"
#include "topo/topo.h"

/* Lists every host with its addresses as they are now.  The strings are the
 * net's; the lists are freed by nethosts_free. */
struct filter_hosts nethosts(const struct net *net);
void nethosts_free(struct filter_hosts *hosts);

#endif
