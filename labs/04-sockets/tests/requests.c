/* Checkpoint 5, fetchd's requests: where one ends and the next begins, and what
 * is no request at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

static void put_file(struct pair *pair, const char *file, const char *text)
{
    file_mkdir(pair->net, "server:files");
    file_write(pair->net, file, text, strlen(text));
}

static void send_bytes(int fd, const char *data, size_t bytes)
{
    int error = sock_send(fd, data, bytes, PATIENCE);
    if (error != 0)
        test_fail("fetchd should take a request: %s", strerror(-error));
}

START_TEST(several_requests_in_one_segment)
{
    struct pair pair = pair_new("delay 20ms loss 1%");
    put_file(&pair, "server:files/greeting", "hello");
    put_file(&pair, "server:files/empty", "");
    start_fetchd(&pair);
    int fd = connect_to(&pair, FILE_PORT);
    static const char requests[] = "GET greeting\nPUT new 3\nx\nzGET new\n"
                                   "GET absent\nGET empty\nPUT none 0\n"
                                   "GET greeting\n";
    step("send seven requests at once");
    send_bytes(fd, requests, sizeof(requests) - 1);
    expect_ok(fd, 5);
    expect_body(fd, "hello", 5);
    expect_ok(fd, 0); /* of PUT new */
    expect_ok(fd, 3);
    expect_body(fd, "x\nz", 3);
    expect_error(fd, 404, "a name that is absent");
    expect_ok(fd, 0); /* of GET empty */
    expect_ok(fd, 0); /* of PUT none */
    expect_ok(fd, 5);
    expect_body(fd, "hello", 5);
    sock_half_close(fd);
    expect_end_of_stream(fd, "fetchd");
    expect_equal(file_size(pair.net, "server:files/none"), 0,
                 "size of the file that PUT none 0 should make");
}
END_TEST

START_TEST(request_in_many_segments)
{
    struct pair pair = pair_new("delay 5ms 3ms");
    put_file(&pair, "server:files/greeting", "hello");
    struct proc *fetchd = start_fetchd(&pair);
    int fd = connect_to(&pair, FILE_PORT);
    send_dribbling(fd, "GET gree", 8);
    await_read(fetchd, FILE_PORT);
    send_dribbling(fd, "ting\n", 5);
    expect_ok(fd, 5);
    expect_body(fd, "hello", 5);
    send_dribbling(fd, "PUT dribbled 10\n0123", 20);
    await_read(fetchd, FILE_PORT);
    send_dribbling(fd, "456789GET dribbled\n", 19);
    expect_ok(fd, 0);
    expect_ok(fd, 10);
    expect_body(fd, "0123456789", 10);
}
END_TEST

struct bad_name {
    const char *what, *bytes;
    size_t count;
};
#define NAME(what, text)                                                       \
    {                                                                          \
        what, text, sizeof(text) - 1                                           \
    }

/* Adds bytes to a request that is being built. */
static size_t append(char *request, size_t at, const char *bytes, size_t count)
{
    memcpy(request + at, bytes, count);
    return at + count;
}

static void send_with_name(int fd, const char *verb,
                           const struct bad_name *name, const char *rest)
{
    char request[1024];
    size_t n = append(request, 0, verb, strlen(verb));
    n = append(request, n, name->bytes, name->count);
    n = append(request, n, rest, strlen(rest));
    send_bytes(fd, request, n);
}

static void expect_name_refused(int fd, const struct bad_name *name)
{
    step("ask for a name with %s", name->what);
    send_with_name(fd, "GET ", name, "\n");
    expect_error(fd, 403, "a GET of a forbidden name");
    step("upload to it");
    send_with_name(fd, "PUT ", name, " 5\nEVIL!");
    expect_error(fd, 403, "a PUT to a forbidden name");
}

START_TEST(names_do_not_lead_out)
{
    static char long_name[256];
    memset(long_name, 'n', sizeof(long_name));
    const struct bad_name names[] = {
        NAME("dots alone", ".."),
        NAME("a way up", "../secret"),
        NAME("a way down and up", "x/../../secret"),
        NAME("a slash", "dir/file"),
        NAME("a slash first", "/etc/passwd"),
        NAME("a dot first", ".hidden"),
        NAME("a NUL inside", "greeting\0/../secret"),
        NAME("a control byte", "a\rb"),
        {"256 bytes", long_name, 256},
    };
    struct pair pair = pair_new("delay 5ms 2ms loss 2%");
    put_file(&pair, "server:files/greeting", "hello");
    file_write(pair.net, "server:secret", "do not tell", 11);
    start_fetchd(&pair);
    int fd = connect_to(&pair, FILE_PORT);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        expect_name_refused(fd, &names[i]);
    step("the connection is still in step, and 255 bytes are a fair name");
    char request[300];
    snprintf(request, sizeof(request), "PUT %.255s 4\nfair", long_name);
    send_bytes(fd, request, strlen(request));
    expect_ok(fd, 0);
    send_bytes(fd, "GET greeting\n", 13);
    expect_ok(fd, 5);
    expect_body(fd, "hello", 5);
    expect_equal(file_count(pair.net, "server:files"), 2,
                 "files in the served directory");
    size_t bytes;
    char *secret = file_read(pair.net, "server:secret", &bytes);
    expect_text(secret ? secret : "", "do not tell",
                "the file beside the directory");
    free(secret);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    static const char *const nonsense[] = {
        "HELLO\n",
        "GET\n",
        "GET \n",
        "GET a b\n",
        "get a\n",
        "PUT a\n",
        "PUT a \n",
        "PUT a -1\n",
        "PUT a +1\n",
        "PUT a 0x10\n",
        "PUT a 1 2\n",
        "PUT a 01\n",
        "PUT a 1k\n",
        "\n",
        " GET a\n",
        "GET  a\n",
        "PUT a 9223372036854775808\n",
        "PUT a 99999999999999999999999999\n",
    };
    struct pair pair = pair_new("delay 2ms 1ms duplicate 10%");
    struct proc *fetchd = start_fetchd(&pair);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        int fd = connect_to(&pair, FILE_PORT);
        step("send line %zu of nonsense: %.*s", i,
             (int)strcspn(nonsense[i], "\n"), nonsense[i]);
        send_bytes(fd, nonsense[i], strlen(nonsense[i]));
        expect_error(fd, 400, "nonsense");
        expect_end_of_stream(fd, "fetchd");
        close(fd);
    }
    step("send 2000 bytes without LF");
    char endless[2000];
    memset(endless, 'A', sizeof(endless));
    int fd = connect_to(&pair, FILE_PORT);
    send_bytes(fd, endless, sizeof(endless));
    expect_error(fd, 400, "a line without end");
    expect_equal(file_count(pair.net, "server:files"), 0,
                 "files that nonsense has made");
    expect_running(fetchd);
}
END_TEST

