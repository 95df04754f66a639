/* What links leave behind: capture.pcapng, fates.tsv, their part of a verdict;
 * and whether a run counts. */
#include "linktest.h"

#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "link/linkset.h"
#include "link/witness.h"
#include "link/wire.h"

/* A run whose evidence directory is the work directory. */
static void begin_run(int verdict_fd)
{
    struct testrun run = *testrun();
    run.out_dir = incell_work_dir;
    run.verdict_fd = verdict_fd;
    testrun_begin(&run);
}

static char *evidence(const char *name)
{
    return str_format("%s/%s", incell_work_dir, name);
}

/* ---- The file ------------------------------------------------------------ */

/* How many packets libpcap finds in a file; -1 if it is not valid. */
static int packets_in(const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
        path, PCAP_TSTAMP_PRECISION_NANO, error);
    struct pcap_pkthdr *header;
    const u_char *data;
    int count = 0, rc;
    if (pcap == NULL)
        return -1;
    while ((rc = pcap_next_ex(pcap, &header, &data)) == 1)
        count++;
    pcap_close(pcap);
    return rc == PCAP_ERROR_BREAK ? count : -1;
}

START_TEST(capture_file_holds_every_packet_lost_ones_too)
{
    begin_run(-1);
    struct pair pair = pair_new(7, "delay 3ms loss 20% duplicate 5%");
    blast(&pair, 0, 500, 100);
    settle(pair.net, 500);
    int records = capture_count(pair.net, NULL);
    links_stop(pair.net);
    char *path = evidence("capture.pcapng");
    ck_assert_int_eq(packets_in(path), records);
    free(path);
}
END_TEST

/* Counts the lines that tshark prints for a display filter. */
static int tshark_count(const char *path, const char *filter)
{
    char *command =
        str_format("tshark -r '%s' -Y '%s' 2>/dev/null | wc -l", path, filter);
    FILE *out = popen(command, "r");
    int count = -1;
    ck_assert_ptr_nonnull(out);
    if (fscanf(out, "%d", &count) != 1)
        count = -1;
    ck_assert_int_eq(pclose(out), 0);
    free(command);
    return count;
}

START_TEST(wireshark_shows_the_fates_as_comments)
{
    if (access("/usr/bin/tshark", X_OK) < 0) {
        fprintf(stderr, "SKIP wireshark_shows_the_fates_as_comments: there is "
                        "no tshark (apt-get install tshark)\n");
        return;
    }
    begin_run(-1);
    struct pair pair = pair_new(7, "delay 3ms loss 20% duplicate 5%");
    blast(&pair, 0, 300, 100);
    settle(pair.net, 300);
    int back = lt_socket(pair.b, AF_INET, SOCK_DGRAM);
    struct sockaddr_storage at;
    socklen_t bytes = lt_address(&at, host_addr(pair.a), LT_PORT + 1);
    for (int i = 0; i < 20; i++)
        (void)sendto(back, "x", 1, 0, (struct sockaddr *)&at, bytes);
    ck_assert(capture_await(pair.net, "src host right", 20, SECONDS(5)));
    settle(pair.net, 320);
    links_stop(pair.net);
    char *path = evidence("capture.pcapng");
    int lost = capture_count_fate(pair.net, FATE_LOST, NULL);
    int copies = capture_count_fate(pair.net, FATE_DUPLICATE, NULL);
    int arrived = capture_count_fate(pair.net, FATE_DELIVERED, NULL);
    ck_assert_int_gt(lost, 10);
    ck_assert_int_gt(copies, 2);
    ck_assert_int_eq(
        tshark_count(path, "frame.comment contains \"lost: loss 20%\""), lost);
    ck_assert_int_eq(
        tshark_count(path, "frame.comment contains \"duplicate of #\""),
        copies);
    ck_assert_int_eq(
        tshark_count(path, "frame.comment contains \"delayed 3.0 ms (late\""),
        arrived);
    ck_assert_int_eq(
        tshark_count(path, "frame.interface_name == \"left->right (eth0)\" && "
                           "udp.port == 7077"),
        capture_count(pair.net, "src host left and udp dst port 7077"));
    ck_assert_int_eq(
        tshark_count(path, "frame.interface_name == \"right->left (eth0)\" && "
                           "udp.port == 7078 && not icmp"),
        capture_count(pair.net, "udp dst port 7078"));
    free(path);
}
END_TEST

/* Sends for ever over a link that writes its capture. */
static void run_until_killed(int told_fd)
{
    begin_run(-1);
    struct pair pair = pair_new(7, "delay 1ms loss 10%");
    blast(&pair, 0, 500, 1000);
    settle(pair.net, 500);
    ck_assert_int_eq(write(told_fd, "x", 1), 1);
    for (;;)
        blast(&pair, 0, 1000, 1000);
}

