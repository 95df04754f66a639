/* The cell: separate, working for everybody, and gone without a trace. */
#include "incell.h"

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "topo/process.h"

enum { PATIENCE_MS = 10000, FEW_FILES = 50, MOMENTS = 250, MOMENT_US = 12 };

/* ---- Helpers ------------------------------------------------------------- */

/* Starts a cell and waits for it.  Returns its exit status. */
static int run_in_cell(int (*run)(void *context), void *context)
{
    char error[CELL_ERROR_BYTES];
    int status;
    pid_t pid = cell_start(run, context, error);
    ck_assert_msg(pid > 0, "no cell: %s", error);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs a shell command quietly.  Returns its exit status. */
static int shell(void *command)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", (const char *)command, (char *)NULL);
        _exit(127);
    }
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Waits until every process that holds the pipe's other end is gone. */
static bool all_are_gone(int fd)
{
    struct pollfd end = {.fd = fd, .events = POLLIN};
    char byte;
    while (poll(&end, 1, PATIENCE_MS) == 1) {
        if (read(fd, &byte, 1) == 0)
            return true;
    }
    return false;
}

/* Becomes an ordinary user.  Returns whether this process is one now. */
static bool become_ordinary(void)
{
    if (geteuid() != 0)
        return true;
    /* Its files in /proc would be root's until the next exec. */
    return setgid(65534) == 0 && setuid(65534) == 0 &&
           prctl(PR_SET_DUMPABLE, 1) == 0;
}

/* Whether there are other users to become: not in a user namespace of one. */
static bool is_real_root(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(geteuid() == 0 && become_ordinary() ? 0 : 1);
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

/* ---- What a cell is ------------------------------------------------------ */

static int return_it(void *context)
{
    return *(int *)context;
}

START_TEST(result_becomes_exit_status)
{
    int results[] = {0, 1, 42};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(run_in_cell(return_it, &results[i]), results[i]);
}
END_TEST

static int kill_self(void *unused)
{
    (void)unused;
    raise(SIGKILL);
    return 0;
}

START_TEST(signal_becomes_exit_status)
{
    ck_assert_int_eq(run_in_cell(kill_self, NULL), 128 + SIGKILL);
}
END_TEST

/* Inodes of the namespaces which the parent is in. */
static const char *const namespaces[] = {"net", "mnt", "pid", "ipc", "uts"};
enum { NAMESPACES = sizeof(namespaces) / sizeof(namespaces[0]) };

static ino_t namespace(const char *name)
{
    char path[64];
    struct stat st = {0};
    snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
    stat(path, &st);
    return st.st_ino;
}

static int differs(void *context)
{
    const ino_t *outside = context;
    for (int i = 0; i < NAMESPACES; i++) {
        if (namespace(namespaces[i]) == outside[i])
            return 1 + i;
    }
    return 0;
}

START_TEST(namespaces_are_its_own)
{
    ino_t outside[NAMESPACES];
    for (int i = 0; i < NAMESPACES; i++)
        outside[i] = namespace(namespaces[i]);
    ck_assert_int_eq(run_in_cell(differs, outside), 0);
}
END_TEST

/* Processes that /proc shows, zombies among them. */
static int count_processes(int *zombies)
{
    int n = 0;
    DIR *dir = opendir("/proc");
    *zombies = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        char path[300], state = '?';
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        n++;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = fopen(path, "re");
        if (file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1)
            *zombies += state == 'Z';
        if (file)
            fclose(file);
    }
    if (dir)
        closedir(dir);
    return n;
}

static int sees_only_itself(void *unused)
{
    int zombies;
    (void)unused;
    return getpid() == 2 && getppid() == 1 && count_processes(&zombies) == 2
               ? 0
               : 1;
}

START_TEST(proc_shows_only_the_cell)
{
    ck_assert_int_eq(run_in_cell(sees_only_itself, NULL), 0);
}
END_TEST

static int leave_orphans(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            if (fork() == 0)
                _exit(0);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
    }
    int zombies = 1, processes = 0;
    int64_t deadline_ns = clock_now_ns() + MSECONDS(PATIENCE_MS);
    while (processes != 2 && clock_now_ns() < deadline_ns) {
        processes = count_processes(&zombies);
        sched_yield();
    }
    return processes == 2 && zombies == 0 ? 0 : 1;
}

