/* Users for programs under test; see uids.h.
 *
 * Why no two hosts may share one: the kernel counts processes by user, so a
 * program that forks without end would keep its neighbours from forking; and
 * who shares a user may signal, trace and read.  Pid namespaces forbid the
 * latter already; this is the second lock on that door.
 *
 * A reservation is a lock on one byte of a file, its offset being the user's
 * number: the kernel lets go of it when its owner ends, in whatever way. */
#include "run/uids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* systemd's table of users leaves these to nobody. */
enum { UID_FIRST = 60578, UID_LAST = 61183 };

/* Only root drops to a user, and only root writes to /run. */
static const char ledger[] = "/run/wirelab-uids";

static bool maps(uid_t uid)
{
    unsigned inside, outside, count;
    bool mapped = false;
    FILE *map = fopen("/proc/self/uid_map", "re");
    while (map && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
        mapped = mapped || (uid >= inside && uid - inside < count);
    if (map)
        fclose(map);
    return mapped;
}

bool uids_usable(void)
{
    return geteuid() == 0 && maps(UID_LAST);
}

uid_t uids_any(void)
{
    return UID_FIRST;
}

void uids_init(struct uids *uids)
{
    uids->taken_count = 0;
    uids->lock_fd =
        open(ledger, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

void uids_fini(struct uids *uids)
{
    if (uids->lock_fd >= 0)
        close(uids->lock_fd);
    uids->lock_fd = -1;
}

/* A lock of the open file, not of the process: another net of this process
 * meets it, too.  Only what this one holds already it would not, so that is
 * remembered. */
static bool reserve(struct uids *uids, uid_t uid)
{
    struct flock byte = {.l_type = F_WRLCK,
                         .l_whence = SEEK_SET,
                         .l_start = (off_t)uid,
                         .l_len = 1};
    for (unsigned i = 0; i < uids->taken_count; i++) {
        if (uids->taken[i] == uid)
            return false;
    }
    if (uids->taken_count == UIDS_MAX ||
        fcntl(uids->lock_fd, F_OFD_SETLK, &byte) < 0)
        return false;
    uids->taken[uids->taken_count++] = uid;
    return true;
}

uid_t uids_take(struct uids *uids, uint64_t hint)
{
    const unsigned count = UID_LAST - UID_FIRST + 1;
    for (unsigned i = 0; uids->lock_fd >= 0 && i < count; i++) {
        uid_t uid = UID_FIRST + (uid_t)((hint + i) % count);
        if (reserve(uids, uid))
            return uid;
    }
    return UID_FIRST + (uid_t)(hint % count);
}
