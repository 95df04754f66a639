/* Engine parity: a profile means the same to the wire engine and to the
 * kernel's netem.
 *
 *      left ═══ a link for each profile ═══ right      engine wire
 *      left ═══ a link for each profile ═══ right      engine netem
 *
 * Both nets exist at once, and each numbered datagram goes to both within the
 * same moment, so that whatever the machine does, it does to both.  What the
 * receiving kernel stamps on arrival is compared: parity.h has the bounds.  One
 * more link, a plain delay, tells how well this machine keeps time.  All links
 * get theirs at the same moments: in virtual time a moment costs most.
 *
 * It takes a kernel with netem; test_netem_uml.sh runs it in one. */
#include "incell.h"

#include <assert.h>
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <wirelab/capture.h>
#include <wirelab/time.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/line.h"
#include "link/links.h"
#include "linktest.h"
#include "parity.h"

enum {
    ENGINES = 2,
    MAX_SUBJECTS = 32,
    DATAGRAM_BYTES = 100,
    IP_UDP_BYTES = 28
};
enum { CONTROL = 0, LEAST_TO_JUDGE = 30 };
/* Later than this, and nothing is judged.  Sooner than that no engine is: it
 * takes so long itself. */
#define LATEST_NS 5e6
#define OWN_WORK_NS 10e3

static const char *const engine_names[ENGINES] = {"wire", "netem"};

/* What became of the packets of one direction on one engine. */
struct outcome {
    struct sample delays_ns, bursts, extents;
    unsigned lost, duplicated, reordered;
    double rate_bps; /* of a burst that filled the queue; 0: not measured */
};

struct arrival {
    uint32_t number;
    int64_t delay_ns;
};

struct side {
    int tx, rx;
    struct arrival *arrivals;
    size_t count, room;
    int64_t first_ns, last_ns; /* of a burst */
    size_t first_count;
};

struct subject {
    char name[32];
    char text[PROFILE_TEXT_BYTES];
    struct profile profile;
    int64_t interval_ns;
    unsigned packets, sent;
    struct side sides[ENGINES];
    struct outcome outcomes[ENGINES];
};

static struct subject subjects[MAX_SUBJECTS];
static unsigned subject_count;
static unsigned sent_by[ENGINES];
static double slack_ns;
static char unfit[200]; /* why nothing can be judged */

/* ---- Which profiles, and how fast ---------------------------------------- */

/* A datagram takes a quarter of the time between two at most, so that the queue
 * stays short; where packets may overtake each other, they are sent close. */
static int64_t interval_for(const struct profile *profile)
{
    bool overtakes = profile->reorder.percent > 0 ||
                     (profile->jitter_ns > 0 && profile->rate_bps == 0);
    int64_t least_ns = overtakes ? MSECONDS(4) : MSECONDS(16);
    int64_t quarter_ns =
        4 * line_serialise_ns(profile, DATAGRAM_BYTES + IP_UDP_BYTES);
    return least_ns > quarter_ns ? least_ns : quarter_ns;
}

static void add_subject(const char *name, const char *text, int64_t run_ns)
{
    struct subject *subject = &subjects[subject_count++];
    struct scan_error error;
    assert(subject_count <= MAX_SUBJECTS);
    (void)snprintf(subject->name, sizeof(subject->name), "%s", name);
    if (profile_parse(&subject->profile, text, &error) < 0)
        infra("profile %s: %s", name, error.message);
    profile_format(&subject->profile, PROFILE_CANONICAL, subject->text,
                   sizeof(subject->text));
    subject->interval_ns = interval_for(&subject->profile);
    subject->packets = (unsigned)(run_ns / subject->interval_ns);
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = mem_zalloc(4096);
    if (file == NULL)
        infra("cannot read %s: %s", path, strerror(errno));
    (void)!fread(text, 1, 4095, file);
    (void)fclose(file);
    return text;
}

/* One for each thing a profile can say; the long run takes all. */
static const char *const quick[] = {"bursts", "demo",     "dsl",
                                    "lte",    "scramble", "shuffle"};

static bool is_long(void)
{
    const char *text = getenv("WIRELAB_LONG");
    return text != NULL && *text != '\0';
}

static int is_profile(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    if (dot == NULL || strcmp(dot, ".netem") != 0)
        return 0;
    size_t length = (size_t)(dot - entry->d_name);
    bool wanted = is_long();
    for (size_t i = 0; i < sizeof(quick) / sizeof(quick[0]); i++)
        wanted = wanted || (strlen(quick[i]) == length &&
                            strncmp(quick[i], entry->d_name, length) == 0);
    return wanted;
}

