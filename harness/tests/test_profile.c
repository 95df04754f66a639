/* netem's grammar: what parses, what it means, what is refused and where. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/profile.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static struct profile parsed(const char *text)
{
    struct profile profile;
    struct scan_error error = {0};
    ck_assert_msg(profile_parse(&profile, text, &error) == 0, "\"%s\": %s",
                  text, error.message);
    return profile;
}

static const char *formatted(const struct profile *profile,
                             enum profile_style style, char *text)
{
    int length = profile_format(profile, style, text, PROFILE_TEXT_BYTES);
    ck_assert_int_lt(length, PROFILE_TEXT_BYTES);
    return text;
}

/* ---- What is understood -------------------------------------------------- */

static const struct {
    const char *text, *canonical;
} valid[] = {
    {"", ""},
    {"limit 1000", ""},
    {"limit 50", "limit 50"},
    {"delay 50ms", "delay 50ms"},
    {"latency 0.05s", "delay 50ms"},
    {"delay 1500us", "delay 1.5ms"},
    {"delay 1234567ns", "delay 1234.567us"},
    {"delay 999ns", "delay 999ns"},
    {"delay 100msecs 10msec 25%", "delay 100ms 10ms 25%"},
    {"delay 0", ""},
    {"delay 50ms 10ms distribution normal",
     "delay 50ms 10ms distribution normal"},
    {"distribution pareto delay 50ms 10ms 0%",
     "delay 50ms 10ms distribution pareto"},
    {"delay 5ms 1ms distribution uniform", "delay 5ms 1ms"},
    {"delay 5ms 1ms distribution paretonormal",
     "delay 5ms 1ms distribution paretonormal"},
    {"loss 1%", "loss 1%"},
    {"loss 1", "loss 1%"},
    {"loss 0.00001%", "loss 0.00001%"},
    {"loss 0.000000000001", "loss 0.000000000001%"},
    {"loss 0.0000000000001", "loss 0%"},
    {"drop 0.1% 25%", "loss 0.1% 25%"},
    {"loss random 1.25% 30", "loss 1.25% 30%"},
    {"loss 5% ecn", "loss 5% ecn"},
    {"loss state 3%", "loss state 3%"},
    {"loss state 3% 97% 0% 100% 0%", "loss state 3%"},
    {"loss state 1% 30%", "loss state 1% 30%"},
    {"loss state 1% 30% 5% 20% 0.5%", "loss state 1% 30% 5% 20% 0.5%"},
    {"loss gemodel 1%", "loss gemodel 1%"},
    {"loss gemodel 1% 10%", "loss gemodel 1% 10%"},
    {"loss gemodel 1% 10% 100% 0%", "loss gemodel 1% 10%"},
    {"loss gemodel 1% 10% 70% 0.1%", "loss gemodel 1% 10% 70% 0.1%"},
    {"corrupt 0.1% 5%", "corrupt 0.1% 5%"},
    {"dup 1%", "duplicate 1%"},
    {"duplicate 0%", ""},
    {"delay 10ms reorder 25% 50% gap 5", "delay 10ms reorder 25% 50% gap 5"},
    {"delay 10ms gap 5 reorder 25%", "delay 10ms reorder 25% gap 5"},
    {"delay 10ms reorder 25% gap 1", "delay 10ms reorder 25%"},
    {"delay 10ms reorder 25% gap 2", "delay 10ms reorder 25% gap 2"},
    {"rate 10mbit", "rate 10mbit"},
    {"rate 1.5Mbit", "rate 1500kbit"},
    {"rate 100", "rate 100bit"},
    {"rate 1kibit", "rate 1024bit"},
    {"rate 100kbps", "rate 800kbit"},
    {"rate 1gibps", "rate 8589934592bit"},
    {"rate 5kbit 20 100 5", "rate 5kbit 20 100 5"},
    {"rate 5kbit -14", "rate 5kbit -14"},
    {"rate 5kbit 0 48 5", "rate 5kbit 0 48 5"},
    {"rate 5kbit +20", "rate 5kbit 20"},
    {"slot 800us", "slot 800us"},
    {"slot 1ms 2ms packets 10 bytes 64k",
     "slot 1ms 2ms packets 10 bytes 65536"},
    {"slot distribution normal 2ms 500us bytes 1500",
     "slot distribution normal 2ms 500us bytes 1500"},
    {"slot distribution uniform 2ms 500us", "slot 1.5ms 2.5ms"},
    {"seed 18446744073709551615", "seed 18446744073709551615"},
    {"rate 1mbit, delay 5ms\n# a modem\nloss 1% # at night\n",
     "delay 5ms loss 1% rate 1mbit"},
};