START_TEST(capture_file_is_valid_after_kill)
{
    int told[2];
    char byte;
    char *path = evidence("capture.pcapng");
    ck_assert_int_eq(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0)
        run_until_killed(told[1]);
    ck_assert_int_eq(read(told[0], &byte, 1), 1);
    int64_t until_ns = clock_now_ns() + SECONDS(LT_PATIENCE_S);
    struct stat st = {0};
    while (st.st_size < (1 << 20) * (1 + _i) && clock_now_ns() < until_ns)
        (void)!stat(path, &st);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_gt(packets_in(path), 500);
    close(told[0]);
    close(told[1]);
    free(path);
}
END_TEST

START_TEST(packets_beyond_the_budget_are_cut_to_their_headers)
{
    begin_run(-1);
    struct pair pair = pair_new(1, "");
    uint8_t data[1472] = {0}, sink[2048];
    int count = CAPTURE_WHOLE_BYTES / 1500 + 1000;
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(send(pair.tx, data, sizeof(data), 0), 1472);
        while (recv(pair.rx, sink, sizeof(sink), MSG_DONTWAIT) > 0)
            continue;
    }
    settle(pair.net, count);
    struct packet packet;
    ck_assert(capture_nth(pair.net, NULL, 1, &packet));
    ck_assert_uint_eq(packet.captured_bytes, 1500);
    ck_assert(capture_next(pair.net, NULL, (uint32_t)count - 1, &packet));
    ck_assert_uint_eq(packet.captured_bytes, CAPTURE_HEADER_BYTES);
    ck_assert_uint_eq(packet.length_bytes, 1500);
    ck_assert_int_eq(capture_bytes(pair.net, "udp"), count * INT64_C(1500));
    links_stop(pair.net);
    char *path = evidence("capture.pcapng");
    ck_assert_int_eq(packets_in(path), count);
    free(path);
}
END_TEST

/* ---- The verdict --------------------------------------------------------- */

/* Ends a run in a child, and returns its verdict object. */
static json_t *verdict_of(void (*body)(void))
{
    int fds[2];
    json_error_t error;
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        begin_run(fds[1]);
        body();
        _exit(1);
    }
    close(fds[1]);
    json_t *verdict = json_loadfd(fds[0], JSON_DISABLE_EOF_CHECK, &error);
    ck_assert_msg(verdict != NULL, "%s", error.text);
    close(fds[0]);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    return verdict;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void pass_a_lossy_run(void)
{
    struct pair pair = pair_new(7, "delay 3ms loss 20%");
    blast(&pair, 0, 300, 100);
    settle(pair.net, 300);
    testrun_end(&(struct ending){.verdict = VERDICT_PASS, .message = "fine"});
}

static char *read_text(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    char *text = mem_zalloc(1 << 20);
    *bytes = fread(text, 1, (1 << 20) - 1, file);
    (void)fclose(file);
    return text;
}

static void check_trace(const char *trace)
{
    char *path = evidence("fates.tsv");
    size_t bytes;
    char *text = read_text(path, &bytes);
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hex[3] = "";
    ck_assert_int_eq(EVP_Digest(text, bytes, digest, NULL, EVP_sha256(), NULL),
                     1);
    ck_assert_int_eq(strncmp(trace, "sha256:", 7), 0);
    for (size_t i = 0; i < 32; i++) {
        snprintf(hex, sizeof(hex), "%02x", digest[i]);
        ck_assert_int_eq(strncmp(trace + 7 + 2 * i, hex, 2), 0);
    }
    ck_assert_ptr_nonnull(strstr(text, "1\tleft\tudp "));
    int lines = 0;
    for (char *line = strtok(text, "\n"), *next; line; line = next, lines++) {
        next = strtok(NULL, "\n");
        ck_assert_msg(next == NULL || strcmp(line, next) < 0,
                      "not sorted: %s before %s", line, next);
    }
    ck_assert_int_eq(lines, 300);
    free(text);
    free(path);
}

START_TEST(verdict_tells_what_the_links_saw)
{
    json_t *verdict = verdict_of(pass_a_lossy_run);
    ck_assert_str_eq(text_of(verdict, "verdict"), "pass");
    ck_assert_str_eq(text_of(verdict, "engine"), "wire");
    ck_assert_str_eq(text_of(verdict, "capture"), "capture.pcapng");
    ck_assert_str_eq(text_of(verdict, "fates"), "fates.tsv");
    json_t *links = json_object_get(verdict, "links");
    ck_assert_uint_eq(json_array_size(links), 2);
    json_t *there = json_array_get(links, 0);
    ck_assert_str_eq(text_of(there, "name"), "left->right");
    ck_assert_str_eq(text_of(there, "profile"), "delay 3ms loss 20%");
    json_int_t packets = json_integer_value(json_object_get(there, "packets")),
               lost = json_integer_value(json_object_get(there, "lost")),
               arrived =
                   json_integer_value(json_object_get(there, "delivered"));
    ck_assert_int_eq(packets, 300);
    ck_assert_int_gt(lost, 20);
    ck_assert_int_eq(lost + arrived, packets);
    json_t *lateness = json_object_get(verdict, "lateness_us");
    ck_assert(json_number_value(json_object_get(lateness, "p99")) > 0);
    check_trace(text_of(verdict, "trace"));
    json_decref(verdict);
}
END_TEST

