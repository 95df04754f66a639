/* As much HTTP/1.1 as one GET needs; see http.h.  There is nothing to write
 * here.
 *
 *      reply  = "HTTP/1.1 200 OK" CRLF *(name ":" value CRLF) CRLF  body
 *
 *      body   = Content-Length bytes
 *             | *(size-in-hex CRLF bytes CRLF) "0" CRLF *(line CRLF) CRLF
 *             | all up to the end of the connection
 *
 * (RFC 9112 sections 4, 6, 7.1.)  What is ambiguous is refused: two lengths
 * that differ, a length and chunks, a field name with a blank before its colon.
 * Lab 14 shows what happens to those who guess. */
#include "http.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    DEFAULT_PORT = 80,
    HOST_MAX_BYTES = 253,
    STATUS_LINE_BYTES = 13, /* "HTTP/1.1 200 " */
    CHUNK_LINE_BYTES = 1024,
};

/* ---- The request --------------------------------------------------------- */

bool http_path_allowed(const char *path)
{
    if (path[0] != '/' || strlen(path) > HTTP_PATH_BYTES)
        return false;
    for (; *path; path++) {
        if (*path <= ' ' || *path >= 0x7f)
            return false;
    }
    return true;
}

bool http_host_allowed(const char *host)
{
    size_t bytes = strlen(host);
    for (const char *c = host; *c; c++) {
        if (!isalnum((unsigned char)*c) && strchr("-._:%", *c) == NULL)
            return false;
    }
    return bytes > 0 && bytes <= HOST_MAX_BYTES;
}

/* An IPv6 address stands in brackets, lest its colons be taken for a port. */
int http_request(char *text, size_t size, const char *host, unsigned port,
                 const char *path)
{
    bool brackets = strchr(host, ':') != NULL;
    char suffix[8] = "";
    if (port != DEFAULT_PORT)
        snprintf(suffix, sizeof(suffix), ":%u", port);
    int bytes =
        snprintf(text, size,
                 "GET %s HTTP/1.1\r\n"
                 "Host: %s%s%s%s\r\n"
                 "User-Agent: probe\r\n"
                 "Accept: */*\r\n"
                 "Connection: close\r\n"
                 "\r\n",
                 path, brackets ? "[" : "", host, brackets ? "]" : "", suffix);
    return bytes < 0 || (size_t)bytes >= size ? -EMSGSIZE : bytes;
}

/* ---- The head ------------------------------------------------------------ */

/* A span of the caller's bytes. */
struct span {
    const char *at;
    size_t bytes;
};

