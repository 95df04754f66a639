/* fetch [-p] [-f] [-t SECONDS] HOST PORT NAME FILE [NAME FILE]…: gets files
 * from fetchd, or puts them there (-p), all on one connection.  The protocol is
 * in proto.h.
 *
 * What came is not believed before it is all there: a file that is fetched gets
 * its name when its last byte has arrived. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "dial.h"
#include "newfile.h"
#include "reader.h"
#include "talk.h"

enum { STALLED_S = 30 /* default of -t */ };

/* BEGIN SOLUTION 5 */
/* One NAME FILE of the command line, and the connection it travels on.  Each
 * function below returns an exit status, having complained if it is not 0. */
struct item {
    struct reader *reader;
    const char *name, *file;
};

static int lost(const struct item *item, int error)
{
    const char *why =
        error == -ENODATA ? "the server closed too soon" : strerror(-error);
    complain("%s: %s", item->name, why);
    return EXIT_NETWORK;
}

static int file_trouble(const struct item *item, int error)
{
    complain("%s: %s", item->file, strerror(-error));
    return EXIT_FILE;
}

/* The server's text goes to a terminal: control bytes could do things there. */
static int refused(const struct item *item, const struct reply *reply)
{
    char text[PROTO_LINE_BYTES];
    for (size_t i = 0; i < reply->text_bytes; i++) {
        char c = reply->text[i];
        text[i] = c >= ' ' && c < 0x7f ? c : '?';
    }
    complain("%s: the server says %d: %.*s", item->name, reply->code,
             (int)reply->text_bytes, text);
    return EXIT_REFUSED;
}

static int send_request(const struct item *item, enum verb verb, int64_t bytes)
{
    struct request request = {.verb = verb,
                              .name = item->name,
                              .name_bytes = strlen(item->name),
                              .size_bytes = bytes};
    int error = talk_send_request(item->reader->fd, &request);
    if (error == 0)
        return 0;
    if (error != -EINVAL && error != -EMSGSIZE)
        return lost(item, error);
    complain("%s: such a name cannot be sent", item->name);
    return EXIT_USAGE;
}

/* Waits until the server has said OK. */
static int await_ok(const struct item *item, int64_t *size_bytes)
{
    struct reply reply;
    int error = talk_next_reply(item->reader, &reply);
    if (error == -EBADMSG) {
        complain("%s: that is no reply of a file service", item->name);
        return EXIT_PROTOCOL;
    }
    if (error != 0)
        return lost(item, error);
    if (reply.code != REPLY_OK)
        return refused(item, &reply);
    *size_bytes = reply.size_bytes;
    return 0;
}

static int receive_body(const struct item *item, int file_fd, int64_t bytes)
{
    int trouble;
    int error = reader_copy(item->reader, file_fd, bytes, &trouble);
    if (error != 0)
        return lost(item, error);
    return trouble != 0 ? file_trouble(item, trouble) : 0;
}

/* DOC: receive-new */
static int receive_new(const struct item *item, int dir_fd, const char *base,
                       int64_t bytes)
{
    if (strlen(base) > NAME_MAX_BYTES)
        return file_trouble(item, -ENAMETOOLONG);
    struct newfile file;
    int error = newfile_begin(&file, dir_fd, base, strlen(base));
    if (error != 0)
        return file_trouble(item, error);
    int status = receive_body(item, file.fd, bytes);
    if (status != 0) {
        newfile_abort(&file);
        return status;
    }
    error = newfile_commit(&file);
    return error != 0 ? file_trouble(item, error) : 0;
}

/* Opens the directory a file is in.  Returns its fd, or -errno. */
static int open_dir_of(const char *file, const char **base)
{
    const char *slash = strrchr(file, '/');
    *base = slash ? slash + 1 : file;
    char *dir = slash ? strndup(file, (size_t)(slash + 1 - file)) : strdup(".");
    if (dir == NULL)
        return -ENOMEM;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = errno;
    free(dir);
    return fd < 0 ? -error : fd;
}

/* A pipe or a device (/dev/null) stays what it is and gets the bytes. */
static bool takes_bytes_in_place(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 && !S_ISREG(status.st_mode);
}