START_TEST(text_means_what_tc_says)
{
    char text[PROFILE_TEXT_BYTES];
    struct profile profile = parsed(valid[_i].text);
    ck_assert_str_eq(formatted(&profile, PROFILE_CANONICAL, text),
                     valid[_i].canonical);
}
END_TEST

START_TEST(canonical_text_is_a_fixed_point)
{
    char once[PROFILE_TEXT_BYTES], twice[PROFILE_TEXT_BYTES];
    struct profile first = parsed(valid[_i].text);
    formatted(&first, PROFILE_CANONICAL, once);
    struct profile second = parsed(once);
    ck_assert_str_eq(formatted(&second, PROFILE_CANONICAL, twice), once);
}
END_TEST

START_TEST(values_arrive_in_their_units)
{
    struct profile p = parsed(
        "limit 7 delay 50ms 10ms 25% distribution normal loss 1% 2% ecn "
        "corrupt 3% duplicate 4% reorder 5% 6% gap 8 rate 10mbit -4 48 5 "
        "slot 1ms 2ms packets 9 bytes 10 seed 11");
    ck_assert_uint_eq(p.limit_pkts, 7);
    ck_assert_int_eq(p.delay_ns, 50000000);
    ck_assert_int_eq(p.jitter_ns, 10000000);
    ck_assert_double_eq(p.delay_correlation_percent, 25);
    ck_assert_int_eq(p.shape, DIST_NORMAL);
    ck_assert_int_eq(p.loss.model, LOSS_RANDOM);
    ck_assert_double_eq(p.loss.random.percent, 1);
    ck_assert_double_eq(p.loss.random.correlation_percent, 2);
    ck_assert(p.ecn);
    ck_assert_double_eq(p.corrupt.percent, 3);
    ck_assert_double_eq(p.duplicate.percent, 4);
    ck_assert_double_eq(p.reorder.percent, 5);
    ck_assert_double_eq(p.reorder.correlation_percent, 6);
    ck_assert_uint_eq(p.gap, 8);
    ck_assert_uint_eq(p.rate_bps, 10000000);
    ck_assert_int_eq(p.overhead_bytes, -4);
    ck_assert_uint_eq(p.cell_bytes, 48);
    ck_assert_int_eq(p.cell_overhead_bytes, 5);
    ck_assert(p.slots.on && !p.slots.distributed);
    ck_assert_int_eq(p.slots.min_ns, 1000000);
    ck_assert_int_eq(p.slots.max_ns, 2000000);
    ck_assert_uint_eq(p.slots.max_pkts, 9);
    ck_assert_uint_eq(p.slots.max_bytes, 10);
    ck_assert(p.seeded);
    ck_assert_uint_eq(p.seed, 11);
}
END_TEST

