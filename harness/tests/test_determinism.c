/* The promise of a seed: the same decision for the same unit, whatever the
 * kernel's timing, ports and segment boundaries were. */
#include "linktest.h"

#include <netinet/tcp.h>
#include <pthread.h>

#include "link/linkset.h"

enum { DATAGRAMS = 2000, STREAM_BYTES = 6 << 20, MAX_LINES = 20000 };

/* ---- Runs ---------------------------------------------------------------- */

/* What became of each datagram, in the order of sending. */
static void udp_run(uint64_t seed, const char *profile, unsigned *fates)
{
    struct pair pair = pair_new(seed, profile);
    blast(&pair, 0, DATAGRAMS, 100);
    settle(pair.net, DATAGRAMS);
    struct packet packet;
    unsigned seen = 0;
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        if (packet.copy_of != 0)
            continue;
        fates[number_in(&packet)] = packet.fate;
        seen++;
    }
    ck_assert_uint_eq(seen, DATAGRAMS);
    net_free(pair.net);
}

struct lines {
    char *text;
    char *line[MAX_LINES];
    size_t count;
};

static void *feed(void *context)
{
    static const uint8_t zeros[1 << 16];
    int fd = *(int *)context;
    for (size_t sent = 0; sent < STREAM_BYTES;) {
        ssize_t n = send(fd, zeros, sizeof(zeros), 0);
        ck_assert_int_gt(n, 0);
        sent += (size_t)n;
    }
    close(fd);
    return NULL;
}

static void stream_over(struct pair *pair)
{
    struct sockaddr_storage at;
    socklen_t length = lt_address(&at, host_addr(pair->b), LT_PORT);
    int listener = lt_socket(pair->b, AF_INET, SOCK_STREAM);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, length), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    int tx = lt_socket(pair->a, AF_INET, SOCK_STREAM);
    ck_assert_int_eq(connect(tx, (struct sockaddr *)&at, length), 0);
    int rx = accept(listener, NULL, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, feed, &tx);
    uint8_t sink[1 << 16];
    size_t got = 0;
    for (ssize_t n; (n = recv(rx, sink, sizeof(sink), 0)) > 0;)
        got += (size_t)n;
    ck_assert_uint_eq(got, STREAM_BYTES);
    pthread_join(thread, NULL);
    close(rx);
    close(listener);
}

static void split(struct lines *lines)
{
    lines->count = 0;
    for (char *line = strtok(lines->text, "\n"); line;
         line = strtok(NULL, "\n")) {
        ck_assert_uint_lt(lines->count, MAX_LINES);
        lines->line[lines->count++] = line;
    }
}

/* Sends a stream by kernel TCP, `fast` or not; returns fates.tsv, split. */
static struct lines *tcp_run(uint64_t seed, const char *profile, bool fast)
{
    struct pair pair = pair_hosts(seed);
    struct lines *lines = mem_zalloc(sizeof(*lines));
    struct strbuf text = {0};
    uint64_t missing = 0;
    pair.link = net_link(pair.a, pair.b, profile);
    if (fast)
        link_fast(pair.link);
    stream_over(&pair);
    links_stop(pair.net);
    const struct linkset *set = pair.net->engine;
    set->engine->fates(set->state, &text, &missing);
    lines->text = text.text;
    split(lines);
    net_free(pair.net);
    return lines;
}

/* ---- Comparisons --------------------------------------------------------- */

static size_t key_bytes(const char *line)
{
    return (size_t)(strrchr(line, '\t') - line);
}

/* Compares the decisions for units that both runs came to.  Both are sorted.
 * Returns how many units were common, `losses` how many of those were lost. */
static size_t compare(const struct lines *a, const struct lines *b,
                      size_t *losses)
{
    size_t common = 0;
    *losses = 0;
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        size_t n = key_bytes(a->line[i]), m = key_bytes(b->line[j]);
        int order = strncmp(a->line[i], b->line[j], n > m ? n : m);
        if (n != m || order != 0) {
            if (strcmp(a->line[i], b->line[j]) < 0)
                i++;
            else
                j++;
            continue;
        }
        ck_assert_str_eq(a->line[i], b->line[j]);
        common++;
        *losses += strstr(a->line[i] + n, "lost") != NULL;
        i++;
        j++;
    }
    return common;
}

