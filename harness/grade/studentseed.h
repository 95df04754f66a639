/* A seed for each student, which nobody can tell without the secret. */
#ifndef GRADE_STUDENTSEED_H
#define GRADE_STUDENTSEED_H

#include <stddef.h>
#include <stdint.h>

enum { SECRET_MAX_BYTES = 4096, SECRET_ERROR_BYTES = 512 };

struct secret {
    unsigned char bytes[SECRET_MAX_BYTES];
    size_t length;
};

/* Reads the file whole; a newline at its end does not count.  Returns 0, or
 * -EINVAL or -errno with one line in `error`.  1 is success with a warning in
 * `error`: others can read the file. */
int secret_load(struct secret *secret, const char *path, char *error);

/* HMAC-SHA256(secret, the parts, each with its length), its first 8 bytes in
 * network order; the high bit is cleared, as JSON readers take signed numbers.
 * `parts` is NULL-terminated: lab, student, for a hidden variant its test. */
uint64_t secret_seed(const struct secret *secret, const char *const *parts);

#endif