START_TEST(what_is_left_out_has_tcs_defaults)
{
    struct profile p = parsed("");
    ck_assert_uint_eq(p.limit_pkts, 1000);
    ck_assert(profile_is_perfect(&p));
    p = parsed("loss state 3%");
    ck_assert_double_eq(p.loss.state.p31, 97);
    ck_assert_double_eq(p.loss.state.p32, 0);
    ck_assert_double_eq(p.loss.state.p23, 100);
    p = parsed("loss gemodel 3%");
    ck_assert_double_eq(p.loss.gemodel.r, 97);
    ck_assert_double_eq(p.loss.gemodel.lost_in_bad, 100);
    ck_assert_double_eq(p.loss.gemodel.lost_in_good, 0);
    p = parsed("delay 1ms reorder 5%");
    ck_assert_uint_eq(p.gap, 1);
    ck_assert_int_eq(p.shape, DIST_UNIFORM);
}
END_TEST

START_TEST(profiles_know_what_they_do_to_a_packet)
{
    static const struct {
        const char *text;
        bool perfect, each;
    } rows[] = {
        {"", true, false},
        {"limit 5", true, false},
        {"delay 5ms", false, false},
        {"loss 1%", false, false},
        {"corrupt 1%", false, false},
        {"duplicate 1%", false, false},
        {"rate 1mbit", false, true},
        {"delay 5ms 1ms", false, true},
        {"slot 1ms", false, true},
        {"delay 5ms reorder 1%", false, true},
    };
    for (int i = 0; i < COUNT(rows); i++) {
        struct profile p = parsed(rows[i].text);
        ck_assert_msg(profile_is_perfect(&p) == rows[i].perfect, "%s",
                      rows[i].text);
        ck_assert_msg(profile_times_each_packet(&p) == rows[i].each, "%s",
                      rows[i].text);
    }
}
END_TEST

/* ---- What is refused ----------------------------------------------------- */

