/* Hostile programs (harness/attacks): each test judges from outside that the
 * attack failed, and that the program's end came in time and was complete. */
#include "attack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/strbuf.h"

enum { MIB = 1 << 20 };

static const int64_t patience_ns = SECONDS(15);

static struct proc *start(const char *name, const struct start_options *options)
{
    return host_start_with(attack_host, program(name), options, NULL);
}

/* The attack ran to its end, and nothing it tried had worked. */
static void attempts_failed(struct proc *proc)
{
    struct proc_end end = attack_await(proc, patience_ns);
    const char *said = proc_stdout(proc, NULL);
    ck_assert_msg(strstr(said, "ESCAPED") == NULL, "%s", said);
    ck_assert_msg(strstr(said, "tried\n") != NULL,
                  "the attack broke: %s (exit %d, signal %d) %s", said,
                  end.exit_code, end.signal, proc_stderr(proc, NULL));
    attack_is_gone(proc);
}

/* ---- Those that will not end --------------------------------------------- */

START_TEST(what_ignores_signals_is_killed_at_its_wall_limit)
{
    struct start_options options = {.wall_ns = MSECONDS(300)};
    struct proc *proc = start("never_exits", &options);
    proc_await_output(proc, "here to stay", SECONDS(5));
    proc_signal(proc, SIGTERM);
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert(end.wall_limit);
    ck_assert_int_eq(end.signal, SIGKILL);
    ck_assert_int_ge(end.wall_ns, MSECONDS(250));
    ck_assert_int_le(end.wall_ns, SECONDS(3));
    attack_is_gone(proc);
}
END_TEST

START_TEST(what_ignores_signals_is_killed_when_asked)
{
    struct proc *proc = start("never_exits", NULL);
    struct proc_end end;
    proc_await_output(proc, "here to stay", SECONDS(5));
    proc_signal(proc, SIGTERM);
    proc_signal(proc, SIGHUP);
    ck_assert(!proc_wait(proc, MSECONDS(50), &end));
    proc_kill(proc);
    end = attack_await(proc, 0);
    ck_assert_int_eq(end.signal, SIGKILL);
    ck_assert(!end.wall_limit && !end.memory_limit && !end.disk_limit);
    attack_is_gone(proc);
}
END_TEST

START_TEST(forks_stop_at_the_limit)
{
    struct start_options options = {.max_processes = 40};
    struct proc *proc = start("forks", &options);
    proc_await_output(proc, "refused: 11", SECONDS(10));
    int count = 0;
    struct dirent *entry;
    DIR *processes = opendir("/proc");
    while ((entry = readdir(processes)) != NULL)
        count += atoi(entry->d_name) > 0 &&
                 tree_of(atoi(entry->d_name)) == proc->pid_ns;
    closedir(processes);
    ck_assert_int_ge(count, 20);
    ck_assert_int_le(count, 41); /* with the sandbox's init */
    proc_kill(proc);
    attack_is_gone(proc);
}
END_TEST

START_TEST(a_grandchild_in_its_own_session_does_not_survive)
{
    struct proc *proc = start("daemonizes", NULL);
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert_int_eq(end.exit_code, 7);
    attack_is_gone(proc);
}
END_TEST

START_TEST(a_run_that_ends_takes_its_programs_along)
{
    struct proc *procs[] = {start("never_exits", NULL), start("forks", NULL)};
    ino_t trees[] = {procs[0]->pid_ns, procs[1]->pid_ns};
    char cgroup[PATH_MAX];
    snprintf(cgroup, sizeof(cgroup), "%s", procs[0]->runner->cgroups.dir[0]);
    net_free(attack_net);
    struct dirent *entry;
    DIR *processes = opendir("/proc");
    while ((entry = readdir(processes)) != NULL) {
        ino_t tree = tree_of(atoi(entry->d_name));
        ck_assert(tree == 0 || (tree != trees[0] && tree != trees[1]));
    }
    closedir(processes);
    ck_assert(cgroup[0] == '\0' || access(cgroup, F_OK) < 0);
}
END_TEST

START_TEST(a_stray_is_noticed)
{
    ck_assert_int_eq(tree_stray(), 0);
    struct proc *proc = start("never_exits", NULL);
    proc_await_output(proc, "here to stay", SECONDS(5));
    ck_assert_int_ne(tree_stray(), 0);
    proc_kill(proc);
    attack_is_gone(proc);
    ck_assert_int_eq(tree_stray(), 0);
}
END_TEST

/* ---- Those that take too much -------------------------------------------- */

