/* Checkpoint 5, fetchd's uploads: whole or not at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

enum { UPLOAD_BYTES = 1000000, SENT_BYTES = 200000 };

static void put_old(struct pair *pair)
{
    file_mkdir(pair->net, "server:files");
    file_write(pair->net, "server:files/doc", "old", 3);
}

/* Begins an upload over "doc" and sends a part of it. */
static int begin_upload(struct pair *pair)
{
    int fd = connect_to(pair, FILE_PORT);
    char *data = calloc(1, SENT_BYTES);
    int n = snprintf(data, SENT_BYTES, "PUT doc %d\n", UPLOAD_BYTES);
    step("send %d of the %d bytes of an upload", SENT_BYTES - n, UPLOAD_BYTES);
    int error = sock_send(fd, data, SENT_BYTES, SECONDS(10));
    if (error != 0)
        test_fail("fetchd should take the upload: %s", strerror(-error));
    free(data);
    return fd;
}

/* Waits until the directory holds `count` files. */
static void expect_count(struct pair *pair, int count, const char *when)
{
    int64_t deadline_ns = clock_now_ns() + SECONDS(5);
    struct timespec pause = {.tv_nsec = 10000000};
    int now;
    while ((now = file_count(pair->net, "server:files")) != count &&
           clock_now_ns() < deadline_ns)
        nanosleep(&pause, NULL); /* between two looks at a directory */
    expect_equal(now, count, "%s the served directory holds %d file(s)", when,
                 now);
}

/* Gives fetchd time to begin an upload: until the directory holds `count`
 * files. One that gives a file no name before it is whole never gets there. */
static void settle(struct pair *pair, int count)
{
    int64_t deadline_ns = clock_now_ns() + MSECONDS(500);
    struct timespec pause = {.tv_nsec = 5000000};
    while (file_count(pair->net, "server:files") < count &&
           clock_now_ns() < deadline_ns)
        nanosleep(&pause, NULL); /* between two looks at a directory */
}

static void expect_doc(struct pair *pair, const char *text)
{
    int fd = connect_to(pair, FILE_PORT);
    sock_puts(fd, "GET doc\n");
    expect_ok(fd, (int64_t)strlen(text));
    expect_body(fd, text, strlen(text));
    close(fd);
}

START_TEST(a_cut_upload_leaves_nothing)
{
    struct pair pair = pair_new("delay 10ms loss 2%");
    put_old(&pair);
    struct proc *fetchd = start_fetchd(&pair);
    struct holdings before = proc_holdings(fetchd);
    int fd = begin_upload(&pair);
    step("reset the connection");
    sock_reset(fd);
    expect_let_go(fetchd, before, SECONDS(5), "after a reset");
    expect_count(&pair, 1, "after a reset in an upload");
    fd = begin_upload(&pair);
    step("end the stream, 800 kB too soon");
    sock_half_close(fd);
    expect_let_go(fetchd, before, SECONDS(5), "after a FIN");
    expect_count(&pair, 1, "after a FIN in an upload");
    close(fd);
    expect_doc(&pair, "old");
}
END_TEST

START_TEST(a_stalled_upload_is_let_go)
{
    struct pair pair = pair_new("delay 5ms");
    put_old(&pair);
    struct proc *fetchd = host_start(pair.server, program("fetchd"), "-t", "2",
                                     FILE_PORT_TEXT, "files");
    await_server(fetchd, FILE_PORT);
    struct holdings before = proc_holdings(fetchd);
    int slow = connect_to(&pair, FILE_PORT);
    step("one client stops in the midst of a request line");
    sock_puts(slow, "GET do");
    begin_upload(&pair);
    step("the link goes down in the midst of an upload");
    link_down(pair.link);
    expect_let_go(fetchd, before, SECONDS(7),
                  "2 s (-t 2) after nothing has moved");
    link_up(pair.link);
    expect_count(&pair, 1, "after a stalled upload");
    expect_doc(&pair, "old");
}
END_TEST

START_TEST(a_killed_server_leaves_nothing)
{
    struct pair pair = pair_new("delay 5ms");
    put_old(&pair);
    struct proc *fetchd = start_fetchd(&pair);
    begin_upload(&pair);
    settle(&pair, 2);
    step("kill fetchd, and start it again");
    proc_kill(fetchd);
    start_fetchd(&pair);
    expect_count(&pair, 1, "after the restart");
    expect_doc(&pair, "old");
}
END_TEST

