/* Fates: no answer depends on another, on time, or on the order of asking. */
#include <string.h>

#include "base/hash.h"
#include "fatebench.h"

/* ---- Nothing depends on anything else ------------------------------------ */

START_TEST(no_clause_changes_another_clauses_events)
{
    static const char *const more[] = {
        "delay 10ms 5ms 25%", "delay 10ms reorder 25% 50%", "duplicate 5%",
        "corrupt 5% 50%",     "rate 1mbit limit 3",         "slot 1ms"};
    static const char *const models[] = {"loss 5%", "loss 20% 25%",
                                         "loss gemodel 1% 10%",
                                         "loss state 1% 30% 5% 20% 1%"};
    for (int m = 0; m < COUNT(models); m++) {
        struct bench *plain = bench_with(models[m]);
        bool *lost = events(plain, FATE_LOST, 20000);
        for (int i = 0; i < COUNT(more); i++) {
            char *text = str_format("%s %s", models[m], more[i]);
            struct bench *both = bench_with(text);
            bool *now = events(both, FATE_LOST, 20000);
            ck_assert_msg(memcmp(lost, now, 20000 * sizeof(*lost)) == 0,
                          "\"%s\" loses others", text);
            free(now);
            free(both);
            free(text);
        }
        free(lost);
        free(plain);
    }
}
END_TEST

START_TEST(more_loss_loses_the_same_and_more)
{
    struct bench *little = bench_with("loss 1%");
    struct bench *much = bench_with("loss 5%");
    for (uint64_t i = 0; i < 20000; i++)
        ck_assert(!has(little, i, FATE_LOST) || has(much, i, FATE_LOST));
    free(little);
    free(much);
}
END_TEST

/* Of the same unit, too: lost packets are as often late, copied and corrupted
 * as others are. */
START_TEST(the_answers_about_one_unit_are_independent)
{
    enum { ANSWERS = 5 };
    struct bench *bench = bench_with(
        "loss 50% duplicate 50% corrupt 50% delay 10ms 5ms reorder 50%");
    struct bench *jitter = bench_with("delay 10ms 5ms");
    size_t both[ANSWERS][ANSWERS] = {{0}};
    for (uint64_t i = 0; i < PACKETS; i++) {
        uint8_t bits = fate_of(bench, i).unit_bits[0];
        bool answers[ANSWERS] = {
            bits & FATE_UNIT_LOST, bits & FATE_UNIT_DUPLICATE,
            bits & FATE_UNIT_CORRUPT, bits & FATE_UNIT_REORDERED,
            fate_of(jitter, i).delay_ns < 10000000};
        for (int a = 0; a < ANSWERS; a++) {
            for (int b = 0; b < ANSWERS; b++)
                both[a][b] += answers[a] && answers[b];
        }
    }
    for (int a = 0; a < ANSWERS; a++) {
        for (int b = 0; b < ANSWERS; b++)
            assert_binomial(both[a][b], PACKETS, a == b ? 0.5 : 0.25, 1);
    }
    free(bench);
    free(jitter);
}
END_TEST

/* Everything that a question names: a change of it asks another question. */
START_TEST(each_part_of_a_name_matters)
{
    enum { PARTS = 8 };
    struct bench *plain = bench_with("loss 50%");
    size_t same[PARTS] = {0};
    for (uint64_t i = 0; i < 20000; i++) {
        bool lost = has(plain, i, FATE_LOST);
        for (int part = 0; part < PARTS; part++) {
            struct bench other = *plain;
            other.fater.seed += part == 0;
            other.fater.link += part == 1;
            other.fater.direction += part == 2;
            other.unit.flow_label += part == 3;
            other.unit.kind = part == 4 ? UNIT_DATA : UNIT_PACKET;
            other.unit.nth = part == 5;
            other.profile.seeded = part == 6;
            struct fate fate;
            other.unit.index = i;
            fate_decide(&other.fater, &other.profile, &other.unit, 1, part == 7,
                        false, &fate);
            same[part] += lost == ((fate.bits & FATE_LOST) != 0);
        }
    }
    for (int part = 0; part < PARTS; part++)
        assert_binomial(same[part], 20000, 0.5, 1);
    free(plain);
}
END_TEST

