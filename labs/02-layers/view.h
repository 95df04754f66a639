/* What is left of a packet: how much of it is here, and how much there should
 * be.  The two differ, and the difference is what this lab is about.
 *
 *      |<------------------ promised ------------------>|
 *      |<-------- here -------->|
 *      +------------------------+ - - - - - - - - - - - +
 *      at
 *
 * `here` is what can be read.  `promised` is what the length fields of the
 * layers outside say; nobody outside has promised anything to a frame, so there
 * it is VIEW_NO_PROMISE.  Whatever wants more than was promised contradicts a
 * length field: *malformed*.  Whatever wants more than is here, but not more
 * than was promised, was cut off: *truncated*.  Hence each proper prefix of a
 * right packet is truncated, and none is malformed. */
#ifndef VIEW_H
#define VIEW_H

#include <stddef.h>
#include <stdint.h>

#define VIEW_NO_PROMISE SIZE_MAX

struct view {
    const uint8_t *at;
    size_t here;     /* bytes that may be read */
    size_t promised; /* never less than `here` */
};

/* Asks for the first `bytes`.
 * Returns 0, -EBADMSG if fewer were promised, or -EAGAIN if fewer are here. */
int view_need(const struct view *view, size_t bytes);

/* Leaves out the first `bytes`; view_need() must have granted them. */
struct view view_after(const struct view *view, size_t bytes);

/* Takes a length field at its word: there are `bytes`, no more.  What is here
 * beyond them no longer counts.
 * Returns 0, or -EBADMSG if fewer were promised and the field lies. */
int view_limit(struct view *view, size_t bytes);

#endif
