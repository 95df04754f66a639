/* A guest: what it can, what it sees of the host, and what errands get. */
#include "world_bench.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

struct chore {
    const char *name, *command;
    int status;       /* as of waitpid(2) */
    const char *word; /* its verdict, or NULL: any */
};

#define EXITS(n) ((n) << 8)

static const struct chore chores[] = {
    {"is root", "id -u >&3", 0, "0\n"},
    {"an exit status is told", "exit 7", EXITS(7), ""},
    {"a signal is told", "kill -9 $$", SIGKILL, ""},
    {"the host's programs are there", "test -x /usr/bin/env -a -d /lib", 0, ""},
    {"and read-only", "! touch /usr/touched", 0, ""},
    {"a shown directory is there", "cat $SHOWN/file >&3", 0, "shown"},
    {"and read-only", "! touch $SHOWN/touched", 0, ""},
    {"nothing else of the host is", "ls / | tr '\\n' ' ' >&3", 0, NULL},
    {"nor its secrets", "! test -e /etc/shadow", 0, ""},
    {"a kept directory takes files", "echo kept >$KEPT/file", 0, ""},
    {"/tmp is for all", "setpriv --reuid 1000 touch /tmp/x", 0, ""},
    {"random numbers come at once", "head -c 9 /dev/random | wc -c >&3", 0,
     "9\n"},
    {"TUN devices", "unshare -n ip tuntap add dev t mode tun", 0, ""},
    {"veth pairs", "unshare -n ip link add name va type veth peer name vb", 0,
     ""},
    {"bridges", "unshare -n ip link add name br0 type bridge", 0, ""},
    {"ifb, loaded when asked for", "unshare -n ip link add name in0 type ifb",
     0, ""},
    {"address translation", "unshare -n iptables-legacy -t nat -S", 0, NULL},
    {"user namespaces", "unshare -U true", 0, ""},
    {"control groups",
     "mkdir /sys/fs/cgroup/x && grep -q memory /sys/fs/cgroup/x/../*rollers", 0,
     ""},
    {"bubblewrap", "bwrap --ro-bind / / --unshare-all true", 0, ""},
    {"a long verdict is whole",
     "head -c 300000 /dev/zero | tr '\\0' x | tee /proc/self/fd/3 | wc -c", 0,
     NULL},
    {"who holds the pipe is not waited for", "sleep 1000 & echo x >&3", 0,
     "x\n"},
    /* Lost on the way there or back: 1 - 0.7 * 0.7 of 300, 5 sigma. */
    {"netem loses what it is told to",
     "unshare -n sh -c 'ip link set lo up && tc qdisc add dev lo root netem "
     "loss 30% limit 1000 && ping -q -c 300 -i 0.002 -W 1 127.0.0.1' | "
     "awk '/received/ { print ($4 > 110 && $4 < 196) ? \"so\" : $4 }' >&3",
     0, "so\n"},
};

static char *in_place(const struct bench *bench, const char *command)
{
    return str_format("SHOWN=%s KEPT=%s; %s", bench->shown_dir, bench->kept_dir,
                      command);
}

static void write_shown(const struct bench *bench)
{
    char *path = str_format("%s/file", bench->shown_dir);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("shown", file), 0);
    ck_assert_int_eq(fclose(file), 0);
    free(path);
}

static void ck_assert_done(const struct chore *chore, const struct told *told)
{
    const char *said = strbuf_text(&told->verdict);
    ck_assert_msg(told->end == ERRAND_EXITED, "%s: %s", chore->name, told->why);
    ck_assert_msg(told->errand.wait_status == chore->status,
                  "%s: status %#x, said \"%s\"", chore->name,
                  (unsigned)told->errand.wait_status, said);
    ck_assert_msg(chore->word == NULL || strcmp(said, chore->word) == 0,
                  "%s: said \"%s\"", chore->name, said);
    ck_assert_msg(told->errand.guest_ns > 0, "%s: took no time", chore->name);
}

static const struct told *told_of(const struct told *told, const char *name)
{
    for (int i = 0; i < COUNT(chores); i++) {
        if (strcmp(chores[i].name, name) == 0)
            return &told[i];
    }
    ck_abort_msg("no chore is called %s", name);
}

START_TEST(a_guest_does_many_things_at_once)
{
    struct bench bench;
    struct told told[COUNT(chores)];
    char *commands[COUNT(chores)];
    bench_open(&bench, NULL);
    write_shown(&bench);
    for (int i = 0; i < COUNT(chores); i++) {
        commands[i] = in_place(&bench, chores[i].command);
        bench_start(&bench, &told[i], commands[i]);
    }
    for (int i = 0; i < COUNT(chores); i++)
        bench_await(&bench, &told[i].over);
    for (int i = 0; i < COUNT(chores); i++)
        ck_assert_done(&chores[i], &told[i]);
    ck_assert_uint_eq(told_of(told, "a long verdict is whole")->verdict.length,
                      300000);
    const char *top =
        strbuf_text(&told_of(told, "nothing else of the host is")->verdict);
    ck_assert_msg(strstr(top, "home") == NULL && strstr(top, "srv") == NULL,
                  "/ holds %s", top);
    char *kept = str_format("%s/file", bench.kept_dir);
    struct stat st;
    ck_assert_int_eq(stat(kept, &st), 0);
    ck_assert_uint_eq(st.st_uid, geteuid());
    free(kept);
    bench_close(&bench);
    for (int i = 0; i < COUNT(chores); i++) {
        told_free(&told[i]);
        free(commands[i]);
    }
}
END_TEST

static void stay_on_one_cpu(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

static pid_t start_hog(void)
{
    pid_t hog = fork();
    if (hog != 0)
        return hog;
    for (volatile unsigned i = 0;; i++)
        continue;
}

/* Inside, the clock tells of no such thing: only the host can. */
START_TEST(what_the_host_takes_is_told)
{
    struct bench bench;
    struct told told;
    stay_on_one_cpu();
    pid_t hog = start_hog();
    ck_assert_int_gt(hog, 0);
    bench_open(&bench, NULL);
    bench_start(&bench, &told, "for i in $(seq 100); do /bin/true; done");
    bench_await(&bench, &told.over);
    ck_assert_int_eq(told.end, ERRAND_EXITED);
    int64_t stolen_ms = told.errand.stolen_ns / 1000000;
    int64_t took_ms = told.errand.guest_ns / 1000000;
    ck_assert_msg(5 * stolen_ms > took_ms,
                  "of %lld ms %lld were taken, beside a hog",
                  (long long)took_ms, (long long)stolen_ms);
    ck_assert_int_eq(kill(hog, SIGKILL), 0);
    ck_assert_int_eq(waitpid(hog, NULL, 0), hog);
    bench_close(&bench);
    told_free(&told);
}
END_TEST

int main(void)
{
    if (!guests_are_had("test_guest"))
        return 0;
    Suite *suite = suite_create("guest");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_guest_does_many_things_at_once);
    tcase_add_test(all, what_the_host_takes_is_told);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
