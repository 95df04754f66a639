/* The file service's lines; see proto.h for their grammar.
 *
 * Bytes from the network are not strings.  They end where the count says, not
 * at a NUL, which a hostile client can put anywhere; so everything here works
 * on spans, and no str*() function is let near them.
 *
 * A stream has no boundaries, so a parser sees a line's beginning before its
 * end.  It says "partial" (-EAGAIN) and is asked again with more.  It must say
 * "malformed" while the line is still short, or a client that never sends LF
 * would make us keep all it sends. */
#include "proto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* DOC: request-parse */
ssize_t request_parse(const char *bytes, size_t count, struct request *request)
{
    (void)bytes, (void)count, (void)request;
    not_done(5, "request_parse() in proto.c");
}

ssize_t reply_parse(const char *bytes, size_t count, struct reply *reply)
{
    (void)bytes, (void)count, (void)reply;
    not_done(5, "reply_parse() in proto.c");
}

/* snprintf() tells how long the line would have been. */
static int checked(int length, size_t size)
{
    bool fits = length > 0 && (size_t)length < size;
    return fits && length <= PROTO_LINE_BYTES ? length : -EMSGSIZE;
}

/* A space or LF in a name would begin something else on the other side: a
 * number, or a whole request that nobody meant to send. */
static bool is_word(const char *name, size_t bytes)
{
    return bytes > 0 && bytes <= PROTO_LINE_BYTES &&
           memchr(name, ' ', bytes) == NULL &&
           memchr(name, '\n', bytes) == NULL;
}

int request_format(char *line, size_t size, const struct request *request)
{
    int name_bytes = (int)request->name_bytes;
    if (!is_word(request->name, request->name_bytes))
        return -EINVAL;
    if (request->verb == VERB_GET)
        return checked(
            snprintf(line, size, "GET %.*s\n", name_bytes, request->name),
            size);
    return checked(snprintf(line, size, "PUT %.*s %" PRId64 "\n", name_bytes,
                            request->name, request->size_bytes),
                   size);
}

int reply_format(char *line, size_t size, const struct reply *reply)
{
    if (reply->code == REPLY_OK)
        return checked(
            snprintf(line, size, "OK %" PRId64 "\n", reply->size_bytes), size);
    return checked(snprintf(line, size, "ERR %d %.*s\n", reply->code,
                            (int)reply->text_bytes, reply->text),
                   size);
}
