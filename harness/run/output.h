/* What a program wrote to one of its streams: all of it is counted, the head
 * and the tail are kept, so one that writes without end neither fills memory
 * nor is ever made to wait. */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

struct output {
    size_t limit_bytes; /* of the head, and of the tail */
    char *head, *tail;  /* the tail is a ring */
    size_t head_bytes;
    uint64_t total_bytes;
    int file_fd; /* a copy of what is kept, or -1 */
    char *text;  /* the last rendering */
};

void output_init(struct output *output, size_t limit_bytes, int file_fd);
void output_fini(struct output *output);

void output_add(struct output *output, const char *data, size_t bytes);
/* Writes to the file what came after the head, and closes it. */
void output_finish(struct output *output);

/* Returns what is kept, NUL-terminated, with a line in the middle that says how
 * much is left out.  Valid until the next call.  `bytes` may be NULL. */
const char *output_text(struct output *output, size_t *bytes);
/* The last `max_bytes` at most, from a line's start if there is one, as valid
 * UTF-8; malloc'd. */
char *output_tail(struct output *output, size_t max_bytes);

/* Text in which what is not valid UTF-8 has become U+FFFD, and control
 * characters other than LF and TAB their pictures (ESC is U+241B), so that it
 * may be printed on a terminal; malloc'd. */
char *output_as_utf8(const char *data, size_t bytes);
/* How many bytes of valid UTF-8 the data begin with. */
size_t output_utf8_bytes(const char *data, size_t bytes);
/* The first line of a text, likewise. */
char *output_line(const char *text);

#endif
