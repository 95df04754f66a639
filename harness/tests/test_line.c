/* The queue: rate, overhead and cells, order, limit, slots; and the heap. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/heap.h"
#include "link/line.h"

enum { PACKETS = 20000, SEED = 5 };

static struct profile parsed(const char *text)
{
    struct profile profile;
    struct scan_error error;
    ck_assert_msg(profile_parse(&profile, text, &error) == 0, "%s",
                  error.message);
    return profile;
}

static int64_t admit(struct line *line, const struct profile *profile,
                     int64_t now_ns, size_t bytes, int64_t delay_ns)
{
    struct fate fate = {.delay_ns = delay_ns};
    int64_t due_ns = -1;
    ck_assert_int_eq(line_admit(line, profile, now_ns, bytes, &fate, &due_ns),
                     0);
    line_leave(line);
    ck_assert_int_ge(due_ns, now_ns);
    return due_ns;
}

static size_t some_size(uint64_t i)
{
    return 40 + hash_words(&i, 1) % 1461;
}

/* ---- Rate ---------------------------------------------------------------- */

static const struct {
    const char *text;
    size_t bytes;
    int64_t expected_ns;
} serialised[] = {
    {"", 1500, 0},
    {"rate 10mbit", 1500, 1200000},
    {"rate 1mbit", 125, 1000000},
    {"rate 10mbit 100", 1400, 1200000},
    {"rate 10mbit -14", 1514, 1200000},
    {"rate 10mbit -2000", 1500, 0},
    /* ATM as in tc-netem(8): 50 bytes take two cells of 48 + 5. */
    {"rate 8kbit 0 48 5", 50, 106000000},
    {"rate 8kbit 0 48 5", 48, 53000000},
    {"rate 8kbit 8 48 5", 41, 106000000},
    {"rate 8kbit 0 48 5", 0, 53000000},
    {"rate 5kbit 20 100 5", 80, 168000000}, /* one cell: 105 bytes */
    {"rate 40gbit", 1500, 300},
    {"rate 1bit", 65535, 524280000000000},
};

START_TEST(serialisation_counts_overhead_and_cells)
{
    struct profile profile = parsed(serialised[_i].text);
    ck_assert_int_eq(line_serialise_ns(&profile, serialised[_i].bytes),
                     serialised[_i].expected_ns);
}
END_TEST

/* A sender that never lets the queue run dry gets the rate, within 1 % (in
 * truth within a nanosecond a packet). */
START_TEST(a_busy_line_runs_at_its_rate)
{
    static const char *const rates[] = {
        "rate 10mbit", "rate 100mbit delay 20ms", "rate 1gbit delay 5ms 1ms",
        "rate 9999999bit"};
    struct profile profile = parsed(rates[_i]);
    struct line line;
    line_init(&line, SEED, 1, 0);
    int64_t first_ns = 0, last_ns = 0;
    double bits = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        last_ns = admit(&line, &profile, 0, some_size(i), profile.delay_ns);
        first_ns = i == 0 ? last_ns : first_ns;
        bits += i == 0 ? 0 : 8.0 * (double)some_size(i);
    }
    double rate = bits / ((double)(last_ns - first_ns) / 1e9);
    ck_assert_double_lt(fabs(rate / (double)profile.rate_bps - 1), 0.01);
    ck_assert_int_eq(first_ns, profile.delay_ns +
                                   line_serialise_ns(&profile, some_size(0)));
}
END_TEST

START_TEST(an_idle_line_adds_one_transmission)
{
    struct profile profile = parsed("rate 10mbit delay 20ms");
    struct line line;
    line_init(&line, SEED, 1, 0);
    for (int64_t i = 0; i < 100; i++) {
        int64_t now_ns = i * 1000000000;
        ck_assert_int_eq(admit(&line, &profile, now_ns, 1500, 20000000),
                         now_ns + 21200000);
    }
}
END_TEST