START_TEST(orphans_are_reaped)
{
    ck_assert_int_eq(run_in_cell(leave_orphans, NULL), 0);
}
END_TEST

static int mount_something(void *unused)
{
    (void)unused;
    return mount("none", "/mnt", "tmpfs", 0, NULL) == 0 &&
                   mkdir("/mnt/inside", 0700) == 0
               ? 0
               : 1;
}

START_TEST(mounts_are_not_seen_outside)
{
    ck_assert_int_eq(run_in_cell(mount_something, NULL), 0);
    ck_assert_int_ne(access("/mnt/inside", F_OK), 0);
}
END_TEST

START_TEST(loopback_is_up)
{
    ck_assert_int_eq(
        run_in_cell(shell, "ip -o addr show lo up | grep -q 127.0.0.1"), 0);
}
END_TEST

static int has_name(void *context)
{
    char name[CELL_NAME_BYTES];
    cell_name(name);
    return strcmp(name, context) == 0 ? 0 : 1;
}

/* The name is that of the child as its caller sees it. */
START_TEST(name_names_the_cells_owner)
{
    char error[CELL_ERROR_BYTES], name[CELL_NAME_BYTES];
    int ready[2], status;
    ck_assert_int_eq(pipe(ready), 0);
    char *command = str_format("read line <&%d; "
                               "test \"$WIRELAB_CELL\" = \"$line\"",
                               ready[0]);
    pid_t pid = cell_start(shell, command, error);
    ck_assert_int_gt(pid, 0);
    snprintf(name, sizeof(name), "wirelab-%d-%llu-%lu", pid,
             process_start_time(pid), process_pid_namespace());
    dprintf(ready[1], "%s\n", name);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(run_in_cell(has_name, name), 1);
    free(command);
}
END_TEST

/* ---- What must work inside ----------------------------------------------- */

static const struct tool {
    const char *name, *probe, *command;
} tools[] = {
    {"bubblewrap", "bwrap",
     "bwrap --ro-bind / / --unshare-all --proc /proc "
     "--dev /dev --die-with-parent true"},
    {"bubblewrap after a uid drop", "bwrap",
     "setpriv --reuid 65534 --regid 65534 --clear-groups bwrap --ro-bind / / "
     "--unshare-all --proc /proc --dev /dev true"},
    {"gdb", "gdb",
     "gdb -batch -ex run -ex 'info inferiors' --args /bin/true "
     "2>&1 | grep -q 'exited normally'"},
    {"ping", "ping", "ping -c1 -W2 127.0.0.1 >/dev/null"},
};

START_TEST(tools_work_inside)
{
    const struct tool *tool = &tools[_i];
    char *probe = str_format("command -v %s >/dev/null", tool->probe);
    bool needs_root = strstr(tool->command, "setpriv") != NULL;
    if (shell(probe) != 0 || (needs_root && !is_real_root()))
        fprintf(stderr, "SKIP %s: not here, or not root\n", tool->name);
    else
        ck_assert_msg(run_in_cell(shell, (void *)tool->command) == 0, "%s",
                      tool->name);
    free(probe);
}
END_TEST

static int make_a_net(void *unused)
{
    (void)unused;
    char dir[256];
    struct testrun run = *testrun();
    if (work_dir_make(dir, sizeof(dir)) < 0)
        return 10;
    run.work_dir = dir;
    testrun_begin(&run);
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    struct link *link = link_new(net, (struct host *const[]){a, b}, 2, false);
    link_open_veth(link, 1500, false);
    const char *const ping[] = {"ping", "-c1", "-W5", "b", NULL};
    char *output;
    int status = host_command(a, ping, &output);
    free(output);
    net_free(net);
    work_dir_remove(dir);
    return status;
}

static int start_as_ordinary(void *unused)
{
    (void)unused;
    char error[CELL_ERROR_BYTES];
    int status;
    if (!become_ordinary())
        return 20;
    pid_t pid = cell_start(make_a_net, NULL, error);
    if (pid < 0)
        fprintf(stderr, "an ordinary user's cell: %s\n", error);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 21;
    return WEXITSTATUS(status);
}

