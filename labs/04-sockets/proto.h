/* The file service's lines.
 *
 *      request = "GET " name LF            reply = "OK " size LF  size bytes
 *              | "PUT " name " " size LF         | "ERR " code " " text LF
 *                size bytes
 *
 * `size` is decimal, without sign or leading zeros, below 2^63; `code` has
 * three digits; no line is longer than PROTO_LINE_BYTES, its LF included.
 *
 * The parsers are incremental: give them what has arrived so far, again and
 * again.  They return the bytes of the line (> 0) once it is whole, -EAGAIN
 * while it is not, -EBADMSG as soon as it can never become one.  Spans point
 * into the caller's bytes, are not NUL-terminated, and may contain NULs. */
#ifndef PROTO_H
#define PROTO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROTO_LINE_BYTES = 1024 };

enum verb { VERB_GET, VERB_PUT };

struct request {
    enum verb verb;
    const char *name; /* at least 1 byte, no space, no LF; else unchecked */
    size_t name_bytes;
    int64_t size_bytes; /* of PUT */
};
ssize_t request_parse(const char *bytes, size_t count, struct request *request);

enum reply_code {
    REPLY_OK = 0,
    REPLY_MALFORMED = 400, /* not a request; the connection ends */
    REPLY_FORBIDDEN = 403, /* such a name is not served */
    REPLY_NOT_FOUND = 404, /* no regular file of this name */
    REPLY_TOO_LARGE = 413, /* over the limit; the connection ends */
    REPLY_TROUBLE = 500,   /* the server's own trouble */
    REPLY_FULL = 507,      /* no space is left */
};

struct reply {
    int code;           /* REPLY_OK, or 400..599 */
    int64_t size_bytes; /* of OK */
    const char *text;   /* of ERR */
    size_t text_bytes;
};
ssize_t reply_parse(const char *bytes, size_t count, struct reply *reply);

/* Write a line into `line`, NUL-terminated.  Return its bytes, -EMSGSIZE, or
 * -EINVAL for a name that cannot stand in a line. */
int request_format(char *line, size_t size, const struct request *request);
int reply_format(char *line, size_t size, const struct reply *reply);

#endif