START_TEST(readers_see_old_or_new)
{
    struct pair pair = pair_new("delay 10ms loss 1%");
    put_old(&pair);
    start_fetchd(&pair);
    int first = connect_to(&pair, FILE_PORT);
    int second = connect_to(&pair, FILE_PORT);
    step("begin two uploads of the same name");
    sock_puts(first, "PUT doc 10\nfirst");
    settle(&pair, 2);
    expect_doc(&pair, "old");
    sock_puts(second, "PUT doc 6\nsec");
    settle(&pair, 3);
    expect_doc(&pair, "old");
    step("end the second upload");
    sock_puts(second, "ond");
    expect_ok(second, 0);
    expect_doc(&pair, "second");
    step("end the first upload");
    sock_puts(first, "upper");
    expect_ok(first, 0);
    expect_doc(&pair, "firstupper");
    expect_count(&pair, 1, "after both");
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    struct pair pair = pair_new("delay 5ms");
    file_quota(pair.net, "server:files", 128 * 1024);
    struct proc *fetchd =
        host_start(pair.server, program("fetchd"), FILE_PORT_TEXT, "files");
    await_server(fetchd, FILE_PORT);
    int fd = connect_to(&pair, FILE_PORT);
    enum { LINE_BYTES = 13, BODY_BYTES = 400000 };
    char *data = calloc(1, LINE_BYTES + BODY_BYTES);
    memcpy(data, "PUT a 400000\n", LINE_BYTES);
    step("upload 400 kB to a disk with 128 KiB left");
    int error = sock_send(fd, data, LINE_BYTES + BODY_BYTES, PATIENCE);
    if (error != 0)
        test_fail("fetchd should read the upload to its end: %s",
                  strerror(-error));
    expect_error(fd, 507, "an upload for which there is no space");
    sock_puts(fd, "PUT b 5\nsmall");
    expect_ok(fd, 0);
    expect_count(&pair, 1, "after an upload that failed and one that fits");
    free(data);
}
END_TEST

START_TEST(a_giant_is_refused)
{
    struct pair pair = pair_new("delay 5ms loss 1%");
    put_old(&pair);
    start_fetchd(&pair);
    int fd = connect_to(&pair, FILE_PORT);
    step("announce an upload of 2^40 + 1 bytes");
    sock_puts(fd, "PUT doc 1099511627777\nsome of it");
    expect_error(fd, 413, "an upload over the limit");
    expect_end_of_stream(fd, "fetchd");
    expect_doc(&pair, "old");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(a_cut_upload_leaves_nothing),
        .id = "04.5.a_cut_upload_leaves_nothing",
        .title = "An upload that breaks off changes nothing",
        .checkpoint = 5,
        .points = 2,
        .why = "Half a file under the right name is the worst of all results.",
        .cause = "the upload is written to its own name, or the temporary file "
                 "is not removed on every way out, or the end of the stream "
                 "(read returned 0) is taken for the end of the body.",
        .see = "README.md#whole-or-not-at-all",
    },
    {
        TEST(a_stalled_upload_is_let_go),
        .id = "04.5.a_stalled_upload_is_let_go",
        .lasts_s = 4,
        .title = "Who says nothing in mid-request is let go after -t seconds",
        .checkpoint = 5,
        .points = 1,
        .why = "A client that sends a byte an hour costs a thread for ever.",
        .cause = "a read without a deadline.  SO_RCVTIMEO gives a blocking "
                 "read one: it then says EAGAIN.",
        .see = "README.md#who-vanishes",
    },
    {
        TEST(a_killed_server_leaves_nothing),
        .id = "04.5.a_killed_server_leaves_nothing",
        .title = "What a killed server left is gone after its restart",
        .checkpoint = 5,
        .points = 1,
        .why = "Leftovers of every crash fill a disk in the end.",
        .cause = "temporary files must be recognisable by their name, and be "
                 "removed when the server starts.",
        .see = "README.md#whole-or-not-at-all",
    },
    {
        TEST(readers_see_old_or_new),
        .id = "04.5.readers_see_old_or_new",
        .title = "During an upload others get the whole old file",
        .checkpoint = 5,
        .points = 1,
        .why = "Readers come at any moment; rename is what makes moments "
               "indivisible.",
        .cause = "the file is opened with O_TRUNC under its own name, or two "
                 "uploads share one temporary name.",
        .see = "README.md#whole-or-not-at-all",
    },
    {
        TEST(a_full_disk_is_reported),
        .id = "04.5.a_full_disk_is_reported",
        .title = "A full disk is ERR 507, and the connection goes on",
        .checkpoint = 5,
        .points = 1,
        .why = "\"OK\" for bytes that were not stored is data loss with a "
               "receipt.",
        .cause = "the result of write (or of fsync, close) on the file is not "
                 "looked at, or the rest of the body is not read, so that it "
                 "is taken for requests.",
        .see = "README.md#the-file-service",
    },
    {
        TEST(a_giant_is_refused),
        .id = "04.5.a_giant_is_refused",
        .title = "An upload over 2^40 bytes is refused before it is sent",
        .checkpoint = 5,
        .points = 1,
        .why = "A limit that is checked at the end is no limit.",
        .cause = "compare the size of the request line before anything else "
                 "is done with it.",
        .see = "README.md#the-file-service",
    },
};
THEME(upload_theme, tests)