START_TEST(a_profiles_seed_goes_before_the_nets)
{
    struct bench *one = bench_with("loss 50% seed 99");
    struct bench *two = bench_with("loss 50% seed 99");
    two->fater.seed = 12345;
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert(has(one, i, FATE_LOST) == has(two, i, FATE_LOST));
    ck_assert_uint_eq(fate_of(one, 0).seed, 99);
    free(one);
    free(two);
}
END_TEST

static const char *const remembering[] = {
    "loss 30% 50%",
    "loss gemodel 1% 10% 70% 0.1%",
    "loss state 2% 30% 20% 40% 1%",
    "duplicate 30% 60%",
    "corrupt 30% 60%",
    "delay 10ms reorder 25% 50% gap 7",
    "delay 10ms 3ms 80%",
    /* These have not forgotten how a block began by its end. */
    "delay 10ms 3ms 99.9%",
    "loss gemodel 0.05% 0.05%",
};

/* Asks in order, then backwards, then here and there: of another fater, whose
 * cache knows nothing, and in between about other flows. */
START_TEST(answers_do_not_depend_on_the_order_of_questions)
{
    enum { UNITS = 6000, FLOWS = 300 };
    struct bench *bench = bench_with(remembering[_i]);
    struct fate *answers = mem_zalloc(UNITS * sizeof(*answers));
    for (uint64_t i = 0; i < UNITS; i++)
        answers[i] = fate_of(bench, i);
    struct bench *again = bench_with(remembering[_i]);
    const uint64_t label = bench->unit.flow_label;
    for (uint64_t i = 0; i < UNITS; i++) {
        uint64_t at = i < UNITS / 4 ? UNITS - 1 - i : hash_words(&i, 1) % UNITS;
        again->unit.flow_label = label + 1 + i % FLOWS;
        (void)fate_of(again, at > 0 ? at - 1 : 0); /* what a cache may mix up */
        again->unit.flow_label = label;
        struct fate fate = fate_of(again, at);
        ck_assert_msg(fate.bits == answers[at].bits &&
                          fate.delay_ns == answers[at].delay_ns &&
                          fate.corrupt_draw == answers[at].corrupt_draw,
                      "%s: unit %d", remembering[_i], (int)at);
    }
    free(answers);
    free(again);
    free(bench);
}
END_TEST

/* Many flows take turns, as on a busy link. */
START_TEST(flows_do_not_get_each_others_states)
{
    enum { FLOWS = 300, UNITS = 40 };
    struct bench *together = bench_with("loss gemodel 20% 20%");
    for (uint64_t i = 0; i < UNITS; i++) {
        for (uint64_t flow = 0; flow < FLOWS; flow++) {
            struct bench *alone = bench_with("loss gemodel 20% 20%");
            alone->unit.flow_label = together->unit.flow_label = flow;
            ck_assert(has(together, i, FATE_LOST) == has(alone, i, FATE_LOST));
            free(alone);
        }
    }
    free(together);
}
END_TEST

/* Another profile's states must not be taken from the cache. */
START_TEST(a_change_of_profile_is_a_fresh_question)
{
    struct bench *changing = bench_with("loss gemodel 1% 10%");
    struct bench *one = bench_with("loss gemodel 1% 10%");
    struct bench *two = bench_with("loss gemodel 20% 30%");
    for (uint64_t i = 0; i < 5000; i++) {
        changing->profile = one->profile;
        ck_assert(has(changing, i, FATE_LOST) == has(one, i, FATE_LOST));
        changing->profile = two->profile;
        ck_assert(has(changing, i, FATE_LOST) == has(two, i, FATE_LOST));
    }
    free(changing);
    free(one);
    free(two);
}
END_TEST

/* ---- Packets of several units, copies, marks ----------------------------- */

START_TEST(what_overtakes_is_not_delayed)
{
    struct bench *bench = bench_with("delay 10ms 1ms reorder 25%");
    for (uint64_t i = 0; i < 1000; i++) {
        struct fate fate = fate_of(bench, i);
        if (fate.bits & FATE_REORDERED)
            ck_assert_int_eq(fate.delay_ns, 0);
        else
            ck_assert_int_ge(fate.delay_ns, 9000000);
    }
    free(bench);
}
END_TEST

