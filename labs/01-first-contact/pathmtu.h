/* What a connection tells of the path below it. */
#ifndef PATHMTU_H
#define PATHMTU_H

#include <stdbool.h>

#define PATHMTU_HINT "possible path-MTU black hole"

/* Whether a connection on which a reply has stalled looks as if its path lost
 * what is large and kept what is small. */
bool path_loses_large_packets(int fd);

#endif