static const struct {
    const char *text;
    unsigned line, column, length;
    const char *message;
} refused[] = {
    {"dealy 10ms", 1, 1, 5,
     "unknown word \"dealy\" at column 1 — did you mean \"delay\"?"},
    {"loss 5% duplcate 1%", 1, 9, 8,
     "unknown word \"duplcate\" at column 9 — did you mean \"duplicate\"?"},
    {"delay 5ms\nlos 1%\nxyzzy", 3, 1, 5,
     "unknown word \"xyzzy\" at line 3 column 1 — it must be one of limit, "
     "latency, delay, loss, drop, ecn, reorder, corrupt, gap, duplicate, "
     "distribution, rate, slot, seed"},
    {"delay 50ms jitter 5ms", 1, 12, 6,
     "unknown word \"jitter\" at column 12 — jitter is the second value of "
     "delay: \"delay 50ms 10ms\""},
    {"delay", 1, 6, 0, "delay is missing at column 6"},
    {"delay 50", 1, 7, 2,
     "delay: \"50\" has no unit (s, ms, us or ns) at column 7"},
    {"delay 50mss", 1, 7, 5,
     "delay: \"50mss\" is not a time (units are s, ms, us and ns) at column 7"},
    {"delay -5ms", 1, 7, 4, "delay: \"-5ms\" is negative at column 7"},
    {"delay nan", 1, 7, 3, "delay: \"nan\" is not a number at column 7"},
    {"delay .ms", 1, 7, 3, "delay: \".ms\" is not a number at column 7"},
    {"delay 90000s", 1, 7, 6,
     "delay: \"90000s\" is longer than a day at column 7"},
    {"delay 0.1234567890123456ms", 1, 7, 20,
     "delay: \"0.1234567890123456ms\" has too many digits at column 7"},
    {"delay 0ms 5ms", 1, 11, 3,
     "jitter needs a delay above 0 to vary at column 11 — write \"delay 10ms "
     "5ms\""},
    {"delay 5ms -1ms", 1, 11, 4, "jitter: \"-1ms\" is negative at column 11"},
    {"delay 5ms 1ms 101%", 1, 15, 4,
     "correlation: \"101%\" is above 100% at column 15"},
    {"delay 5ms delay 6ms", 1, 11, 5,
     "\"delay\" is given twice at column 11 — keep one of them"},
    {"loss", 1, 5, 0, "loss is missing at column 5"},
    {"loss 5ms", 1, 6, 3, "loss: \"5ms\" is not a percentage at column 6"},
    {"loss -1%", 1, 6, 3, "loss: \"-1%\" is negative at column 6"},
    {"loss 100.1%", 1, 6, 6, "loss: \"100.1%\" is above 100% at column 6"},
    {"loss gemodle 1%", 1, 6, 7,
     "loss: \"gemodle\" is neither a percentage nor a model at column 6 — did "
     "you mean \"gemodel\"?"},
    {"loss state 60% 50% 60%", 1, 1, 4,
     "\"loss\" state: p31 and p32 add up to more than 100% at column 1 — both "
     "leave state 3"},
    {"loss state 60% 50% 0% 0% 50%", 1, 1, 4,
     "\"loss\" state: p13 and p14 add up to more than 100% at column 1 — both "
     "leave state 1"},
    {"ecn", 1, 1, 3,
     "\"ecn\" needs a loss to put marks in place of at column 1 — write \"loss "
     "1% ecn\""},
    {"reorder 25%", 1, 1, 7,
     "\"reorder\" needs a delay: a reordered packet is one that has none at "
     "column 1 — write \"delay 10ms reorder 25%\""},
    {"delay 5ms gap 5", 1, 11, 3,
     "\"gap\" needs a reorder above 0% at column 11 — write \"reorder 25% gap "
     "5\""},
    {"delay 5ms reorder 5% gap 0", 1, 26, 1,
     "gap: \"0\" must be at least 1 at column 26"},
    {"distribution normal", 1, 1, 12,
     "\"distribution\" needs a delay and a jitter at column 1 — write \"delay "
     "50ms 10ms distribution normal\""},
    {"delay 5ms 1ms distribution norml", 1, 28, 5,
     "unknown distribution \"norml\" at column 28 — did you mean \"normal\"?"},
    {"rate 10mb", 1, 6, 4,
     "rate: \"10mb\" is not a rate (units are bit, kbit, mbit, gbit, bps, kbps "
     "…) at column 6"},
    {"rate 0", 1, 6, 1, "rate: \"0\" lets nothing pass at column 6"},
    {"rate 1mbit 0 48 -48", 1, 17, 3,
     "cell overhead: \"-48\" is too small at column 17"},
    {"limit 0", 1, 7, 1, "limit: \"0\" must be at least 1 at column 7"},
    {"limit 1.5", 1, 7, 3, "limit: \"1.5\" is not a whole number at column 7"},
    {"slot 2ms 1ms", 1, 10, 3,
     "slot: \"1ms\" is below the minimum before it at column 10"},
    {"slot distribution uniform 1ms 2ms", 1, 31, 3,
     "slot jitter: \"2ms\" is above the slot's delay at column 31"},
    {"slot distribution normal 1ms", 1, 29, 0,
     "slot jitter is missing at column 29"},
    {"slot 1ms bytes 0", 1, 16, 1,
     "slot bytes: \"0\" lets nothing pass at column 16"},
    {"seed -1", 1, 6, 2, "seed: \"-1\" is not a whole number at column 6"},
    {"seed 18446744073709551616", 1, 6, 20,
     "seed: \"18446744073709551616\" does not fit into 64 bits at column 6"},
};

START_TEST(errors_point_at_the_word)
{
    struct profile profile, untouched;
    struct scan_error error = {0};
    memset(&profile, 0x5a, sizeof(profile));
    memcpy(&untouched, &profile, sizeof(profile));
    int rc = profile_parse(&profile, refused[_i].text, &error);
    ck_assert_msg(rc < 0, "\"%s\" was taken", refused[_i].text);
    ck_assert_str_eq(error.message, refused[_i].message);
    ck_assert_uint_eq(error.line, refused[_i].line);
    ck_assert_uint_eq(error.column, refused[_i].column);
    ck_assert_uint_eq(error.length, refused[_i].length);
    ck_assert_mem_eq(&profile, &untouched, sizeof(profile));
}
END_TEST