static void find_subjects(int64_t run_ns)
{
    const char *dir = getenv("WIRELAB_PROFILES");
    dir = dir ? dir : "netem-scripts/profiles";
    struct dirent **entries = NULL;
    add_subject("control", "delay 20ms", run_ns);
    int count = scandir(dir, &entries, is_profile, alphasort);
    for (int i = 0; i < count; i++) {
        char *path = str_format("%s/%s", dir, entries[i]->d_name);
        char *text = file_text(path);
        *strrchr(entries[i]->d_name, '.') = '\0';
        add_subject(entries[i]->d_name, text, run_ns);
        free(text);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (count <= 0)
        infra("no profiles in %s: run it in the project's root", dir);
}

/* ---- Packets ------------------------------------------------------------- */

static int64_t wall_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECONDS(1) + now.tv_nsec;
}

struct datagram {
    uint32_t number;
    uint32_t burst;
    int64_t sent_ns;
};

static void send_one(const struct subject *subject, unsigned engine,
                     uint32_t burst, size_t bytes)
{
    uint8_t data[1472] = {0};
    struct datagram head = {subject->sent, burst, wall_ns()};
    memcpy(data, &head, sizeof(head));
    sent_by[engine]++;
    ck_assert_int_eq(send(subject->sides[engine].tx, data, bytes, 0),
                     (ssize_t)bytes);
}

/* When the kernel got it, from SO_TIMESTAMPNS. */
static int64_t stamp_of(struct msghdr *message)
{
    struct timespec at = {0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL;
         c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
            memcpy(&at, CMSG_DATA(c), sizeof(at));
    }
    return (int64_t)at.tv_sec * SECONDS(1) + at.tv_nsec;
}

static void note(struct side *side, const struct datagram *head, int64_t at_ns)
{
    if (head->burst) {
        if (side->first_count++ == 0)
            side->first_ns = at_ns;
        side->last_ns = at_ns;
    }
    if (side->count == side->room) {
        side->room = side->room ? 2 * side->room : 1024;
        side->arrivals =
            mem_realloc(side->arrivals, side->room * sizeof(*side->arrivals));
    }
    side->arrivals[side->count++] =
        (struct arrival){head->number, at_ns - head->sent_ns};
}

static void drain(struct side *side)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr align;
    } control;
    struct datagram head;
    for (;;) {
        struct iovec part = {&head, sizeof(head)};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof(control)};
        ssize_t n = recvmsg(side->rx, &message, MSG_DONTWAIT);
        if (n < 0)
            return;
        if (n == sizeof(head))
            note(side, &head, stamp_of(&message));
    }
}

static void drain_all(void)
{
    for (unsigned i = 0; i < subject_count; i++) {
        for (unsigned e = 0; e < ENGINES; e++)
            drain(&subjects[i].sides[e]);
    }
}

/* Waits until all that was sent has entered its link, and nothing is on its way
 * any more.  The bound is for a hang only. */
static void await_idle(struct net *const *nets)
{
    int64_t until_ns = clock_now_ns() + SECONDS(30);
    for (unsigned e = 0; e < ENGINES; e++) {
        ck_assert_msg(
            capture_await(nets[e], "udp", (int)sent_by[e], SECONDS(30)),
            "%s has seen %d of %u packets", engine_names[e],
            capture_count(nets[e], "udp"), sent_by[e]);
        while (capture_count_fate(nets[e], FATE_IN_FLIGHT, NULL) > 0) {
            ck_assert_msg(clock_now_ns() < until_ns, "packets stay in flight");
            poll(NULL, 0, 50);
        }
    }
    drain_all();
}

static void open_sides(struct net *net, unsigned engine)
{
    struct host *left = net_host(net, "left"), *right = net_host(net, "right");
    int yes = 1;
    for (unsigned i = 0; i < subject_count; i++) {
        struct side *side = &subjects[i].sides[engine];
        struct link *link = net_link(left, right, subjects[i].text);
        const char *addr = host_addr_on(right, link);
        side->rx = lt_receiver(right, addr);
        side->tx = lt_sender(left, addr);
        setsockopt(side->rx, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes));
    }
}

/* ---- Steady traffic: delay, loss, order ---------------------------------- */