START_TEST(endless_output_is_counted_and_dropped)
{
    struct start_options options = {.output_bytes = 8192};
    struct proc *proc = start("writes_forever", &options);
    size_t bytes;
    for (int i = 0; i < 3000 && proc->output[1].total_bytes < 64 * MIB; i++)
        (void)!proc_wait(proc, MSECONDS(5), &(struct proc_end){.ended = false});
    proc_kill(proc);
    const char *text = proc_stdout(proc, &bytes);
    ck_assert_uint_ge(proc->output[1].total_bytes, 64 * MIB);
    ck_assert_uint_le(bytes, 2 * 8192 + 100);
    ck_assert_int_eq(strncmp(text, "begin", 5), 0);
    ck_assert_ptr_nonnull(strstr(text, " bytes are left out here"));
    attack_is_gone(proc);
}
END_TEST

START_TEST(the_disk_is_not_filled)
{
    struct start_options options = {.file_bytes = 64 * MIB};
    struct proc *proc = start("fills_disk", &options);
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert(end.disk_limit);
    ck_assert_int_eq(end.signal, SIGKILL);
    attack_is_gone(proc);
}
END_TEST

/* test_cgroup2.sh says which tier it has made possible. */
START_TEST(the_tier_is_the_best_there_is)
{
    const char *wanted = getenv("WIRELAB_WANTED_TIER");
    struct proc *proc = start("never_exits", NULL);
    const char *tier = cgroup_tier_name(proc->runner->cgroups.tier);
    printf("tier %s\n", tier);
    ck_assert_str_eq(tier, wanted ? wanted : tier);
    proc_kill(proc);
    attack_is_gone(proc);
}
END_TEST

START_TEST(memory_stops_at_the_limit)
{
    struct start_options options = {.memory_bytes = 64 * MIB};
    struct proc *proc = start("eats_memory", &options);
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert(end.memory_limit);
    ck_assert_int_eq(end.signal, SIGKILL);
    ck_assert_int_eq(end.exit_code, -1);
    /* Without control groups it is looked at ten times a second only. */
    bool counted = proc->runner->cgroups.tier != TIER_RLIMIT;
    if (counted)
        ck_assert_int_le(end.peak_rss_bytes, 80 * MIB);
    attack_is_gone(proc);
}
END_TEST

START_TEST(descriptors_stop_at_the_limit)
{
    struct proc *proc = start("opens_fds", NULL);
    proc_await_output(proc, "opened", SECONDS(10));
    int count = proc_fd_count(proc);
    ck_assert_int_ge(count, 1024);
    ck_assert_int_le(count, 65536);
    proc_kill(proc);
    attack_is_gone(proc);
}
END_TEST

/* ---- Those that reach for what is not theirs ----------------------------- */

START_TEST(other_processes_are_out_of_reach)
{
    char *here = str_format("%d", getpid());
    char *parent = str_format("%d", getppid());
    struct proc *other = start("never_exits", NULL);
    struct proc *proc = host_start(attack_host, program("meddles"), here,
                                   parent, str_format("%d", other->pid));
    attempts_failed(proc);
    struct proc_end end;
    ck_assert(!proc_wait(other, 0, &end));
}
END_TEST

START_TEST(files_of_the_machine_are_out_of_sight)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n] = '\0';
    struct proc *proc = host_start(
        attack_host, program("reads_secrets"), self, dirname(mem_strdup(self)),
        incell_work_dir, attack_dir, str_format("%s/..", attack_host->dir),
        attack_host->dir, attack_host->etc_hosts, "/proc/1/root", "/proc/1/cwd",
        "/proc/1/exe", "/proc/kcore");
    attempts_failed(proc);
    ck_assert_int_eq(file_count(attack_net, "victim:"), 1);
}
END_TEST

static void listen_outside(const char *name)
{
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    memcpy(here.sun_path + 1, name, strlen(name));
    socklen_t length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&here, length), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&here, length), 0);
    close(client);
}

START_TEST(the_kernel_refuses_what_leads_out)
{
    struct host *other = net_host(attack_net, "other");
    host_run(other, "ip address add 10.99.99.99/32 dev lo");
    listen_outside("wirelab-test");
    attempts_failed(host_start(attack_host, program("breaks_out"),
                               "wirelab-test", "10.99.99.99"));
}
END_TEST