START_TEST(the_caret_stands_under_the_word)
{
    struct profile profile;
    struct scan_error error;
    char lines[200];
    const char *text = "loss 1%\n\tdelay 5m 1ms\nrate 1mbit";
    ck_assert_int_lt(profile_parse(&profile, text, &error), 0);
    scan_error_caret(&error, text, lines, sizeof(lines));
    ck_assert_str_eq(lines, "\tdelay 5m 1ms\n\t      ^~\n");
}
END_TEST

START_TEST(every_prefix_is_judged_without_harm)
{
    const char *text = valid[_i].text;
    for (size_t n = 0; n <= strlen(text); n++) {
        struct profile profile;
        struct scan_error error = {0};
        char lines[1024];
        char *prefix = str_format("%.*s", (int)n, text);
        if (profile_parse(&profile, prefix, &error) < 0) {
            ck_assert_uint_ge(error.column, 1);
            ck_assert_str_ne(error.message, "");
            scan_error_caret(&error, prefix, lines, sizeof(lines));
            ck_assert_ptr_nonnull(strchr(lines, '^'));
        }
        free(prefix);
    }
}
END_TEST

START_TEST(long_words_do_not_overflow_the_message)
{
    struct profile profile;
    struct scan_error error;
    char text[4000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_int_lt(profile_parse(&profile, text, &error), 0);
    ck_assert_uint_lt(strlen(error.message), sizeof(error.message));
    ck_assert_uint_eq(error.length, 3999);
}
END_TEST

/* ---- Round trips of profiles nobody wrote -------------------------------- */

static uint64_t draw(uint64_t *state, uint64_t below)
{
    return hash_words((uint64_t[]){(*state)++}, 1) % below;
}

static double some_percent(uint64_t *state)
{
    return (double)draw(state, 100001) / 1000;
}

static struct profile some_profile(uint64_t seed)
{
    uint64_t s = seed << 16;
    struct profile p = {.limit_pkts = 1 + (uint32_t)draw(&s, 5000)};
    p.delay_ns = 1 + (int64_t)draw(&s, 3000000000);
    if (draw(&s, 2)) {
        p.jitter_ns = 1 + (int64_t)draw(&s, 100000000);
        p.delay_correlation_percent = some_percent(&s);
        p.shape = (enum dist_shape)draw(&s, 4);
    }
    p.loss.model = (enum loss_model)draw(&s, 4);
    if (p.loss.model == LOSS_RANDOM)
        p.loss.random = (struct chance){some_percent(&s), some_percent(&s)};
    p.loss.state.p13 = some_percent(&s) / 2;
    p.loss.state.p14 = some_percent(&s) / 2;
    p.loss.state.p31 = some_percent(&s) / 2;
    p.loss.state.p32 = some_percent(&s) / 2;
    p.loss.state.p23 = some_percent(&s);
    p.loss.gemodel.p = some_percent(&s);
    p.loss.gemodel.r = some_percent(&s);
    p.loss.gemodel.lost_in_bad = some_percent(&s);
    p.loss.gemodel.lost_in_good = some_percent(&s);
    p.corrupt.percent = some_percent(&s);
    p.duplicate.percent = some_percent(&s);
    p.reorder = (struct chance){0.001 + some_percent(&s) / 2, some_percent(&s)};
    p.gap = 1 + (uint32_t)draw(&s, 9);
    p.rate_bps = 1 + draw(&s, 10000000000);
    p.overhead_bytes = (int32_t)draw(&s, 100) - 50;
    p.cell_bytes = (uint32_t)draw(&s, 3) * 48;
    p.slots = (struct slots){.on = draw(&s, 2),
                             .min_ns = (int64_t)draw(&s, 1000000),
                             .max_pkts = (uint32_t)draw(&s, 3)};
    p.slots.max_ns = p.slots.min_ns + (int64_t)draw(&s, 2) * 1000;
    p.seeded = draw(&s, 2);
    p.seed = hash_words(&s, 1);
    return p;
}

START_TEST(any_profile_survives_a_round_trip)
{
    for (uint64_t seed = 0; seed < 3000; seed++) {
        char once[PROFILE_TEXT_BYTES], twice[PROFILE_TEXT_BYTES];
        struct profile p = some_profile(seed);
        formatted(&p, PROFILE_CANONICAL, once);
        struct profile again = parsed(once);
        ck_assert_str_eq(formatted(&again, PROFILE_CANONICAL, twice), once);
        ck_assert_int_eq(again.delay_ns, p.delay_ns);
        ck_assert_int_eq(again.jitter_ns, p.jitter_ns);
        ck_assert_uint_eq(again.rate_bps, p.rate_bps);
        ck_assert_double_eq_tol(again.reorder.percent, p.reorder.percent, 1e-9);
        ck_assert_int_eq(again.loss.model, p.loss.model);
        ck_assert_uint_eq(again.gap, p.gap);
    }
}
END_TEST

/* ---- tc itself ----------------------------------------------------------- */

/* Lets tc read the text, in a network namespace of its own.  The kernel may
 * have no netem; tc then says so after parsing, and that is all we want.
 * Returns false when tc objects to the text. */
static bool tc_parses(const char *text, char *answer, size_t size)
{
    char *command =
        str_format("unshare -rn tc qdisc add dev lo root netem %s 2>&1", text);
    FILE *tc = popen(command, "r");
    free(command);
    ck_assert_ptr_nonnull(tc);
    size_t length = fread(answer, 1, size - 1, tc);
    answer[length] = '\0';
    int status = pclose(tc);
    return status == 0 || strstr(answer, "qdisc kind is unknown") != NULL;
}

START_TEST(tc_takes_what_is_written_for_it)
{
    char text[PROFILE_TEXT_BYTES], answer[4096];
    if (!tc_parses("delay 1ms", answer, sizeof(answer))) {
        fprintf(stderr, "SKIP tc_takes_what_is_written_for_it: %s", answer);
        return;
    }
    ck_assert_msg(!tc_parses("dealy 1ms", answer, sizeof(answer)),
                  "tc parses anything here: this test proves nothing");
    for (int i = 0; i < COUNT(valid); i++) {
        struct profile p = parsed(valid[i].text);
        formatted(&p, PROFILE_FOR_TC, text);
        ck_assert_msg(tc_parses(text, answer, sizeof(answer)),
                      "tc refuses \"%s\": %s", text, answer);
        ck_assert_msg(strncmp(text, "limit ", 6) == 0, "no limit in \"%s\"",
                      text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profile");
    TCase *understood = tcase_create("understood");
    tcase_add_loop_test(understood, text_means_what_tc_says, 0, COUNT(valid));
    tcase_add_loop_test(understood, canonical_text_is_a_fixed_point, 0,
                        COUNT(valid));
    tcase_add_test(understood, values_arrive_in_their_units);
    tcase_add_test(understood, what_is_left_out_has_tcs_defaults);
    tcase_add_test(understood, profiles_know_what_they_do_to_a_packet);
    tcase_add_test(understood, any_profile_survives_a_round_trip);
    tcase_add_test(understood, tc_takes_what_is_written_for_it);
    tcase_set_timeout(understood, 20);
    suite_add_tcase(suite, understood);
    TCase *errors = tcase_create("refused");
    tcase_add_loop_test(errors, errors_point_at_the_word, 0, COUNT(refused));
    tcase_add_test(errors, the_caret_stands_under_the_word);
    tcase_add_loop_test(errors, every_prefix_is_judged_without_harm, 0,
                        COUNT(valid));
    tcase_add_test(errors, long_words_do_not_overflow_the_message);
    suite_add_tcase(suite, errors);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