static struct subject *next_due(int64_t begun_ns, int64_t *due_ns)
{
    struct subject *next = NULL;
    *due_ns = INT64_MAX;
    for (unsigned i = 0; i < subject_count; i++) {
        struct subject *s = &subjects[i];
        int64_t at_ns = begun_ns + s->interval_ns * s->sent;
        if (s->sent < s->packets && at_ns < *due_ns) {
            next = s;
            *due_ns = at_ns;
        }
    }
    return next;
}

enum { UNDRAINED = 1000 }; /* packets that fit into the receivers' buffers */

static void send_steadily(void)
{
    int64_t begun_ns = clock_now_ns() + MSECONDS(10), due_ns;
    unsigned undrained = 0;
    for (struct subject *s; (s = next_due(begun_ns, &due_ns)) != NULL;) {
        struct timespec due = {.tv_sec = due_ns / SECONDS(1),
                               .tv_nsec = due_ns % SECONDS(1)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL))
            continue;
        unsigned first = s->sent % ENGINES;
        send_one(s, first, 0, DATAGRAM_BYTES);
        send_one(s, !first, 0, DATAGRAM_BYTES);
        s->sent++;
        if (++undrained % UNDRAINED == 0)
            drain_all();
    }
}

static void count_losses(struct outcome *outcome, const unsigned *times,
                         unsigned packets)
{
    unsigned burst = 0;
    for (unsigned i = 0; i <= packets; i++) {
        bool lost = i < packets && times[i] == 0;
        outcome->lost += lost;
        outcome->duplicated += i < packets && times[i] > 1;
        if (!lost && burst > 0)
            sample_add(&outcome->bursts, burst);
        burst = lost ? burst + 1 : 0;
    }
}

/* RFC 4737: a packet is reordered if one with a higher number came before, and
 * its extent is how many places before the earliest of those did. */
enum { FARTHEST = 1000 };

static void count_reordering(struct outcome *outcome, const struct side *side)
{
    uint32_t highest = 0;
    for (size_t i = 0; i < side->count; i++) {
        uint32_t number = side->arrivals[i].number;
        if (i == 0 || number >= highest) {
            highest = number;
            continue;
        }
        size_t earliest = i - (i < FARTHEST ? i : FARTHEST);
        while (side->arrivals[earliest].number <= number && earliest < i)
            earliest++;
        outcome->reordered++;
        sample_add(&outcome->extents, (double)(i - earliest));
    }
}

static void sum_up(struct subject *subject, unsigned engine)
{
    struct side *side = &subject->sides[engine];
    struct outcome *outcome = &subject->outcomes[engine];
    unsigned *times = mem_zalloc(subject->packets * sizeof(*times));
    for (size_t i = 0; i < side->count; i++) {
        times[side->arrivals[i].number]++;
        sample_add(&outcome->delays_ns, (double)side->arrivals[i].delay_ns);
    }
    count_losses(outcome, times, subject->packets);
    count_reordering(outcome, side);
    sample_sort(&outcome->delays_ns);
    sample_sort(&outcome->bursts);
    sample_sort(&outcome->extents);
    free(times);
}

/* ---- A burst: rate ------------------------------------------------------- */

enum { BURST_BYTES = 1200, FASTEST_BPS = 20000000 };

/* As much as takes 0.4 s and does not fill the queue. */
static unsigned burst_packets(const struct profile *profile)
{
    int64_t each_ns = line_serialise_ns(profile, BURST_BYTES + IP_UDP_BYTES);
    if (profile->rate_bps == 0 || profile->rate_bps > FASTEST_BPS ||
        profile->reorder.percent > 0) /* which pays no rate */
        return 0;
    unsigned packets = (unsigned)(MSECONDS(400) / each_ns);
    unsigned most = profile->limit_pkts * 8 / 10;
    return packets < most ? packets : most;
}

/* The first packets come as jitter wills; once packets wait for each other only
 * the rate spaces them, so the second half is measured. */
static void measure_rate(struct subject *subject, struct net *const *nets)
{
    unsigned packets = burst_packets(&subject->profile);
    for (unsigned e = 0; e < ENGINES; e++)
        subject->sides[e].count = subject->sides[e].first_count = 0;
    for (unsigned i = 0; i < packets; i++) {
        for (unsigned e = 0; e < ENGINES; e++)
            send_one(subject, e, i >= packets / 2, BURST_BYTES);
    }
    await_idle(nets);
    for (unsigned e = 0; e < ENGINES && packets > 0; e++) {
        const struct side *side = &subject->sides[e];
        double span_s = (double)(side->last_ns - side->first_ns) / 1e9;
        if (side->first_count > 5 && span_s > 0)
            subject->outcomes[e].rate_bps =
                (double)(side->first_count - 1) * BURST_BYTES * 8 / span_s;
    }
}