START_TEST(an_ordinary_user_has_cells_and_nets)
{
    struct cell_probe probe;
    cell_probe(&probe);
    if (!probe.user_ns || !is_real_root()) {
        fprintf(stderr, "SKIP an_ordinary_user_has_cells_and_nets: %s\n",
                probe.user_ns ? "we are one" : probe.reason);
        return;
    }
    pid_t pid = fork();
    if (pid == 0)
        _exit(start_as_ordinary(NULL));
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* ---- Nothing stays ------------------------------------------------------- */

/* A supervisor that is to be killed, and what its cell tells us. */
struct victim {
    pid_t supervisor;
    int alive_fd; /* its end comes when all of them are gone */
};

struct story {
    int told_fd;
    int home_fd; /* the test's network namespace */
    char *canary;
};

/* A process that ignores what can be ignored, in a session of its own. */
static void leave_daemon(void)
{
    if (fork() != 0)
        return;
    setsid();
    for (int signal = 1; signal < 32; signal++)
        (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN},
                        NULL);
    for (;;)
        pause();
}

static char *make_cgroup(void)
{
    static const char *const parents[] = {
        "/sys/fs/cgroup", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified"};
    char name[CELL_NAME_BYTES];
    cell_name(name);
    for (int i = 0; i < 3; i++) {
        char *path = str_format("%s/%s", parents[i], name);
        char *procs = str_format("%s/cgroup.procs", path);
        bool real = mkdir(path, 0755) == 0 && access(procs, F_OK) == 0;
        free(procs);
        if (real) {
            char *below = str_format("%s/1", path);
            mkdir(below, 0755);
            free(below);
            return path;
        }
        rmdir(path);
        free(path);
    }
    return mem_strdup("");
}

/* The cell of a supervisor that will be killed: a net with a device whose other
 * end is the test's, daemons, a work directory, a control group. */
static int live_on(void *context)
{
    const struct story *story = context;
    char dir[256];
    struct testrun run = *testrun();
    if (work_dir_make(dir, sizeof(dir)) < 0)
        return 1;
    run.work_dir = dir;
    testrun_begin(&run);
    struct host *host = net_host(net_new(1), "a");
    char *commands = str_format("link add inner type veth peer name %s netns "
                                "/proc/self/fd/%d\n",
                                story->canary, story->home_fd);
    host_ip_batch(host, commands);
    leave_daemon();
    leave_daemon();
    char *cgroup = make_cgroup();
    dprintf(story->told_fd, "%s %s\n", dir, *cgroup ? cgroup : "-");
    for (;;)
        pause();
}

static void supervise(struct story *story)
{
    char error[CELL_ERROR_BYTES];
    pid_t pid = cell_start(live_on, story, error);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    _exit(1);
}

static bool device_vanishes(const char *name)
{
    int64_t deadline_ns = clock_now_ns() + MSECONDS(PATIENCE_MS);
    while (if_nametoindex(name) != 0) {
        if (clock_now_ns() > deadline_ns)
            return false;
        (void)poll(NULL, 0, 5);
    }
    return true;
}

/* Waits for the story to be told; reads paths of what outlives a kill. */
static void read_story(int fd, char *dir, char *cgroup)
{
    char line[700] = "";
    size_t length = 0;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (strchr(line, '\n') == NULL) {
        ck_assert_int_eq(poll(&ready, 1, PATIENCE_MS), 1);
        ssize_t n = read(fd, line + length, sizeof(line) - 1 - length);
        ck_assert_int_gt(n, 0);
        length += (size_t)n;
        line[length] = '\0';
    }
    ck_assert_int_eq(sscanf(line, "%255s %399s", dir, cgroup), 2);
}

START_TEST(kill_9_of_the_supervisor_leaves_nothing)
{
    int told[2];
    char dir[256], cgroup[400];
    struct story story = {.canary = "canary"};
    ck_assert_int_eq(pipe(told), 0);
    story.told_fd = told[1];
    story.home_fd = open("/proc/self/ns/net", O_RDONLY);
    pid_t supervisor = fork();
    if (supervisor == 0)
        supervise(&story);
    close(told[1]);
    read_story(told[0], dir, cgroup);
    ck_assert_uint_ne(if_nametoindex("canary"), 0);
    ck_assert_int_eq(access(dir, F_OK), 0);
    cell_sweep(); /* the owner lives: nothing of it may go */
    ck_assert_int_eq(access(dir, F_OK), 0);
    if (cgroup[0] == '/')
        ck_assert_int_eq(access(cgroup, F_OK), 0);

    kill(supervisor, SIGKILL);
    ck_assert_int_eq(waitpid(supervisor, NULL, 0), supervisor);
    ck_assert_msg(all_are_gone(told[0]), "a process survived");
    ck_assert_msg(device_vanishes("canary"), "a namespace survived");
    /* Its directory is ours alone to sweep; a group, another run may have
     * swept already. */
    ck_assert_int_ge(cell_sweep(), 1);
    ck_assert_int_ne(access(dir, F_OK), 0);
    ck_assert_int_ne(access(cgroup, F_OK), 0);
    if (cgroup[0] != '/')
        fprintf(stderr, "SKIP sweeping of cgroups: none can be made here\n");
    close(told[0]);
    close(story.home_fd);
}
END_TEST

static int pause_for_ever(void *unused)
{
    (void)unused;
    leave_daemon();
    while (pause() < 0)
        continue;
    return 0;
}

/* Above all while the cell is still being made. */
START_TEST(killed_at_any_moment_no_process_stays)
{
    for (int i = 0; i < MOMENTS; i++) {
        int alive[2];
        ck_assert_int_eq(pipe(alive), 0);
        pid_t supervisor = fork();
        if (supervisor == 0) {
            char error[CELL_ERROR_BYTES];
            cell_start(pause_for_ever, NULL, error);
            pause();
        }
        close(alive[1]);
        struct timespec moment = {.tv_nsec = i * MOMENT_US * 1000};
        nanosleep(&moment, NULL); /* the moment is the test's subject */
        kill(supervisor, SIGKILL);
        ck_assert_int_eq(waitpid(supervisor, NULL, 0), supervisor);
        ck_assert_msg(all_are_gone(alive[0]), "killed after %d us: survivors",
                      i * MOMENT_US);
        close(alive[0]);
    }
}
END_TEST

START_TEST(killing_the_child_ends_the_cell)
{
    char error[CELL_ERROR_BYTES];
    int alive[2];
    ck_assert_int_eq(pipe(alive), 0);
    pid_t pid = cell_start(pause_for_ever, NULL, error);
    ck_assert_int_gt(pid, 0);
    close(alive[1]);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert(all_are_gone(alive[0]));
    close(alive[0]);
}
END_TEST

/* ---- Work directories ---------------------------------------------------- */

START_TEST(work_directory_is_private)
{
    char dir[256];
    struct stat st;
    ck_assert_int_eq(work_dir_make(dir, sizeof(dir)), 0);
    ck_assert_int_eq(stat(dir, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0700);
    work_dir_remove(dir);
    ck_assert_int_ne(access(dir, F_OK), 0);
    ck_assert_int_eq(work_dir_make(dir, 5), -ENAMETOOLONG);
}
END_TEST

/* A program under test may leave a tree that is deep, forbids all, and leads
 * elsewhere. */
START_TEST(hostile_trees_are_removed)
{
    char dir[256];
    char *command;
    ck_assert_int_eq(work_dir_make(dir, sizeof(dir)), 0);
    command = str_format(
        "cd %s && mkdir outside inside && echo kept >outside/file && "
        "ln -s ../outside inside/link && ln -s ../../outside/file inside/f2 && "
        "mkdir -p inside/.gone-1/x inside/locked/deep && "
        "touch inside/locked/file && chmod 000 inside/locked/deep && "
        "chmod 000 inside/locked",
        dir);
    ck_assert_int_eq(shell(command), 0);
    free(command);
    char *inside = str_format("%s/inside", dir);
    int at = open(inside, O_RDONLY | O_DIRECTORY);
    for (int depth = 0; depth < 4 * FEW_FILES; depth++) {
        ck_assert_int_eq(mkdirat(at, "d", 0700), 0);
        int below = openat(at, "d", O_RDONLY | O_DIRECTORY);
        close(at);
        at = below;
    }
    close(at);
    pid_t pid = fork();
    if (pid == 0) { /* the depth must not cost descriptors */
        const struct rlimit few = {FEW_FILES, FEW_FILES};
        setrlimit(RLIMIT_NOFILE, &few);
        work_dir_remove(inside);
        _exit(access(inside, F_OK) == 0);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    char *kept = str_format("%s/outside/file", dir);
    ck_assert_int_eq(access(kept, F_OK), 0);
    free(kept);
    free(inside);
    work_dir_remove(dir);
    ck_assert_int_ne(access(dir, F_OK), 0);
}
END_TEST

/* ---- The probe ----------------------------------------------------------- */

START_TEST(probe_agrees_with_the_cell)
{
    struct cell_probe probe;
    cell_probe(&probe);
    ck_assert(probe.net_ns && probe.pid_ns && probe.proc_mount);
    ck_assert(probe.root || probe.user_ns);
    bool all = probe.tun && probe.netem && probe.fifo;
    ck_assert_int_eq(probe.reason[0] == '\0', all);
    ck_assert_ptr_null(strchr(probe.reason, '\n'));
}
END_TEST

static int probe_without_tun(void *unused)
{
    (void)unused;
    struct cell_probe probe;
    if (mount("none", "/dev/net", "tmpfs", 0, NULL) < 0)
        return 2;
    cell_probe(&probe);
    return !probe.tun && strstr(probe.reason, "no /dev/net/tun") &&
                   (strstr(probe.reason, "modprobe tun") ||
                    strstr(probe.reason, "--device /dev/net/tun"))
               ? 0
               : 1;
}

START_TEST(probe_misses_tun)
{
    if (access("/dev/net", F_OK) < 0)
        fprintf(stderr, "SKIP probe_misses_tun: there is no /dev/net\n");
    else
        ck_assert_int_eq(run_in_cell(probe_without_tun, NULL), 0);
}
END_TEST

static int probe_without_namespaces(void *unused)
{
    (void)unused;
    struct cell_probe probe;
    FILE *file = fopen("/proc/sys/user/max_net_namespaces", "we");
    if (file == NULL || fputs("0\n", file) < 0 || fclose(file) != 0)
        return 77;
    cell_probe(&probe);
    return !probe.net_ns && strstr(probe.reason, "network namespaces") ? 0 : 1;
}

static int in_user_ns(void *unused)
{
    char error[CELL_ERROR_BYTES];
    int status;
    if (!become_ordinary())
        return 78;
    pid_t pid = cell_start(probe_without_namespaces, unused, error);
    return pid > 0 && waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status)
                                                      : 79;
}

START_TEST(probe_misses_namespaces)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(in_user_ns(NULL));
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) >= 77)
        fprintf(stderr, "SKIP probe_misses_namespaces: cannot take them\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

/* A /tmp of the test's own: other people's runs are not ours to sweep. */
static void private_tmp(void)
{
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("TMPDIR");
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount("none", "/tmp", "tmpfs", 0, "mode=1777"), 0);
}

