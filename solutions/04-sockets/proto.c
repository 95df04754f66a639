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

//> #include "cli.h"
//>
/* BEGIN SOLUTION 5 */
enum { CODE_LOW = 400, CODE_HIGH = 599, CODE_DIGITS = 3 };

/* A cursor over one line, its LF excluded. */
struct span {
    const char *at, *end;
};

/* Finds the line at the beginning.  Returns its bytes with LF, or as parsers
 * do. */
static ssize_t find_line(const char *bytes, size_t count, struct span *line)
{
    size_t look = count < PROTO_LINE_BYTES ? count : PROTO_LINE_BYTES;
    const char *lf = memchr(bytes, '\n', look);
    if (lf == NULL)
        return look == PROTO_LINE_BYTES ? -EBADMSG : -EAGAIN;
    *line = (struct span){bytes, lf};
    return lf + 1 - bytes;
}

static bool take_text(struct span *line, const char *text)
{
    size_t bytes = strlen(text); /* of our own literal */
    if ((size_t)(line->end - line->at) < bytes ||
        memcmp(line->at, text, bytes) != 0)
        return false;
    line->at += bytes;
    return true;
}

/* DOC: take-number
 * Digits alone: strtoll() would accept blanks, a sign, and read past the end
 * of the span.  The test before the multiplication is the one that matters. */
static bool take_number(struct span *line, int64_t *number)
{
    const char *begin = line->at;
    int64_t value = 0;
    while (line->at < line->end && *line->at >= '0' && *line->at <= '9') {
        int digit = *line->at - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
        line->at++;
    }
    if (line->at == begin || (*begin == '0' && line->at - begin > 1))
        return false;
    *number = value;
    return true;
}

/* Takes at least one byte, up to a space or the end. */
static bool take_word(struct span *line, const char **word, size_t *bytes)
{
    size_t left = (size_t)(line->end - line->at);
    const char *space = memchr(line->at, ' ', left);
    *word = line->at;
    *bytes = space ? (size_t)(space - line->at) : left;
    line->at += *bytes;
    return *bytes > 0;
}

static bool at_end(const struct span *line)
{
    return line->at == line->end;
}

static bool take_request(struct span *line, struct request *request)
{
    request->size_bytes = 0;
    if (take_text(line, "GET ")) {
        request->verb = VERB_GET;
        return take_word(line, &request->name, &request->name_bytes);
    }
    request->verb = VERB_PUT;
    return take_text(line, "PUT ") &&
           take_word(line, &request->name, &request->name_bytes) &&
           take_text(line, " ") && take_number(line, &request->size_bytes);
}

static bool take_reply(struct span *line, struct reply *reply)
{
    *reply = (struct reply){.code = REPLY_OK};
    if (take_text(line, "OK "))
        return take_number(line, &reply->size_bytes);
    int64_t code;
    if (!take_text(line, "ERR ") || !take_number(line, &code) ||
        code < CODE_LOW || code > CODE_HIGH || !take_text(line, " "))
        return false;
    reply->code = (int)code;
    reply->text = line->at;
    reply->text_bytes = (size_t)(line->end - line->at);
    line->at = line->end;
    return true;
}

/* END SOLUTION */
/* DOC: request-parse */
ssize_t request_parse(const char *bytes, size_t count, struct request *request)
{
    /* BEGIN SOLUTION 5 */
    struct span line;
    ssize_t used = find_line(bytes, count, &line);
    if (used > 0 && !(take_request(&line, request) && at_end(&line)))
        return -EBADMSG;
    return used;
    /* END SOLUTION */
    //> (void)bytes, (void)count, (void)request;
    //> not_done(5, "request_parse() in proto.c");
}

ssize_t reply_parse(const char *bytes, size_t count, struct reply *reply)
{
    /* BEGIN SOLUTION 5 */
    struct span line;
    ssize_t used = find_line(bytes, count, &line);
    if (used > 0 && !(take_reply(&line, reply) && at_end(&line)))
        return -EBADMSG;
    return used;
    /* END SOLUTION */
    //> (void)bytes, (void)count, (void)reply;
    //> not_done(5, "reply_parse() in proto.c");
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