/* The first packet of a link waits for its neighbour's address: veth is
 * Ethernet, TUN is not.  What is lost is sent again, until each has got one. */
static void warm_up(struct net *const *nets)
{
    for (unsigned i = 0; i < subject_count; i++) {
        for (unsigned e = 0; e < ENGINES; e++) {
            for (int tries = 0; tries < 5; tries++)
                send_one(&subjects[i], e, 0, DATAGRAM_BYTES);
        }
    }
    await_idle(nets);
    for (unsigned i = 0; i < subject_count; i++) {
        subjects[i].sides[0].count = 0;
        subjects[i].sides[1].count = 0;
    }
}

/* ---- The measurement ----------------------------------------------------- */

static double error_of_clock(const struct outcome *outcome)
{
    struct sample errors = {0};
    for (size_t i = 0; i < outcome->delays_ns.count; i++)
        sample_add(&errors, fabs(outcome->delays_ns.values[i] - 20e6));
    sample_sort(&errors);
    double error = sample_quantile(&errors, 0.99);
    free(errors.values);
    return error;
}

static void tell(const struct subject *subject)
{
    for (unsigned e = 0; e < ENGINES; e++) {
        const struct outcome *o = &subject->outcomes[e];
        const struct sample *d = &o->delays_ns;
        fprintf(stderr,
                "%-14s %-5s %5u sent %4u lost %3u dup %4u late; delay %7.2f "
                "(p50 %7.2f p90 %7.2f p99 %7.2f) ms; burst %5.2f extent %5.2f "
                "rate %6.3f Mbit/s\n",
                subject->name, engine_names[e], subject->packets, o->lost,
                o->duplicated, o->reordered, sample_mean(d) / 1e6,
                sample_quantile(d, 0.5) / 1e6, sample_quantile(d, 0.9) / 1e6,
                sample_quantile(d, 0.99) / 1e6, sample_mean(&o->bursts),
                sample_mean(&o->extents), o->rate_bps / 1e6);
    }
}

static void measure(void)
{
    struct net *nets[ENGINES];
    uint64_t seed = hash_bytes("parity", 6);
    for (unsigned e = 0; e < ENGINES; e++) {
        nets[e] = net_new(seed);
        links_engine(nets[e], engine_names[e]);
        open_sides(nets[e], e);
    }
    warm_up(nets);
    send_steadily();
    await_idle(nets);
    for (unsigned i = 0; i < subject_count; i++) {
        for (unsigned e = 0; e < ENGINES; e++)
            sum_up(&subjects[i], e);
    }
    for (unsigned i = 0; i < subject_count; i++) {
        measure_rate(&subjects[i], nets);
        tell(&subjects[i]);
    }
    for (unsigned e = 0; e < ENGINES; e++)
        slack_ns =
            fmax(slack_ns, error_of_clock(&subjects[CONTROL].outcomes[e]));
    fprintf(stderr, "this machine keeps time to %.2f ms\n", slack_ns / 1e6);
    slack_ns = fmax(slack_ns, OWN_WORK_NS);
    for (unsigned e = ENGINES; e-- > 0;)
        net_free(nets[e]);
}

/* ---- Judgements ---------------------------------------------------------- */

/* How far a delay depends on its neighbours': behind a rate nobody overtakes,
 * and all wait for the slowest of the last four deviations. */
static double delay_inflation(const struct subject *subject)
{
    const struct profile *p = &subject->profile;
    double rho = p->reorder.correlation_percent / 100;
    double reach =
        p->rate_bps > 0
            ? ceil(4 * (double)p->jitter_ns / (double)subject->interval_ns)
            : 0;
    return (2 * reach + 1) * (1 + rho) / (1 - rho);
}

static double loss_inflation(const struct loss *loss)
{
    double rho = loss->random.correlation_percent / 100;
    if (loss->model == LOSS_GEMODEL)
        rho = 1 - (loss->gemodel.p + loss->gemodel.r) / 100;
    return rho > 0 ? (1 + rho) / (1 - rho) : 1;
}

