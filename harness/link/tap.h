/* A packet socket's ring: every frame that any device of a namespace gets or
 * sends, read without a system call for each. */
#ifndef LINK_TAP_H
#define LINK_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tap {
    int fd;
    uint8_t *ring;
    unsigned next;     /* frame that is read next */
    int64_t offset_ns; /* from the kernel's time stamps to ours */
};

struct tap_frame {
    unsigned ifindex;
    bool outgoing;
    const uint8_t *data; /* Ethernet header first; valid during the visit */
    size_t captured_bytes, length_bytes;
    int64_t time_ns; /* CLOCK_MONOTONIC */
};

/* Opens one in the calling thread's namespace.  Returns 0 or -errno. */
int tap_open(struct tap *tap);
void tap_close(struct tap *tap);

/* Compares the clocks.  Returns how many frames found no room since the last
 * call. */
uint64_t tap_sync(struct tap *tap);
/* The kernel's time stamp of the frame that is read next, or INT64_MAX if none
 * has come.  For comparisons only: the calendar's clock may be set. */
int64_t tap_peek(const struct tap *tap);
/* Visits that frame. */
void tap_take(struct tap *tap,
              void (*visit)(void *context, const struct tap_frame *frame),
              void *context);

#endif
