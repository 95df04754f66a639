/* What is left of a packet; see view.h, which is the whole idea. */
#include "view.h"

#include <errno.h>

#include "lab.h"

/* DOC: view-need
 * The order matters: a header that was never promised is a lie even where the
 * capture happens to hold enough bytes, and even where it was cut. */
int view_need(const struct view *view, size_t bytes)
{
    (void)view, (void)bytes;
    to_do(1, "view_need() in view.c, then its two neighbours");
}

struct view view_after(const struct view *view, size_t bytes)
{
    (void)view, (void)bytes;
    to_do(1, "view_after() in view.c");
}

/* DOC: view-limit */
int view_limit(struct view *view, size_t bytes)
{
    (void)view, (void)bytes;
    to_do(1, "view_limit() in view.c");
}
