/* A server's life; see serve.h.
 *
 * Who does what.  The first thread accepts clients and answers datagrams; each
 * client has a thread of its own which may block as it likes.  The two meet in
 * `struct crowd` alone: how many clients there are, under a mutex.
 *
 * Signals.  They are blocked in every thread, always, but for the moment in
 * which the first thread waits in ppoll(2).  So a SIGTERM can come neither
 * between the look at the flag and the wait (and be noticed a client too late)
 * nor in the midst of a client's write.  ppoll ends with EINTR then, which is
 * no error: it is what was hoped for.  SIGPIPE is ignored: a client that went
 * away is an error of one write, not the end of the server. */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io.h"
#include "cli.h"

int serve(const struct service *service)
{
    (void)service;
    not_done(1, "serve() in serve.c");
}