int main(void)
{
    Suite *suite = suite_create("cell");
    TCase *cells = tcase_create("cells");
    tcase_add_checked_fixture(cells, private_tmp, NULL);
    tcase_set_timeout(cells, 30);
    tcase_add_test(cells, result_becomes_exit_status);
    tcase_add_test(cells, signal_becomes_exit_status);
    tcase_add_test(cells, namespaces_are_its_own);
    tcase_add_test(cells, proc_shows_only_the_cell);
    tcase_add_test(cells, orphans_are_reaped);
    tcase_add_test(cells, mounts_are_not_seen_outside);
    tcase_add_test(cells, loopback_is_up);
    tcase_add_test(cells, name_names_the_cells_owner);
    tcase_add_loop_test(cells, tools_work_inside, 0,
                        sizeof(tools) / sizeof(tools[0]));
    tcase_add_test(cells, an_ordinary_user_has_cells_and_nets);
    tcase_add_test(cells, kill_9_of_the_supervisor_leaves_nothing);
    tcase_add_test(cells, killed_at_any_moment_no_process_stays);
    tcase_add_test(cells, killing_the_child_ends_the_cell);
    tcase_add_test(cells, work_directory_is_private);
    tcase_add_test(cells, hostile_trees_are_removed);
    tcase_add_test(cells, probe_agrees_with_the_cell);
    tcase_add_test(cells, probe_misses_tun);
    tcase_add_test(cells, probe_misses_namespaces);
    suite_add_tcase(suite, cells);
    return incell_main("test_cell", suite);
}