START_TEST(a_rate_keeps_the_order)
{
    struct profile profile = parsed("rate 50mbit delay 20ms 10ms");
    struct line line;
    line_init(&line, SEED, 1, 0);
    int64_t last_ns = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        int64_t delay_ns = 10000000 + (int64_t)(hash_words(&i, 1) % 20000000);
        int64_t due_ns =
            admit(&line, &profile, (int64_t)i * 200000, 500, delay_ns);
        ck_assert_int_gt(due_ns, last_ns);
        last_ns = due_ns;
    }
}
END_TEST

START_TEST(jitter_alone_may_reorder)
{
    struct profile profile = parsed("delay 20ms 10ms");
    struct line line;
    line_init(&line, SEED, 1, 0);
    int64_t last_ns = 0;
    int earlier = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        int64_t delay_ns = 10000000 + (int64_t)(hash_words(&i, 1) % 20000000);
        int64_t now_ns = (int64_t)i * 1000000;
        int64_t due_ns = admit(&line, &profile, now_ns, 500, delay_ns);
        ck_assert_int_eq(due_ns, now_ns + delay_ns);
        earlier += due_ns < last_ns;
        last_ns = due_ns;
    }
    ck_assert_int_gt(earlier, PACKETS / 4);
}
END_TEST

START_TEST(what_overtakes_waits_for_nothing)
{
    struct profile profile = parsed("rate 1mbit delay 20ms reorder 50%");
    struct line line;
    struct fate fate = {.bits = FATE_REORDERED};
    int64_t due_ns = 0;
    line_init(&line, SEED, 1, 0);
    int64_t first_ns = admit(&line, &profile, 0, 1500, 20000000);
    ck_assert_int_eq(line_admit(&line, &profile, 5000, 1500, &fate, &due_ns),
                     0);
    ck_assert_int_eq(due_ns, 5000);
    ck_assert_int_eq(admit(&line, &profile, 6000, 1500, 20000000),
                     first_ns + 12000000);
}
END_TEST

START_TEST(a_change_of_profile_takes_hold_at_once)
{
    struct profile slow = parsed("rate 1mbit"), fast = parsed("rate 1gbit");
    struct line line;
    line_init(&line, SEED, 1, 0);
    int64_t last_ns = admit(&line, &slow, 0, 1500, 0);
    ck_assert_int_eq(last_ns, 12000000);
    ck_assert_int_eq(admit(&line, &fast, 0, 1500, 0), last_ns + 12000);
}
END_TEST

/* ---- Limit --------------------------------------------------------------- */

START_TEST(the_limit_is_what_waits)
{
    struct profile profile = parsed("delay 1s limit 10");
    struct line line;
    struct fate fate = {.delay_ns = profile.delay_ns};
    int64_t due_ns = 0;
    line_init(&line, SEED, 1, 0);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(line_admit(&line, &profile, i, 100, &fate, &due_ns),
                         0);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(line_admit(&line, &profile, i, 100, &fate, &due_ns),
                         -ENOBUFS);
    line_leave(&line);
    ck_assert_int_eq(line_admit(&line, &profile, 0, 100, &fate, &due_ns), 0);
    ck_assert_int_eq(line_admit(&line, &profile, 0, 100, &fate, &due_ns),
                     -ENOBUFS);
}
END_TEST

/* What overflows leaves no trace in the rate: the others are not later. */
START_TEST(an_overflow_takes_no_time)
{
    struct profile profile = parsed("rate 1mbit limit 1");
    struct line line;
    struct fate fate = {0};
    int64_t due_ns = 0;
    line_init(&line, SEED, 1, 0);
    ck_assert_int_eq(line_admit(&line, &profile, 0, 125, &fate, &due_ns), 0);
    for (int i = 0; i < 50; i++)
        ck_assert_int_lt(line_admit(&line, &profile, 0, 125, &fate, &due_ns),
                         0);
    line_leave(&line);
    ck_assert_int_eq(line_admit(&line, &profile, 0, 125, &fate, &due_ns), 0);
    ck_assert_int_eq(due_ns, 2000000);
}
END_TEST