/* The reply is lost on its way.  Its sender must still be there to send it
 * again, although it has more unread bytes than it will ever want. */
START_TEST(a_refusal_arrives)
{
    struct pair pair = pair_new("delay 10ms");
    start_fetchd(&pair);
    int fd = connect_to(&pair, FILE_PORT);
    link_script(pair.link, "drop first 1 of \"tcp[tcpflags] & tcp-push != 0\" "
                           "server->client");
    enum { WASTE_BYTES = 300000 };
    char *waste = calloc(1, WASTE_BYTES);
    append(waste, 0, "NONSENSE\n", 9);
    step("send nonsense and 300 kB more; the first reply gets lost");
    (void)sock_send(fd, waste, WASTE_BYTES, PATIENCE); /* or a part of it */
    expect_error(fd, 400, "nonsense");
    expect_end_of_stream(fd, "fetchd");
    need_faults(pair.net, FATE_LOST, "src host server", 1);
    free(waste);
}
END_TEST

START_TEST(talks_to_nc)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    put_file(&pair, "server:files/one", "first");
    put_file(&pair, "server:files/two", "second");
    start_fetchd(&pair);
    const char *const argv[] = {"-N", "server", FILE_PORT_TEXT, NULL};
    struct start_options options = {.stdin_open = true};
    struct proc *nc = host_start_with(pair.client, peer("nc"), &options, argv);
    proc_feed(nc, "GET one\nGET two\n", 16);
    proc_close_stdin(nc);
    expect_exit(nc, 0, SECONDS(10));
    expect_text(proc_stdout(nc, NULL), "OK 5\nfirstOK 6\nsecond",
                "what nc printed");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(several_requests_in_one_segment),
        .id = "04.5.several_requests_in_one_segment",
        .title = "Seven requests sent at once get seven replies",
        .checkpoint = 5,
        .points = 1,
        .why = "A client that knows what it wants does not wait for answers "
               "first.",
        .cause = "one read was taken for one request: what came behind the "
                 "line, or behind a body, was thrown away.  Keep it; it is the "
                 "beginning of the next request.",
        .see = "README.md#streams-have-no-boundaries",
    },
    {
        TEST(request_in_many_segments),
        .id = "04.5.request_in_many_segments",
        .title = "A request that comes byte by byte is a request",
        .checkpoint = 5,
        .points = 1,
        .why = "Somebody types it; or a middlebox cuts it.",
        .cause = "one read was taken for one request: the parser must be able "
                 "to say \"not yet\" (-EAGAIN) and be asked again.",
        .see = "README.md#streams-have-no-boundaries",
    },
    {
        TEST(names_do_not_lead_out),
        .id = "04.5.names_do_not_lead_out",
        .title = "Names with a slash, dots, NUL or 256 bytes are refused",
        .checkpoint = 5,
        .points = 2,
        .why = "Path traversal has been in every top-ten list of holes since "
               "there are lists.",
        .cause = "say what is allowed and refuse the rest, by count, not as a "
                 "string: after a NUL a string ends and a name does not.  The "
                 "body of a refused PUT has to be read all the same.",
        .see = "README.md#the-file-service",
    },
    {
        TEST(nonsense_is_refused),
        .id = "04.5.nonsense_is_refused",
        .title = "What is no request gets ERR 400 and the end",
        .checkpoint = 5,
        .points = 1,
        .why = "Two programs that read a doubtful line differently can be "
               "played against each other.",
        .cause = "sscanf, strtol and atoi accept signs, blanks, tails, and "
                 "overflow.  And a line must not grow for ever.",
        .see = "README.md#the-file-service",
    },
    {
        TEST(a_refusal_arrives),
        .id = "04.5.a_refusal_arrives",
        .title = "The last reply arrives even if its segment is lost",
        .checkpoint = 5,
        .points = 1,
        .why = "\"Connection reset\" instead of the reason costs somebody a "
               "day.",
        .cause = "close with unread bytes sends RST, and a reset connection "
                 "sends nothing again.  shutdown(SHUT_WR), read and discard "
                 "until the client closes (or a deadline), then close.",
        .see = "RFC 2525 section 2.17",
    },
    {
        TEST(talks_to_nc),
        .id = "04.5.talks_to_nc",
        .title = "nc asks for two files, half-closes, and gets both",
        .checkpoint = 5,
        .points = 1,
        .why = "A text protocol is one that can be tried by hand.",
        .cause = "the client's FIN means that no more requests come, not that "
                 "replies are no longer wanted.",
        .see = "README.md#half-close",
    },
};
THEME(request_theme, tests)
