/* The files of names of one host. */
#ifndef TOPO_NAMES_H
#define TOPO_NAMES_H

#include "topo/topo.h"

/* Writes its /etc/hosts and /etc/resolv.conf. */
void host_write_names(const struct host *host);

#endif