/* Sleeps until all that is pending is overdue by 200 ms. */
static void nap(struct wire *wire, void *context)
{
    const int64_t *until_ns = context;
    struct timespec until = {.tv_sec = *until_ns / SECONDS(1),
                             .tv_nsec = *until_ns % SECONDS(1)};
    (void)wire;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* The engine sleeps over what it should deliver. */
static void send_late(void)
{
    struct pair pair = pair_new(7, "delay 500ms");
    const struct linkset *set = pair.net->engine;
    blast(&pair, 0, 50, 100);
    ck_assert(capture_await(pair.net, NULL, 50, SECONDS(5)));
    int64_t until_ns = clock_now_ns() + MSECONDS(700);
    wire_call(set->state, nap, &until_ns);
    settle(pair.net, 50);
}

static void fail_a_late_run(void)
{
    send_late();
    testrun_end(
        &(struct ending){.verdict = VERDICT_FAIL, .message = "took too long"});
}

static void pass_a_late_run(void)
{
    send_late();
    testrun_end(&(struct ending){.verdict = VERDICT_PASS, .message = ""});
}

static void fail_a_punctual_run(void)
{
    struct pair pair = pair_new(7, "delay 10ms");
    blast(&pair, 0, 200, 100);
    settle(pair.net, 200);
    testrun_end(
        &(struct ending){.verdict = VERDICT_FAIL, .message = "took too long"});
}

START_TEST(late_run_cannot_fail_a_program)
{
    json_t *verdict = verdict_of(fail_a_late_run);
    ck_assert_str_eq(text_of(verdict, "verdict"), "infra");
    ck_assert_ptr_nonnull(strstr(text_of(verdict, "message"), "too busy"));
    ck_assert_ptr_nonnull(strstr(text_of(verdict, "message"), "took too long"));
    json_decref(verdict);
}
END_TEST

START_TEST(late_run_can_pass_it)
{
    json_t *verdict = verdict_of(pass_a_late_run);
    ck_assert_str_eq(text_of(verdict, "verdict"), "pass");
    json_decref(verdict);
}
END_TEST

START_TEST(punctual_run_can_fail_it)
{
    json_t *verdict = verdict_of(fail_a_punctual_run);
    ck_assert_str_eq(text_of(verdict, "verdict"), "fail");
    ck_assert_str_eq(text_of(verdict, "message"), "took too long");
    json_decref(verdict);
}
END_TEST

/* ---- Waiting ------------------------------------------------------------- */

static void *send_three(void *context)
{
    blast(context, 0, 3, 100);
    return NULL;
}

START_TEST(await_wakes_when_the_packets_have_come)
{
    struct pair pair = pair_new(1, "");
    int64_t before_ns = clock_now_ns();
    ck_assert(!capture_await(pair.net, "udp", 1, MSECONDS(20)));
    ck_assert_int_ge(clock_now_ns() - before_ns, MSECONDS(20));
    pthread_t thread;
    pthread_create(&thread, NULL, send_three, &pair);
    ck_assert(capture_await(pair.net, "udp", 3, SECONDS(5)));
    pthread_join(thread, NULL);
    ck_assert(!capture_await(pair.net, "udp", 4, MSECONDS(20)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture");
    TCase *tcase = tcase_create("capture");
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, capture_file_holds_every_packet_lost_ones_too);
    tcase_add_test(tcase, wireshark_shows_the_fates_as_comments);
    tcase_add_loop_test(tcase, capture_file_is_valid_after_kill, 0, 8);
    tcase_add_test(tcase, packets_beyond_the_budget_are_cut_to_their_headers);
    tcase_add_test(tcase, verdict_tells_what_the_links_saw);
    tcase_add_test(tcase, late_run_cannot_fail_a_program);
    tcase_add_test(tcase, late_run_can_pass_it);
    tcase_add_test(tcase, punctual_run_can_fail_it);
    tcase_add_test(tcase, await_wakes_when_the_packets_have_come);
    suite_add_tcase(suite, tcase);
    return incell_main("test_capture", suite);
}
