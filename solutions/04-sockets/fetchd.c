/* fetchd [-t SECONDS] PORT DIR: serves the files of a directory, and takes new
 * ones.  The protocol is in proto.h.
 *
 * One connection carries one request after another.  After each the stream must
 * stand exactly at the beginning of the next: hence the body of an upload that
 * is refused is read all the same.  Where that is impossible (a line that makes
 * no sense, a body without end) the only way out is to say so and close. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "listen.h"
#include "options.h"
#include "reader.h"
#include "serve.h"
#include "store.h"
#include "talk.h"

enum { STALLED_S = 60 /* default of -t */ };

struct fetchd {
    struct store store;
    int stalled_s;
};

/* BEGIN SOLUTION 5 */
struct session {
    const struct store *store;
    struct reader reader;
    int fd;
};

static int send_ok(int fd, int64_t size_bytes)
{
    return talk_send_reply(fd, &(struct reply){.size_bytes = size_bytes});
}

static int send_error(int fd, enum reply_code code, const char *text)
{
    return talk_send_reply(fd, &(struct reply){.code = code,
                                               .text = text,
                                               .text_bytes = strlen(text)});
}

/* Tells the client of an error of ours without telling too much. */
static int send_errno(int fd, int error)
{
    switch (-error) {
    case EPERM:
        return send_error(fd, REPLY_FORBIDDEN, "no such name is served");
    case ENOENT:
        return send_error(fd, REPLY_NOT_FOUND, "no such file");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return send_error(fd, REPLY_FULL, "no space left");
    default:
        return send_error(fd, REPLY_TROUBLE, "trouble at the server");
    }
}

static int serve_get(struct session *session, const struct request *request)
{
    int64_t bytes;
    int file_fd =
        store_get(session->store, request->name, request->name_bytes, &bytes);
    if (file_fd < 0)
        return send_errno(session->fd, file_fd);
    int error = send_ok(session->fd, bytes);
    if (error == 0)
        error = talk_send_body(session->fd, file_fd, bytes);
    (void)close(file_fd); /* opened for reading: nothing can be lost */
    return error;
}

/* DOC: serve-put */
static int serve_put(struct session *session, const struct request *request)
{
    if (request->size_bytes > STORE_MAX_BYTES) {
        (void)send_error(session->fd, REPLY_TOO_LARGE, "too large");
        return -EFBIG; /* the connection ends in any case */
    }
    struct newfile file = {.fd = -1};
    int refused =
        store_put(session->store, request->name, request->name_bytes, &file);
    if (refused != 0)
        file.fd = -1;
    int trouble;
    int error =
        reader_copy(&session->reader, file.fd, request->size_bytes, &trouble);
    if (refused == 0 && (error != 0 || trouble != 0))
        newfile_abort(&file);
    else if (refused == 0)
        trouble = newfile_commit(&file);
    if (error != 0)
        return error; /* cut off: there is nobody to tell */
    if (refused != 0 || trouble != 0)
        return send_errno(session->fd, refused ? refused : trouble);
    return send_ok(session->fd, 0);
}

static int serve_request(struct session *session)
{
    struct request request;
    int error = talk_next_request(&session->reader, &request);
    if (error == -EBADMSG)
        (void)send_error(session->fd, REPLY_MALFORMED, "not a request");
    if (error != 0)
        return error; /* -ENODATA is the usual one: the client is done */
    if (request.verb == VERB_GET)
        return serve_get(session, &request);
    return serve_put(session, &request);
}

static void serve_client(int fd, void *context)
{
    const struct fetchd *fetchd = context;
    struct session session = {.store = &fetchd->store, .fd = fd};
    reader_init(&session.reader, fd);
    if (options_nodelay(fd) < 0 || options_deadline(fd, fetchd->stalled_s) < 0)
        return; /* the client was gone before it was served */
    while (serve_request(&session) == 0)
        ;
}

/* END SOLUTION */
//> /* Checkpoint 5.  `context` points to the struct fetchd. */
//> static void serve_client(int fd, void *context)
//> {
//>     (void)fd, (void)context;
//>     not_done(5, "serve_client() in fetchd.c");
//> }
//>
static int run(uint16_t port, struct fetchd *fetchd)
{
    int fd = listen_on(SOCK_STREAM, port);
    if (fd < 0) {
        complain("cannot listen on TCP port %d: %s", port, strerror(-fd));
        return EXIT_NETWORK;
    }
    struct service service = {
        .tcp_fd = fd, .udp_fd = -1, .client = serve_client, .context = fetchd};
    int error = serve(&service);
    if (error == 0)
        return 0;
    complain("cannot go on: %s", strerror(-error));
    return EXIT_NETWORK;
}

int main(int argc, char **argv)
{
    int64_t port, stalled_s = STALLED_S;
    int option, wrong = 0;
    while ((option = getopt(argc, argv, "t:")) != -1) {
        if (option != 't' || parse_number(optarg, 2, 3600, &stalled_s) < 0)
            wrong = 1;
    }
    if (wrong || optind != argc - 2 ||
        parse_number(argv[optind], 1, 65535, &port) < 0) {
        fputs("usage: fetchd [-t SECONDS] PORT DIR\n", stderr);
        return EXIT_USAGE;
    }
    static struct fetchd fetchd; /* threads may outlive main's frame */
    fetchd.stalled_s = (int)stalled_s;
    const char *dir = argv[optind + 1];
    int error = store_open(&fetchd.store, dir);
    if (error < 0) {
        complain("cannot serve %s: %s", dir, strerror(-error));
        return EXIT_FILE;
    }
    return run((uint16_t)port, &fetchd);
}
