/* capture.pcapng: the capture's records as a file, written by a thread of its
 * own while the links run. */
#ifndef LINK_CAPFILE_H
#define LINK_CAPFILE_H

#include "link/capture.h"

struct capfile;

/* Creates `path` and starts the writer.  Returns NULL with *error = -errno when
 * the file cannot be created. */
struct capfile *capfile_open(struct capture *capture, const char *path,
                             int *error);
/* Writes what is left, packets still in flight included, and closes the file.
 * The engine must have stopped.  Returns 0, or the -errno of the first write
 * that failed; the file then ends before it, and is valid. */
int capfile_close(struct capfile *file);

#endif