/* ---- Slots --------------------------------------------------------------- */

/* Departures of a steady stream, one packet each 100 us. */
static int64_t *departures(const char *text, uint64_t seed, size_t bytes)
{
    struct profile profile = parsed(text);
    struct line line;
    int64_t *row = mem_zalloc(PACKETS * sizeof(*row));
    line_init(&line, seed, 1, 0);
    for (int64_t i = 0; i < PACKETS; i++)
        row[i] = admit(&line, &profile, i * 100000, bytes, profile.delay_ns);
    return row;
}

START_TEST(packets_leave_in_slots)
{
    int64_t *row = departures("slot 1ms 3ms", SEED, 100);
    int slots = 1;
    double total_ns = 0;
    for (int64_t i = 1; i < PACKETS; i++) {
        int64_t arrived_ns = i * 100000;
        ck_assert_int_le(row[i] - arrived_ns, 3000000);
        if (row[i] == row[i - 1])
            continue;
        /* A slot is asked for by the first packet that missed the last, at most
         * one interarrival after that. */
        int64_t length_ns = row[i] - row[i - 1];
        ck_assert_int_ge(length_ns, 1000000);
        ck_assert_int_le(length_ns, 3000000 + 100000);
        total_ns += (double)length_ns;
        slots++;
    }
    /* 2 ms and half an interarrival; uniform of variance (2 ms)^2 / 12. */
    double bound_ns = 4 * 2e6 / sqrt(12) / sqrt(slots);
    ck_assert_int_gt(slots, 900);
    ck_assert_double_lt(fabs(total_ns / (slots - 1) - 2050000), bound_ns);
    free(row);
}
END_TEST

START_TEST(a_slot_takes_only_so_many_packets)
{
    int64_t *row = departures("slot 1ms packets 4", SEED, 100);
    int in_slot = 0;
    for (int64_t i = 1; i < PACKETS; i++) {
        in_slot = row[i] == row[i - 1] ? in_slot + 1 : 0;
        ck_assert_int_lt(in_slot, 4);
        if (row[i] != row[i - 1])
            ck_assert_int_eq(row[i] - row[i - 1], 1000000);
    }
    /* Four a millisecond go, ten come: the line is always behind. */
    ck_assert_int_eq(row[PACKETS - 1], (int64_t)PACKETS / 4 * 1000000);
    free(row);
}
END_TEST

START_TEST(a_slot_takes_only_so_many_bytes)
{
    int64_t *row = departures("slot 1ms bytes 3000", SEED, 1400);
    int in_slot = 0;
    for (int64_t i = 1; i < PACKETS; i++) {
        in_slot = row[i] == row[i - 1] ? in_slot + 1 : 0;
        ck_assert_int_lt(in_slot, 3); /* the third goes over, as in netem */
    }
    ck_assert_int_gt(row[PACKETS - 1], (int64_t)PACKETS / 3 * 1000000);
    free(row);
}
END_TEST

START_TEST(slots_follow_a_distribution)
{
    int64_t *row = departures("slot distribution normal 5ms 1ms", SEED, 100);
    int slots = 0, within = 0;
    for (int64_t i = 1; i < PACKETS; i++) {
        int64_t length_ns = row[i] - row[i - 1];
        slots += length_ns > 0;
        within += length_ns > 4050000 && length_ns < 6050000;
    }
    /* 68.3 % within a sigma; a slot begins up to 0.1 ms late, 0.05 on average,
     * which blurs the edges by less than 2 %. */
    double share = (double)within / slots;
    ck_assert_double_eq_tol(share, 0.683,
                            0.02 + 4 * sqrt(0.683 * 0.317 / slots));
    free(row);
}
END_TEST