/* Whether a packet is overtaken is up to those sent while it is on its way. */
static double reorder_inflation(const struct subject *subject)
{
    const struct profile *p = &subject->profile;
    double rho = p->reorder.correlation_percent / 100;
    double span_ns =
        (double)(p->reorder.percent > 0 ? p->delay_ns : 2 * p->jitter_ns);
    double reach = ceil(span_ns / (double)subject->interval_ns);
    return (2 * reach + 1) * (1 + rho) / (1 - rho);
}

/* NULL: this run is not fit to judge by, which is said. */
static const struct subject *subject_to_judge(int i)
{
    const struct subject *subject = &subjects[i];
    if (unfit[0] != '\0') {
        fprintf(stderr, "SKIP parity of engines: %s\n", unfit);
        return NULL;
    }
    for (unsigned e = 0; e < ENGINES; e++)
        ck_assert_msg(subject->outcomes[e].delays_ns.count > LEAST_TO_JUDGE,
                      "%s: %s delivered %zu of %u packets", subject->name,
                      engine_names[e], subject->outcomes[e].delays_ns.count,
                      subject->packets);
    return subject;
}

START_TEST(delays_agree)
{
    const struct subject *s = subject_to_judge(_i);
    if (s == NULL)
        return;
    const struct outcome *wire = &s->outcomes[0], *netem = &s->outcomes[1];
    double inflation = delay_inflation(s);
    struct parity_why why;
    ck_assert_msg(same_mean(&wire->delays_ns, &netem->delays_ns, inflation,
                            slack_ns, &why),
                  "%s, mean delay (ns), wire and netem: %s", s->name, why.text);
    ck_assert_msg(same_shape(&wire->delays_ns, &netem->delays_ns, inflation,
                             slack_ns, &why),
                  "%s, delay, wire and netem: %s", s->name, why.text);
}
END_TEST

START_TEST(losses_agree)
{
    const struct subject *s = subject_to_judge(_i);
    if (s == NULL)
        return;
    const struct outcome *wire = &s->outcomes[0], *netem = &s->outcomes[1];
    struct parity_why why;
    ck_assert_msg(same_count(wire->lost, netem->lost,
                             loss_inflation(&s->profile.loss), &why),
                  "%s, lost by wire and netem: %s", s->name, why.text);
    ck_assert_msg(same_count(wire->duplicated, netem->duplicated, 1, &why),
                  "%s, duplicated by wire and netem: %s", s->name, why.text);
    ck_assert_msg(same_shape(&wire->bursts, &netem->bursts, 1, 0, &why),
                  "%s, losses in a row, wire and netem: %s", s->name, why.text);
}
END_TEST

START_TEST(reordering_agrees)
{
    const struct subject *s = subject_to_judge(_i);
    if (s == NULL)
        return;
    const struct outcome *wire = &s->outcomes[0], *netem = &s->outcomes[1];
    double inflation = reorder_inflation(s);
    struct parity_why why;
    ck_assert_msg(
        same_count(wire->reordered, netem->reordered, inflation, &why),
        "%s, reordered by wire and netem: %s", s->name, why.text);
    ck_assert_msg(
        same_shape(&wire->extents, &netem->extents, inflation, 0, &why),
        "%s, extent of reordering, wire and netem: %s", s->name, why.text);
}
END_TEST

/* Against the profile, not only each other: headers and cells count. */
START_TEST(rates_agree)
{
    const struct subject *s = subject_to_judge(_i);
    if (s == NULL)
        return;
    const struct profile *p = &s->profile;
    int64_t each_ns = line_serialise_ns(p, BURST_BYTES + IP_UDP_BYTES);
    for (unsigned e = 0; e < ENGINES && burst_packets(p) > 0; e++) {
        double expected = BURST_BYTES * 8 / ((double)each_ns / 1e9);
        double span_ns = (double)each_ns * burst_packets(p) / 2;
        double tolerance = 0.005 + 2 * slack_ns / span_ns;
        ck_assert_msg(fabs(s->outcomes[e].rate_bps / expected - 1) < tolerance,
                      "%s: %s lets through %.0f bit/s of payload, the profile "
                      "%.0f (tolerance %.1f %%)",
                      s->name, engine_names[e], s->outcomes[e].rate_bps,
                      expected, 100 * tolerance);
    }
}
END_TEST

/* ---- The judges themselves ----------------------------------------------- */

