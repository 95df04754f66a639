/* Users for programs under test: one a host, no two hosts of the machine the
 * same at a time. */
#ifndef RUN_UIDS_H
#define RUN_UIDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { UIDS_MAX = 64 }; /* that one may take */

struct uids {
    int lock_fd; /* holds what is reserved; -1: nothing is */
    uid_t taken[UIDS_MAX];
    unsigned taken_count;
};

/* Whether this process can become such users: it is root, and they are mapped
 * where it is. */
bool uids_usable(void);
/* One that may be tried out, reserved or not. */
uid_t uids_any(void);

void uids_init(struct uids *uids);
/* Gives all back. */
void uids_fini(struct uids *uids);
/* Reserves a user; `hint` is where to begin to look.  Where reservations cannot
 * be written down, it is chosen by the hint alone. */
uid_t uids_take(struct uids *uids, uint64_t hint);

#endif