START_TEST(any_unit_of_a_packet_decides)
{
    struct bench *bench = bench_with("loss 5%");
    struct unit units[3];
    size_t lost = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        bool any = false;
        for (uint64_t k = 0; k < 3; k++) {
            units[k] = bench->unit;
            units[k].index = i * 3 + k;
            any |= has(bench, i * 3 + k, FATE_LOST);
        }
        struct fate fate;
        fate_decide(&bench->fater, &bench->profile, units, 3, 0, false, &fate);
        ck_assert(((fate.bits & FATE_LOST) != 0) == any);
        lost += any;
    }
    assert_binomial(lost, PACKETS, 1 - pow(0.95, 3), 1);
    free(bench);
}
END_TEST

START_TEST(copies_are_not_copied_and_have_fates_of_their_own)
{
    struct bench *bench = bench_with("duplicate 100% loss 10%");
    size_t copies_lost = 0, both_lost = 0;
    for (uint64_t i = 0; i < PACKETS; i++) {
        struct fate original = fate_of(bench, i), copy;
        fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 1, false,
                    &copy);
        ck_assert(original.bits & FATE_DUPLICATE);
        ck_assert(!(copy.bits & FATE_DUPLICATE));
        copies_lost += (copy.bits & FATE_LOST) != 0;
        both_lost += (copy.bits & original.bits & FATE_LOST) != 0;
    }
    assert_binomial(copies_lost, PACKETS, 0.1, 1);
    assert_binomial(both_lost, PACKETS, 0.01, 1);
    free(bench);
}
END_TEST

START_TEST(marks_take_the_place_of_losses)
{
    struct bench *bench = bench_with("loss 5% ecn");
    for (uint64_t i = 0; i < 20000; i++) {
        struct fate plain = fate_of(bench, i), capable;
        fate_decide(&bench->fater, &bench->profile, &bench->unit, 1, 0, true,
                    &capable);
        ck_assert(!(plain.bits & FATE_MARKED));
        ck_assert(!(capable.bits & FATE_LOST));
        ck_assert(((plain.bits & FATE_LOST) != 0) ==
                  ((capable.bits & FATE_MARKED) != 0));
    }
    free(bench);
}
END_TEST

START_TEST(bare_segments_are_only_delayed)
{
    struct bench *bench =
        bench_with("loss 100% duplicate 100% corrupt 100% delay 5ms 4ms");
    bench->unit.kind = UNIT_BARE;
    struct fate bare = fate_of(bench, 3);
    ck_assert_uint_eq(bare.bits, 0);
    bench->unit.kind = UNIT_DATA; /* of the same cell: delayed alike */
    ck_assert_int_eq(fate_of(bench, 3).delay_ns, bare.delay_ns);
    ck_assert_int_ne(fate_of(bench, 4).delay_ns, bare.delay_ns);
    free(bench);
}
END_TEST

START_TEST(what_has_no_unit_is_delayed_by_the_mean)
{
    struct bench *bench = bench_with("loss 100% delay 5ms 4ms");
    struct fate fate;
    fate_decide(&bench->fater, &bench->profile, NULL, 0, 0, false, &fate);
    ck_assert_uint_eq(fate.bits, 0);
    ck_assert_int_eq(fate.delay_ns, 5000000);
    free(bench);
}
END_TEST

/* ---- In words ------------------------------------------------------------ */

START_TEST(reasons_name_clause_seed_and_unit)
{
    char text[256];
    struct bench *bench = bench_with("loss 100% duplicate 100%");
    struct fate fate = fate_of(bench, 12);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text, "lost: loss 100% seed 7 udp flow 1 unit 12");
    fate_reason(&fate, FATE_DUPLICATE, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text,
                     "duplicated: duplicate 100% seed 7 udp flow 1 unit 12");
    ck_assert_int_eq(fate_reason(&fate, FATE_CORRUPT, &bench->profile,
                                 &bench->unit, text, sizeof(text)),
                     0);
    bench->unit = (struct unit){.kind = UNIT_DATA,
                                .protocol = IPPROTO_TCP,
                                .flow = 2,
                                .nth = 1,
                                .index = 10,
                                .offset_bytes = 14480};
    fate = fate_of(bench, 10);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(
        text, "lost: loss 100% seed 7 tcp flow 2 data offset 14480 nth 1");
    bench->unit.kind = UNIT_ACK;
    bench->unit.nth = 0;
    fate = fate_of(bench, 4);
    fate_reason(&fate, FATE_LOST, &bench->profile, &bench->unit, text,
                sizeof(text));
    ck_assert_str_eq(text, "lost: loss 100% seed 7 tcp flow 2 ack 4");
    free(bench);
}
END_TEST

