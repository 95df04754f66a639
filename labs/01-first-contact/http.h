/* As much HTTP/1.1 as one GET needs (RFC 9112).  There is nothing to write
 * here: lab 14 is about HTTP, this one about what carries it.
 *
 * Both parsers are incremental, and neither believes what it reads: give them
 * what has arrived, in whatever pieces. */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_HEAD_BYTES = 16 * 1024, HTTP_PATH_BYTES = 64 * 1024 };

/* Writes the request: GET, Host, Connection: close.  Returns its bytes, or
 * -EMSGSIZE. */
int http_request(char *text, size_t size, const char *host, unsigned port,
                 const char *path);
/* Whether a path may stand in a request line: "/" first, then printable ASCII
 * without a blank; anything else could be a second request. */
bool http_path_allowed(const char *path);
/* Whether a host may stand in a Host line. */
bool http_host_allowed(const char *host);

struct http_head {
    int status;            /* 100 to 599 */
    bool chunked;          /* the body comes in chunks */
    int64_t content_bytes; /* its length, or -1: it ends with the connection */
};

/* Parses status line and header fields.  Returns the bytes of the head, its
 * empty line included; -EAGAIN if that has not come yet; -EBADMSG if this is no
 * reply, or one of more than HTTP_HEAD_BYTES. */
ssize_t http_head_parse(const char *bytes, size_t count,
                        struct http_head *head);

enum http_body_state {
    BODY_DATA,       /* `left` bytes are to come; -1: until the end */
    BODY_CHUNK_SIZE, /* a line with the size of a chunk */
    BODY_CHUNK_DATA, /* `left` bytes of it */
    BODY_CHUNK_END,  /* the line end behind it */
    BODY_TRAILER,    /* lines up to an empty one */
    BODY_COMPLETE,
};

struct http_body {
    enum http_body_state state;
    int64_t left;
    int64_t bytes;        /* of content so far */
    unsigned line_bytes;  /* of the line we are in */
    int64_t chunk_bytes;  /* the size read so far; -1: no digit yet */
    bool chunk_extension; /* behind the digits */
};

/* Begins the body that such a head announces; it may be complete at once. */
void http_body_begin(struct http_body *body, const struct http_head *head);
/* Takes the next bytes.  What comes behind the end is not looked at.
 * Returns 0, or -EBADMSG. */
int http_body_take(struct http_body *body, const char *bytes, size_t count);
/* Takes the end of the stream.  Returns 0 if the body is whole, else -ENODATA.
 */
int http_body_close(struct http_body *body);
bool http_body_complete(const struct http_body *body);

#endif
