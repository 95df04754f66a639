/* Whether guests work here, found out by booting one. */
#include <errno.h>
#include <stdio.h>

#include "world/guest.h"

struct attempt {
    double boot_ms; /* 0: it never came to it */
    char *error;
};

static void on_ready(struct guest *guest, double boot_ms, void *context)
{
    struct attempt *attempt = context;
    attempt->boot_ms = boot_ms;
    guest_stop(guest);
}

static void on_gone(struct guest *guest, enum errand_end end, const char *why,
                    void *context)
{
    struct attempt *attempt = context;
    (void)guest, (void)end;
    (void)snprintf(attempt->error, GUEST_ERROR_BYTES, "%s", why);
}

int guest_try(const struct guest_options *options, double *boot_ms, char *error)
{
    struct attempt attempt = {.error = error};
    const struct guest_events events = {on_ready, on_gone, &attempt};
    uv_loop_t loop;
    if (uv_loop_init(&loop) < 0)
        return -ENOMEM;
    struct guest *guest = guest_start(&loop, options, &events, error);
    if (guest)
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
    *boot_ms = attempt.boot_ms;
    return attempt.boot_ms > 0 ? 0 : -EIO;
}