static void has_no_privilege(struct proc *proc)
{
    char line[256];
    unsigned found = 0;
    proc_await_output(proc, "here to stay", SECONDS(5));
    FILE *status = fopen(str_format("/proc/%d/status", proc->pid), "re");
    while (fgets(line, sizeof(line), status)) {
        unsigned uid, mode;
        unsigned long long caps;
        if (sscanf(line, "Uid: %u", &uid) == 1 && geteuid() == 0) {
            ck_assert_uint_eq(uid, host_uid(attack_host));
            found |= 1;
        } else if (sscanf(line, "Seccomp: %u", &mode) == 1) {
            ck_assert_uint_eq(mode, 2);
            found |= 2;
        } else if (sscanf(line, "CapPrm: %llx", &caps) == 1) {
            ck_assert_uint_eq(caps, 0);
            found |= 4;
        } else if (sscanf(line, "NoNewPrivs: %u", &mode) == 1) {
            ck_assert_uint_eq(mode, 1);
            found |= 8;
        }
    }
    fclose(status);
    ck_assert_uint_eq(found | (geteuid() ? 1 : 0), 15);
}

START_TEST(a_program_has_no_privilege)
{
    has_no_privilege(start("never_exits", NULL));
}
END_TEST

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_msg(write(fd, text, strlen(text)) == (ssize_t)strlen(text),
                  "%s: %s", path, strerror(errno));
    close(fd);
}

START_TEST(no_two_hosts_share_a_user)
{
    struct host *other = net_host(attack_net, "other");
    if (host_uid(attack_host) == 0) {
        fprintf(stderr, "SKIP no_two_hosts_share_a_user: not root\n");
        return;
    }
    uid_t uids[] = {host_uid(attack_host), host_uid(other), 0};
    ck_assert_uint_ne(uids[0], uids[1]);
    /* Another run, which would choose the same, meets the reservation. */
    struct uids theirs;
    uids_init(&theirs);
    if (theirs.lock_fd < 0) {
        fprintf(stderr, "SKIP no_two_hosts_share_a_user: /run is closed\n");
        return;
    }
    uids[2] = uids_take(&theirs, uids[0] - uids_any());
    ck_assert_uint_ne(uids[2], uids[0]);
    ck_assert_uint_ne(uids[2], uids[1]);
    ck_assert_uint_eq(host_uid(attack_host), uids[0]);
    net_free(attack_net);
    uids_fini(&theirs);
    /* Given back, it can be had again. */
    uids_init(&theirs);
    ck_assert_uint_eq(uids_take(&theirs, uids[0] - uids_any()), uids[0]);
    uids_fini(&theirs);
}
END_TEST

START_TEST(cpu_time_stops_at_the_limit)
{
    struct start_options options = {.cpu_s = 1};
    struct proc *proc = start("spins", &options);
    struct proc_end end = attack_await(proc, SECONDS(120));
    ck_assert_int_eq(end.signal, SIGXCPU);
    ck_assert_int_ge(end.cpu_ns, MSECONDS(900));
    ck_assert_int_le(end.cpu_ns, MSECONDS(2500));
    attack_is_gone(proc);
}
END_TEST

START_TEST(io_uring_is_there_when_a_lab_asks)
{
    struct start_options options = {.io_uring = true};
    struct proc *asked = start("asks_for_a_ring", &options);
    struct proc *not_asked = start("asks_for_a_ring", NULL);
    int code = attack_await(asked, patience_ns).exit_code;
    ck_assert_msg(code == 0 || code == 2, "exit code %d", code);
    if (code == 2)
        fprintf(stderr, "SKIP io_uring_is_there_when_a_lab_asks: this kernel "
                        "has none\n");
    ck_assert_int_eq(attack_await(not_asked, patience_ns).exit_code, 1);
}
END_TEST

/* In a user namespace that maps everybody and allows no further ones, we are
 * as on a machine whose root may do all and whose users may not. */
static void enter_refusing_namespace(void)
{
    int ready[2], status;
    char byte, path[64];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t parent = getpid(), mapper = fork();
    if (mapper == 0) {
        (void)!read(ready[0], &byte, 1);
        snprintf(path, sizeof(path), "/proc/%d/uid_map", parent);
        write_file(path, "0 0 65536");
        snprintf(path, sizeof(path), "/proc/%d/gid_map", parent);
        write_file(path, "0 0 65536");
        _exit(0);
    }
    ck_assert_int_eq(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET), 0);
    ck_assert_int_eq(write(ready[1], "x", 1), 1);
    ck_assert_int_eq(waitpid(mapper, &status, 0), mapper);
    write_file("/proc/sys/user/max_user_namespaces", "0");
}