static int receive_file(const struct item *item, int64_t bytes)
{
    const char *base = NULL;
    bool in_place = takes_bytes_in_place(item->file);
    int fd = in_place ? open(item->file, O_WRONLY | O_CLOEXEC)
                      : open_dir_of(item->file, &base);
    if (fd < 0)
        return file_trouble(item, in_place ? -errno : fd);
    int status = in_place ? receive_body(item, fd, bytes)
                          : receive_new(item, fd, base, bytes);
    if (close(fd) < 0 && status == 0 && in_place)
        status = file_trouble(item, -errno);
    return status;
}

static int get_file(const struct item *item)
{
    int64_t bytes = 0;
    int status = send_request(item, VERB_GET, 0);
    if (status == 0)
        status = await_ok(item, &bytes);
    return status != 0 ? status : receive_file(item, bytes);
}

/* DOC: put-body
 * A server that refuses in the midst of a body answers and closes, and our next
 * write fails.  What it said is still there to be read, and tells more. */
static int put_body(const struct item *item, int file_fd, int64_t bytes)
{
    int error = talk_send_body(item->reader->fd, file_fd, bytes);
    if (error == -EIO)
        return file_trouble(item, error);
    if (error != 0 && error != -EPIPE && error != -ECONNRESET)
        return lost(item, error);
    int64_t none;
    int status = await_ok(item, &none);
    return status == 0 && error != 0 ? lost(item, error) : status;
}

static int put_file(const struct item *item)
{
    int fd = open(item->file, O_RDONLY | O_CLOEXEC);
    struct stat state;
    if (fd < 0 || fstat(fd, &state) < 0)
        return file_trouble(item, -errno);
    int status = EXIT_FILE;
    if (!S_ISREG(state.st_mode))
        complain("%s: not a regular file: its size is not known", item->file);
    else
        status = send_request(item, VERB_PUT, state.st_size);
    if (status == 0)
        status = put_body(item, fd, state.st_size);
    (void)close(fd); /* opened for reading: nothing can be lost */
    return status;
}

/* Is the stream still at the beginning of a reply? */
static bool in_step(int status)
{
    return status == 0 || status == EXIT_REFUSED;
}

/* END SOLUTION */
struct options {
    bool put;
    struct dial_options dial;
    const char *host, *port;
};

/* Carries out all NAME FILE pairs of the command line.
 * Returns the first exit status that is not 0. */
static int run(const struct options *options, char **pairs)
{
    int fd = dial(options->host, options->port, &options->dial);
    if (fd < 0) {
        complain("cannot reach %s port %s: %s", options->host, options->port,
                 dial_strerror(fd));
        return EXIT_NETWORK;
    }
    /* BEGIN SOLUTION 5 */
    static struct reader reader; /* too large for a stack frame */
    reader_init(&reader, fd);
    int status = 0, last = 0;
    for (; *pairs != NULL && in_step(last); pairs += 2) {
        struct item item = {&reader, pairs[0], pairs[1]};
        last = options->put ? put_file(&item) : get_file(&item);
        if (status == 0)
            status = last;
    }
    (void)close(fd); /* every answer we wanted is here */
    return status;
    /* END SOLUTION */
    //> (void)pairs;
    //> not_done(5, "run() in fetch.c");
}

int main(int argc, char **argv)
{
    struct options options = {.dial = {.type = SOCK_STREAM}};
    int64_t port, deadline_s = STALLED_S;
    int option, wrong = 0;
    while ((option = getopt(argc, argv, "pft:")) != -1) {
        if (option == 'p')
            options.put = true;
        else if (option == 'f')
            options.dial.fast_open = true;
        else if (option != 't' ||
                 parse_number(optarg, 1, 3600, &deadline_s) < 0)
            wrong = 1;
    }
    int left = argc - optind;
    if (wrong || left < 4 || left % 2 != 0 ||
        parse_number(argv[optind + 1], 1, 65535, &port) < 0) {
        fputs("usage: fetch [-p] [-f] [-t SECONDS] HOST PORT NAME FILE "
              "[NAME FILE]...\n",
              stderr);
        return EXIT_USAGE;
    }
    options.dial.deadline_s = (int)deadline_s;
    options.host = argv[optind];
    options.port = argv[optind + 1];
    signal(SIGPIPE, SIG_IGN); /* a server that left is an error, not our end */
    return run(&options, argv + optind + 2);
}
