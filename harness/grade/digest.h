/* SHA-256 over labelled parts: what two things must share to count as one. */
#ifndef GRADE_DIGEST_H
#define GRADE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 72 }; /* "sha256:", 64 hex digits, NUL */

struct digest;

/* Begins one; the purpose keeps digests of different things apart. */
struct digest *digest_new(const char *purpose);
/* Adds a part.  Lengths go in, too, so that parts cannot run into each other.
 */
void digest_part(struct digest *digest, const char *label, const void *data,
                 size_t bytes);
void digest_text(struct digest *digest, const char *label, const char *text);
/* Adds all regular files below a directory, by name and content, in the order
 * of their names; `wanted` (NULL: all) is asked for each path below `dir`,
 * files and directories.  Returns 0 or -errno. */
int digest_tree(struct digest *digest, const char *dir,
                bool (*wanted)(const char *path, bool is_dir));
/* Ends it and frees it. */
void digest_end(struct digest *digest, char text[DIGEST_BYTES]);

#endif