static bool span_is(struct span span, const char *word)
{
    return span.bytes == strlen(word) &&
           strncasecmp(span.at, word, span.bytes) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct span trim(struct span span)
{
    while (span.bytes > 0 && is_blank(span.at[0])) {
        span.at++;
        span.bytes--;
    }
    while (span.bytes > 0 && is_blank(span.at[span.bytes - 1]))
        span.bytes--;
    return span;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be empty, even its blank be missing. */
static int parse_status(struct span line, struct http_head *head)
{
    const char *c = line.at;
    bool fits = line.bytes >= STATUS_LINE_BYTES - 1 &&
                strncmp(c, "HTTP/1.", 7) == 0 && is_digit(c[7]) &&
                c[8] == ' ' && is_digit(c[9]) && is_digit(c[10]) &&
                is_digit(c[11]);
    if (!fits || (line.bytes >= STATUS_LINE_BYTES && c[12] != ' '))
        return -EBADMSG;
    head->status = (c[9] - '0') * 100 + (c[10] - '0') * 10 + (c[11] - '0');
    return head->status >= 100 && head->status <= 599 ? 0 : -EBADMSG;
}

static int parse_length(struct span value, struct http_head *head)
{
    int64_t length = 0;
    if (value.bytes == 0 || value.bytes > 18) /* below 2^63 whatever it is */
        return -EBADMSG;
    for (size_t i = 0; i < value.bytes; i++) {
        if (!is_digit(value.at[i]))
            return -EBADMSG;
        length = length * 10 + (value.at[i] - '0');
    }
    if (head->content_bytes >= 0 && head->content_bytes != length)
        return -EBADMSG;
    head->content_bytes = length;
    return 0;
}

static int parse_field(struct span line, struct http_head *head)
{
    const char *colon = memchr(line.at, ':', line.bytes);
    if (colon == NULL || colon == line.at || is_blank(colon[-1]) ||
        is_blank(line.at[0]))
        return -EBADMSG;
    struct span name = {line.at, (size_t)(colon - line.at)};
    struct span value = {colon + 1, line.bytes - name.bytes - 1};
    value = trim(value);
    if (span_is(name, "content-length"))
        return parse_length(value, head);
    if (!span_is(name, "transfer-encoding"))
        return 0;
    head->chunked = span_is(value, "chunked");
    return head->chunked ? 0 : -EBADMSG; /* we asked for nothing else */
}

/* A reply that has no body, whatever its fields say (RFC 9112 section 6.3). */
static bool has_no_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

static int finish_head(struct http_head *head)
{
    if (head->chunked && head->content_bytes >= 0)
        return -EBADMSG;
    if (has_no_body(head->status)) {
        head->chunked = false;
        head->content_bytes = 0;
    }
    return 0;
}

/* The line that begins at `at`, without its CRLF.  Returns its bytes with it,
 * or -EAGAIN, or -EBADMSG: CR and LF stand together, and NUL nowhere. */
static ssize_t take_line(const char *at, size_t count, struct span *line)
{
    const char *end = memchr(at, '\n', count);
    size_t bytes = end ? (size_t)(end - at) : count;
    if (memchr(at, '\0', bytes))
        return -EBADMSG;
    const char *cr = memchr(at, '\r', bytes);
    if (cr && cr != at + bytes - 1)
        return -EBADMSG;
    if (end == NULL)
        return -EAGAIN;
    if (cr == NULL)
        return -EBADMSG;
    *line = (struct span){at, bytes - 1};
    return (ssize_t)bytes + 1;
}

static ssize_t parse_lines(const char *bytes, size_t count,
                           struct http_head *head)
{
    size_t used = 0;
    for (bool first = true;; first = false) {
        struct span line;
        ssize_t n = take_line(bytes + used, count - used, &line);
        if (n < 0)
            return n;
        used += (size_t)n;
        if (!first && line.bytes == 0)
            return (ssize_t)used;
        int error = first ? parse_status(line, head) : parse_field(line, head);
        if (error < 0)
            return error;
    }
}

ssize_t http_head_parse(const char *bytes, size_t count, struct http_head *head)
{
    size_t looked_at = count < HTTP_HEAD_BYTES ? count : HTTP_HEAD_BYTES;
    *head = (struct http_head){.content_bytes = -1};
    ssize_t used = parse_lines(bytes, looked_at, head);
    if (used == -EAGAIN && count >= HTTP_HEAD_BYTES)
        return -EBADMSG;
    if (used > 0 && finish_head(head) < 0)
        return -EBADMSG;
    return used;
}

/* ---- The body ------------------------------------------------------------ */

static void begin_line(struct http_body *body, enum http_body_state state)
{
    body->state = state;
    body->line_bytes = 0;
    body->chunk_bytes = -1;
    body->chunk_extension = false;
}

void http_body_begin(struct http_body *body, const struct http_head *head)
{
    *body = (struct http_body){.state = BODY_DATA, .left = head->content_bytes};
    if (head->chunked)
        begin_line(body, BODY_CHUNK_SIZE);
    else if (head->content_bytes == 0)
        body->state = BODY_COMPLETE;
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digits of a size, up to the blank or semicolon that ends them. */
static int take_size(struct http_body *body, char c)
{
    int digit = hex_digit(c);
    if (body->chunk_extension)
        return 0;
    if (digit >= 0 && body->chunk_bytes < INT64_C(1) << 56) {
        int64_t before = body->chunk_bytes < 0 ? 0 : body->chunk_bytes;
        body->chunk_bytes = before * 16 + digit;
        return 0;
    }
    body->chunk_extension = body->chunk_bytes >= 0 && (c == ';' || is_blank(c));
    return body->chunk_extension ? 0 : -EBADMSG;
}

/* The end of a line says what comes next. */
static void end_line(struct http_body *body)
{
    bool empty = body->line_bytes == 0;
    if (body->state == BODY_CHUNK_SIZE && body->chunk_bytes > 0) {
        body->left = body->chunk_bytes;
        body->state = BODY_CHUNK_DATA;
    } else if (body->state == BODY_CHUNK_END) {
        begin_line(body, BODY_CHUNK_SIZE);
    } else if (body->state == BODY_TRAILER && empty) {
        body->state = BODY_COMPLETE;
    } else {
        begin_line(body, BODY_TRAILER);
    }
}

/* A byte of a line.  A CR is not counted; what matters is whether the line is
 * empty. */
static int take_line_byte(struct http_body *body, char c)
{
    if (c == '\n') {
        if (body->state == BODY_CHUNK_SIZE && body->chunk_bytes < 0)
            return -EBADMSG;
        end_line(body);
        return 0;
    }
    if (c == '\r')
        return 0;
    if (body->state == BODY_CHUNK_END || ++body->line_bytes > CHUNK_LINE_BYTES)
        return -EBADMSG;
    return body->state == BODY_CHUNK_SIZE ? take_size(body, c) : 0;
}

/* Takes content.  Returns how many bytes it was. */
static size_t take_data(struct http_body *body, size_t count)
{
    if (body->left >= 0 && (uint64_t)body->left < count)
        count = (size_t)body->left;
    body->bytes += (int64_t)count;
    if (body->left < 0)
        return count;
    body->left -= (int64_t)count;
    if (body->left > 0)
        return count;
    if (body->state == BODY_DATA)
        body->state = BODY_COMPLETE;
    else
        begin_line(body, BODY_CHUNK_END);
    return count;
}

int http_body_take(struct http_body *body, const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count && body->state != BODY_COMPLETE) {
        if (body->state == BODY_DATA || body->state == BODY_CHUNK_DATA) {
            at += take_data(body, count - at);
        } else {
            int error = take_line_byte(body, bytes[at++]);
            if (error < 0)
                return error;
        }
    }
    return 0;
}

int http_body_close(struct http_body *body)
{
    if (body->state == BODY_DATA && body->left < 0)
        body->state = BODY_COMPLETE;
    return body->state == BODY_COMPLETE ? 0 : -ENODATA;
}

bool http_body_complete(const struct http_body *body)
{
    return body->state == BODY_COMPLETE;
}