START_TEST(slots_are_seeded)
{
    int64_t *one = departures("slot 1ms 3ms", 1, 100);
    int64_t *again = departures("slot 1ms 3ms", 1, 100);
    int64_t *other = departures("slot 1ms 3ms", 2, 100);
    int64_t *own = departures("slot 1ms 3ms seed 1", 2, 100);
    ck_assert_mem_eq(one, again, PACKETS * sizeof(*one));
    ck_assert_mem_eq(one, own, PACKETS * sizeof(*one));
    ck_assert_mem_ne(one, other, PACKETS * sizeof(*one));
    free(one);
    free(again);
    free(other);
    free(own);
}
END_TEST

/* ---- Heap ---------------------------------------------------------------- */

START_TEST(a_heap_gives_the_earliest_and_of_equals_the_first)
{
    struct heap heap = {0};
    struct heap_item item;
    uint64_t in = 0, out = 0;
    int64_t last_due_ns = -1;
    uint64_t last_index = 0;
    ck_assert(!heap_pop(&heap, &item));
    ck_assert_ptr_null(heap_peek(&heap));
    for (uint64_t i = 0; i < PACKETS; i++) {
        int64_t due_ns = (int64_t)(hash_words(&i, 1) % 1000);
        heap_push(&heap, (struct heap_item){
                             .due_ns = due_ns, .index = i, .thing = &heap});
        in++;
    }
    while (heap_peek(&heap) != NULL) {
        const struct heap_item first = *heap_peek(&heap);
        ck_assert(heap_pop(&heap, &item));
        ck_assert_int_eq(item.due_ns, first.due_ns);
        ck_assert_uint_eq(item.index, first.index);
        ck_assert(item.due_ns > last_due_ns ||
                  (item.due_ns == last_due_ns && item.index > last_index));
        ck_assert_ptr_eq(item.thing, &heap);
        last_due_ns = item.due_ns;
        last_index = item.index;
        out++;
    }
    ck_assert_uint_eq(in, out);
    heap_fini(&heap);
}
END_TEST

START_TEST(a_heap_stays_right_when_mixed)
{
    struct heap heap = {0};
    struct heap_item item;
    int64_t now_ns = 0;
    heap_reserve(&heap, 8);
    for (uint64_t i = 0; i < PACKETS; i++) {
        int64_t due_ns = now_ns + (int64_t)(hash_words(&i, 1) % 500);
        heap_push(&heap, (struct heap_item){.due_ns = due_ns, .index = i});
        if (i % 3 == 2)
            continue;
        ck_assert(heap_pop(&heap, &item));
        ck_assert_int_ge(item.due_ns, now_ns);
        now_ns = item.due_ns;
    }
    ck_assert_uint_eq(heap.count, PACKETS / 3);
    heap_fini(&heap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line");
    TCase *tcase = tcase_create("line");
    tcase_add_loop_test(tcase, serialisation_counts_overhead_and_cells, 0,
                        (int)(sizeof(serialised) / sizeof(serialised[0])));
    tcase_add_loop_test(tcase, a_busy_line_runs_at_its_rate, 0, 4);
    tcase_add_test(tcase, an_idle_line_adds_one_transmission);
    tcase_add_test(tcase, a_rate_keeps_the_order);
    tcase_add_test(tcase, jitter_alone_may_reorder);
    tcase_add_test(tcase, what_overtakes_waits_for_nothing);
    tcase_add_test(tcase, a_change_of_profile_takes_hold_at_once);
    tcase_add_test(tcase, the_limit_is_what_waits);
    tcase_add_test(tcase, an_overflow_takes_no_time);
    tcase_add_test(tcase, packets_leave_in_slots);
    tcase_add_test(tcase, a_slot_takes_only_so_many_packets);
    tcase_add_test(tcase, a_slot_takes_only_so_many_bytes);
    tcase_add_test(tcase, slots_follow_a_distribution);
    tcase_add_test(tcase, slots_are_seeded);
    tcase_add_test(tcase, a_heap_gives_the_earliest_and_of_equals_the_first);
    tcase_add_test(tcase, a_heap_stays_right_when_mixed);
    tcase_set_timeout(tcase, 30);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
