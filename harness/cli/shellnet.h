/* A net that stays up for somebody at a prompt: two hosts and a link between
 * them, kept by a background process, which any terminal can join.
 *
 *      wirelab shell ──── cell: net, link emulator, capture
 *        │                 ├── anchor of sender     sleeps in the host's
 *        │                 └── anchor of receiver   namespaces
 *        └── prompt, joined to an anchor; further ones from other terminals
 *
 * The first process holds one end of a socket.  When it shuts that down, the
 * cell completes its capture and takes everything in it down; when it dies
 * instead, the cell dies with it. */
#ifndef CLI_SHELLNET_H
#define CLI_SHELLNET_H

#include <sys/types.h>

enum { SHELLNET_HOSTS = 2, SHELLNET_TEXT_BYTES = 512 };

extern const char *const shellnet_hosts[SHELLNET_HOSTS];

struct shellnet_plan {
    const char *profile, *engine;
    const char *capture; /* path of the capture file to write */
    const char *work_dir;
};

struct shellnet {
    pid_t cell;
    int control_fd;
    pid_t anchors[SHELLNET_HOSTS]; /* as this process sees them */
    char addrs[SHELLNET_HOSTS][64];
    char dirs[SHELLNET_HOSTS][SHELLNET_TEXT_BYTES];
};

/* Starts the net and waits until it is up.  Returns 0, or EXIT_INFRA after one
 * line on stderr. */
int shellnet_start(struct shellnet *net, const struct shellnet_plan *plan);
/* Takes it down and waits until the capture is complete. */
void shellnet_stop(struct shellnet *net);

/* Puts the calling process into an anchor's namespaces; its children are in its
 * pid namespace too.  Returns 0 or -errno. */
int shellnet_join(pid_t anchor);

#endif