enum { DRAWN = 500 };

/* Uniform values, as a delay of `jitter` either way would be. */
static struct sample drawn(uint64_t seed, double mean, double jitter)
{
    struct sample sample = {0};
    for (uint64_t i = 0; i < DRAWN; i++) {
        double chance = hash_unit(hash_words((uint64_t[]){seed, i}, 2));
        sample_add(&sample, mean + jitter * (2 * chance - 1));
    }
    sample_sort(&sample);
    return sample;
}

START_TEST(judges_take_equals_for_equal)
{
    struct parity_why why;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sample a = drawn(seed, 20, 5), b = drawn(~seed, 20, 5);
        ck_assert_msg(same_shape(&a, &b, 1, 0, &why), "%s", why.text);
        ck_assert_msg(same_mean(&a, &b, 1, 0, &why), "%s", why.text);
        free(a.values);
        free(b.values);
    }
    ck_assert(same_count(5, 12, 1, &why));
}
END_TEST

static const struct {
    const char *name;
    double mean, jitter, slack;
    bool mean_tells, shape_tells;
} unlike[] = {
    {"later by less than the clock is good for", 20.4, 5, 0.5, false, false},
    {"later by more", 22, 5, 0.5, true, true},
    {"spread half as wide", 20, 2.5, 0.1, false, true},
    {"no spread at all", 20, 0, 0.1, false, true},
};

START_TEST(judges_tell_others_apart)
{
    struct parity_why why;
    struct sample a = drawn(1, 20, 5);
    struct sample b = drawn(2, unlike[_i].mean, unlike[_i].jitter);
    ck_assert_msg(same_mean(&a, &b, 1, unlike[_i].slack, &why) !=
                      unlike[_i].mean_tells,
                  "%s: %s", unlike[_i].name, why.text);
    ck_assert_msg(same_shape(&a, &b, 1, unlike[_i].slack, &why) !=
                      unlike[_i].shape_tells,
                  "%s: %s", unlike[_i].name, why.text);
    free(a.values);
    free(b.values);
}
END_TEST

START_TEST(counts_that_differ_are_told_apart)
{
    struct parity_why why;
    ck_assert(!same_count(5, 50, 1, &why));
    ck_assert(!same_count(500, 700, 1, &why));
    ck_assert(same_count(500, 700, 10, &why));
}
END_TEST

/* ---- Running ------------------------------------------------------------- */

static void add_pure(Suite *suite)
{
    TCase *judges = tcase_create("judges");
    tcase_add_test(judges, judges_take_equals_for_equal);
    tcase_add_loop_test(judges, judges_tell_others_apart, 0,
                        sizeof(unlike) / sizeof(unlike[0]));
    tcase_add_test(judges, counts_that_differ_are_told_apart);
    suite_add_tcase(suite, judges);
}

static void measure_once(void)
{
    incell_setup();
    measure();
    incell_teardown();
    if (slack_ns > LATEST_NS)
        (void)snprintf(unfit, sizeof(unfit),
                       "this machine is %.1f ms late, too busy to compare",
                       slack_ns / 1e6);
}

/* Measured is once, in the process that all tests are forked from. */
static void add_engines(Suite *suite, int64_t run_ns)
{
    TCase *engines = tcase_create("engines");
    find_subjects(run_ns);
    int count = (int)subject_count;
    tcase_add_unchecked_fixture(engines, measure_once, NULL);
    tcase_add_loop_test(engines, delays_agree, 0, count);
    tcase_add_loop_test(engines, losses_agree, 0, count);
    tcase_add_loop_test(engines, reordering_agrees, 0, count);
    tcase_add_loop_test(engines, rates_agree, 0, count);
    suite_add_tcase(suite, engines);
}

static int run_in_cell(void *context)
{
    (void)context;
    Suite *suite = suite_create("parity");
    add_pure(suite);
    if (netns_try_netem() < 0)
        fprintf(stderr, "SKIP parity of engines: this kernel has no netem; "
                        "test_netem_uml runs it where there is one\n");
    else
        add_engines(suite, is_long() ? SECONDS(60) : SECONDS(2));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}

int main(void)
{
    char error[CELL_ERROR_BYTES];
    int status = 0;
    pid_t pid = cell_start(run_in_cell, NULL, error);
    if (pid < 0)
        fprintf(stderr, "SKIP parity: %s\n", error);
    else if (waitpid(pid, &status, 0) != pid)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