START_TEST(the_reason_names_the_unit_that_was_hit)
{
    char text[256];
    struct bench *bench = bench_with("loss 50%");
    struct unit units[2] = {bench->unit, bench->unit};
    for (uint64_t i = 0; i < 1000; i++) {
        if (has(bench, i, FATE_LOST) || !has(bench, i + 1, FATE_LOST))
            continue;
        units[0].index = i;
        units[1].index = i + 1;
        struct fate fate;
        fate_decide(&bench->fater, &bench->profile, units, 2, 0, false, &fate);
        ck_assert_uint_eq(fate.unit_bits[0], 0);
        fate_reason(&fate, FATE_LOST, &bench->profile, units, text,
                    sizeof(text));
        char *end = str_format("unit %d", (int)i + 1);
        ck_assert_ptr_nonnull(strstr(text, end));
        free(end);
    }
    free(bench);
}
END_TEST

START_TEST(decisions_have_words)
{
    char text[64];
    fate_unit_text(0, text, sizeof(text));
    ck_assert_str_eq(text, "pass");
    fate_unit_text(FATE_UNIT_LOST, text, sizeof(text));
    ck_assert_str_eq(text, "lost");
    fate_unit_text(FATE_UNIT_CORRUPT | FATE_UNIT_DUPLICATE, text, sizeof(text));
    ck_assert_str_eq(text, "duplicate,corrupt");
}
END_TEST

/* ---- Pinned -------------------------------------------------------------- */

/* Recorded runs are replayed by their seeds, so these answers must never
 * change. If this test fails, the hash's input did. */
START_TEST(the_losses_of_seed_7_are_for_ever)
{
    static const uint64_t pinned[] = {8, 9, 19, 35, 59, 90, 111, 116, 129, 134};
    struct bench *bench = bench_with("loss 5%");
    size_t found = 0;
    for (uint64_t i = 0; found < COUNT(pinned); i++) {
        if (has(bench, i, FATE_LOST))
            ck_assert_uint_eq(i, pinned[found++]);
    }
    free(bench);
}
END_TEST

static TCase *independence(void)
{
    TCase *tcase = tcase_create("independence");
    tcase_add_test(tcase, no_clause_changes_another_clauses_events);
    tcase_add_test(tcase, more_loss_loses_the_same_and_more);
    tcase_add_test(tcase, the_answers_about_one_unit_are_independent);
    tcase_add_test(tcase, each_part_of_a_name_matters);
    tcase_add_test(tcase, a_profiles_seed_goes_before_the_nets);
    tcase_add_loop_test(tcase, answers_do_not_depend_on_the_order_of_questions,
                        0, COUNT(remembering));
    tcase_add_test(tcase, flows_do_not_get_each_others_states);
    tcase_add_test(tcase, a_change_of_profile_is_a_fresh_question);
    tcase_add_test(tcase, the_losses_of_seed_7_are_for_ever);
    tcase_set_timeout(tcase, 30);
    return tcase;
}

static TCase *packets(void)
{
    TCase *tcase = tcase_create("packets");
    tcase_add_test(tcase, what_overtakes_is_not_delayed);
    tcase_add_test(tcase, any_unit_of_a_packet_decides);
    tcase_add_test(tcase, copies_are_not_copied_and_have_fates_of_their_own);
    tcase_add_test(tcase, marks_take_the_place_of_losses);
    tcase_add_test(tcase, bare_segments_are_only_delayed);
    tcase_add_test(tcase, what_has_no_unit_is_delayed_by_the_mean);
    tcase_add_test(tcase, reasons_name_clause_seed_and_unit);
    tcase_add_test(tcase, the_reason_names_the_unit_that_was_hit);
    tcase_add_test(tcase, decisions_have_words);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("fate");
    suite_add_tcase(suite, independence());
    suite_add_tcase(suite, packets());
    return run_suite(suite);
}
