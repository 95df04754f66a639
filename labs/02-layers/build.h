/* A packet put together from a spec, the innermost layer first, so that what a
 * layer's length and checksum are about is there when it is written. */
#ifndef BUILD_H
#define BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "spec.h"

enum { BUILD_MAX_BYTES = 65535 + 64 };

struct build {
    struct spec *spec;
    size_t start; /* bytes[start..BUILD_MAX_BYTES) is what there is so far */
    uint8_t bytes[BUILD_MAX_BYTES];
};

/* Builds the frame.  Lengths, checksums, types and protocol numbers that the
 * spec leaves out are filled in; what it states is written as it stands, wrong
 * or not.  Returns its bytes, at build->bytes + build->start, or -EINVAL with
 * spec->error. */
int build_frame(struct build *build, struct spec *spec);

#endif
