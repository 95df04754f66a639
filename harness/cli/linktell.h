/* The account of a link run. */
#ifndef CLI_LINKTELL_H
#define CLI_LINKTELL_H

#include "cli/linkrun.h"
#include "topo/topo.h"

/* Prints what the net's links did; they have stopped.  `status` is the
 * command's.  Returns the exit status of the verb. */
int linktell(const struct linkrun *plan, const struct net *net, int status);

#endif