START_TEST(root_needs_no_user_namespaces)
{
    if (geteuid() != 0 || host_uid(attack_host) == 0) {
        fprintf(stderr, "SKIP root_needs_no_user_namespaces: not root\n");
        return;
    }
    net_free(attack_net);
    enter_refusing_namespace();
    attack_net = net_new(1);
    attack_host = net_host(attack_net, "victim");
    listen_outside("wirelab-test");
    attempts_failed(host_start(attack_host, program("breaks_out"),
                               "wirelab-test", "10.99.99.99"));
    attempts_failed(host_start(attack_host, program("reads_secrets"),
                               incell_work_dir, attack_dir));
    attempts_failed(host_start(attack_host, program("meddles")));
    struct proc *proc = start("never_exits", NULL);
    ck_assert(!proc->runner->user_ns);
    has_no_privilege(proc);
}
END_TEST

/* ---- Those that set traps ------------------------------------------------ */

START_TEST(files_are_read_only_if_they_are_files)
{
    struct proc *proc = start("plants_traps.sh", NULL);
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 0);
    static const char *const traps[] = {
        "victim:link", "victim:climbing",          "victim:magic",
        "victim:pipe", "victim:dir/up/etc/passwd", "victim:../../etc/passwd",
        "victim:dir",
    };
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        ck_assert_msg(file_read(attack_net, traps[i], NULL) == NULL,
                      "%s was read", traps[i]);
        ck_assert_int_eq(file_size(attack_net, traps[i]), -1);
    }
    ck_assert_str_eq(file_read(attack_net, "victim:file", NULL), "mine\n");
    ck_assert_str_eq(file_read(attack_net, "victim:inner", NULL), "mine\n");
}
END_TEST

static void write_through_link(void)
{
    file_write(attack_net, "victim:link", "x", 1);
}

START_TEST(nothing_is_written_through_a_link)
{
    char outside[] =
        "/tmp/wirelab-test-XXXXXX"; /* of the machine, as it were */
    struct stat after;
    int fd = mkstemp(outside);
    ck_assert(fd >= 0 && fchmod(fd, 0666) == 0);
    struct proc *proc =
        host_start(attack_host, program("plants_traps.sh"), outside);
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 0);
    expect_infra(write_through_link, "cannot write victim:link");
    ck_assert_int_eq(fstat(fd, &after), 0);
    ck_assert_int_eq(after.st_size, 0);
    unlink(outside);
    close(fd);
}
END_TEST

START_TEST(a_program_without_stdout_is_still_heard_of)
{
    struct proc *proc = start("closes_stdout", NULL);
    struct proc_end end;
    proc_await_udp(proc, 9000);
    ck_assert(!proc_wait(proc, 0, &end));
    proc_signal(proc, SIGTERM);
    ck_assert_int_eq(attack_await(proc, patience_ns).signal, SIGTERM);
    attack_is_gone(proc);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, attack_setup, incell_teardown);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* What a control group does, where there is one: test_cgroup2.sh runs these
 * once more on a kernel of its own. */
static void add_limits(TCase *tcase)
{
    tcase_add_test(tcase, the_tier_is_the_best_there_is);
    tcase_add_test(tcase, what_ignores_signals_is_killed_when_asked);
    tcase_add_test(tcase, forks_stop_at_the_limit);
    tcase_add_test(tcase, a_grandchild_in_its_own_session_does_not_survive);
    tcase_add_test(tcase, memory_stops_at_the_limit);
    tcase_add_test(tcase, cpu_time_stops_at_the_limit);
}

static Suite *sandbox_suite(void)
{
    Suite *suite = suite_create("sandbox");
    add_limits(add_case(suite, "limits"));
    TCase *tcase = add_case(suite, "attacks");
    tcase_add_test(tcase, what_ignores_signals_is_killed_at_its_wall_limit);
    tcase_add_test(tcase, a_run_that_ends_takes_its_programs_along);
    tcase_add_test(tcase, a_stray_is_noticed);
    tcase_add_test(tcase, endless_output_is_counted_and_dropped);
    tcase_add_test(tcase, the_disk_is_not_filled);
    tcase_add_test(tcase, descriptors_stop_at_the_limit);
    tcase_add_test(tcase, other_processes_are_out_of_reach);
    tcase_add_test(tcase, files_of_the_machine_are_out_of_sight);
    tcase_add_test(tcase, the_kernel_refuses_what_leads_out);
    tcase_add_test(tcase, a_program_has_no_privilege);
    tcase_add_test(tcase, no_two_hosts_share_a_user);
    tcase_add_test(tcase, io_uring_is_there_when_a_lab_asks);
    tcase_add_test(tcase, root_needs_no_user_namespaces);
    tcase_add_test(tcase, files_are_read_only_if_they_are_files);
    tcase_add_test(tcase, nothing_is_written_through_a_link);
    tcase_add_test(tcase, a_program_without_stdout_is_still_heard_of);
    return suite;
}

int main(void)
{
    attack_find();
    return incell_main("test_sandbox", sandbox_suite());
}