static void lines_free(struct lines *lines)
{
    free(lines->text);
    free(lines);
}

#define FAULTS "loss 3% duplicate 2% corrupt 1%"
#define STREAM_FAULTS "loss 2% limit 20000"

START_TEST(datagrams_meet_the_same_fates_again)
{
    unsigned first[LT_MAX], second[LT_MAX], other[LT_MAX], differing = 0;
    udp_run(11, "delay 1ms " FAULTS, first);
    udp_run(11, "delay 1ms " FAULTS, second);
    udp_run(12, "delay 1ms " FAULTS, other);
    unsigned lost = 0;
    for (unsigned i = 0; i < DATAGRAMS; i++) {
        ck_assert_uint_eq(first[i], second[i]);
        lost += (first[i] & FATE_LOST) != 0;
        differing += first[i] != other[i];
    }
    ck_assert_uint_gt(lost, 20);
    ck_assert_uint_gt(differing, 20); /* another seed, other fates */
}
END_TEST

START_TEST(jitter_changes_no_datagrams_fate)
{
    unsigned plain[LT_MAX], jittered[LT_MAX];
    udp_run(11, "delay 3ms " FAULTS, plain);
    udp_run(11, "delay 3ms 2ms distribution normal " FAULTS, jittered);
    for (unsigned i = 0; i < DATAGRAMS; i++)
        ck_assert_uint_eq(plain[i], jittered[i]);
}
END_TEST

/* Two TCP runs are never alike packet by packet; what they have in common is
 * the stream, whose marks are lost alike. */
static void expect_same_fates(struct lines *a, struct lines *b)
{
    size_t losses, common = compare(a, b, &losses);
    size_t cells = STREAM_BYTES / 1448;
    ck_assert_msg(common > cells, "only %zu of %zu units in common", common,
                  cells);
    ck_assert_msg(losses > cells / 100, "only %zu common losses", losses);
    lines_free(a);
    lines_free(b);
}

START_TEST(streams_suffer_at_the_same_offsets_again)
{
    expect_same_fates(tcp_run(21, "delay 1ms " STREAM_FAULTS, false),
                      tcp_run(21, "delay 1ms " STREAM_FAULTS, false));
}
END_TEST

START_TEST(jitter_moves_no_stream_loss)
{
    expect_same_fates(
        tcp_run(21, "delay 1ms " STREAM_FAULTS, false),
        tcp_run(21, "delay 1ms 0.3ms distribution normal " STREAM_FAULTS,
                false));
}
END_TEST

START_TEST(fast_mode_decides_as_exact_mode_does)
{
    expect_same_fates(tcp_run(21, "delay 1ms " STREAM_FAULTS, false),
                      tcp_run(21, "delay 1ms " STREAM_FAULTS, true));
}
END_TEST

START_TEST(another_seed_moves_stream_losses)
{
    struct lines *a = tcp_run(21, "delay 1ms " STREAM_FAULTS, false);
    struct lines *b = tcp_run(22, "delay 1ms " STREAM_FAULTS, false);
    size_t same = 0, lost = 0;
    for (size_t i = 0; i < a->count; i++) {
        if (strstr(a->line[i], "\tlost") == NULL)
            continue;
        lost++;
        for (size_t j = 0; j < b->count; j++)
            same += strcmp(a->line[i], b->line[j]) == 0;
    }
    ck_assert_uint_gt(lost, 20);
    ck_assert_uint_lt(same, lost / 2);
    lines_free(a);
    lines_free(b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("determinism");
    TCase *tcase = tcase_create("wire");
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, datagrams_meet_the_same_fates_again);
    tcase_add_test(tcase, jitter_changes_no_datagrams_fate);
    tcase_add_test(tcase, streams_suffer_at_the_same_offsets_again);
    tcase_add_test(tcase, jitter_moves_no_stream_loss);
    tcase_add_test(tcase, fast_mode_decides_as_exact_mode_does);
    tcase_add_test(tcase, another_seed_moves_stream_losses);
    suite_add_tcase(suite, tcase);
    return incell_main("test_determinism", suite);
}
