/* What is left of a packet; see view.h, which is the whole idea. */
#include "view.h"

#include <errno.h>

//> #include "lab.h"

/* DOC: view-need
 * The order matters: a header that was never promised is a lie even where the
 * capture happens to hold enough bytes, and even where it was cut. */
int view_need(const struct view *view, size_t bytes)
{
    /* BEGIN SOLUTION 1 */
    if (bytes > view->promised)
        return -EBADMSG;
    if (bytes > view->here)
        return -EAGAIN;
    return 0;
    /* END SOLUTION */
    //> (void)view, (void)bytes;
    //> to_do(1, "view_need() in view.c, then its two neighbours");
}

struct view view_after(const struct view *view, size_t bytes)
{
    /* BEGIN SOLUTION 1 */
    struct view rest = {view->at + bytes, view->here - bytes, view->promised};
    if (rest.promised != VIEW_NO_PROMISE)
        rest.promised -= bytes;
    return rest;
    /* END SOLUTION */
    //> (void)view, (void)bytes;
    //> to_do(1, "view_after() in view.c");
}

/* DOC: view-limit */
int view_limit(struct view *view, size_t bytes)
{
    /* BEGIN SOLUTION 1 */
    if (bytes > view->promised)
        return -EBADMSG;
    view->promised = bytes;
    if (view->here > bytes)
        view->here = bytes;
    return 0;
    /* END SOLUTION */
    //> (void)view, (void)bytes;
    //> to_do(1, "view_limit() in view.c");
}
