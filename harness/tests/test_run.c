/* Programs: started, fed, read, awaited, signalled, measured; what a failure
 * says; files; the test's own sockets. */
#include "verdict.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <wirelab/sock.h>

#include "base/strbuf.h"

static const int64_t patience_ns = SECONDS(15);

/* ---- Ends ---------------------------------------------------------------- */

struct ending_case {
    const char *how, *number;
    int exit_code, signal;
};

static const struct ending_case endings[] = {
    {"exit", "0", 0, 0},           {"exit", "1", 1, 0},
    {"exit", "139", 139, 0},       {"exit", "255", 255, 0},
    {"signal", "6", -1, SIGABRT},  {"signal", "9", -1, SIGKILL},
    {"signal", "15", -1, SIGTERM}, {"signal", "34", -1, 34},
};

enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };

START_TEST(the_true_end_is_known)
{
    const struct ending_case *want = &endings[_i];
    struct proc *proc =
        host_start(attack_host, program("ends"), want->how, want->number);
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert_int_eq(end.exit_code, want->exit_code);
    ck_assert_int_eq(end.signal, want->signal);
    ck_assert(!end.wall_limit && !end.memory_limit && !end.disk_limit);
    attack_is_gone(proc);
}
END_TEST

START_TEST(sanitizers_work_inside)
{
    static const struct {
        const char *how, *says;
    } findings[] = {
        {"leak", "LeakSanitizer"},
        {"overflow", "heap-buffer-overflow"},
    };
    struct proc *proc =
        host_start(attack_host, program("ends"), findings[_i].how);
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 86);
    const char *said = proc_stderr(proc, NULL);
    ck_assert_msg(strstr(said, findings[_i].says) != NULL, "%s", said);
    ck_assert_msg(strstr(said, "ends.c:") != NULL, "no line: %s", said);
}
END_TEST

START_TEST(any_language_will_do)
{
    struct proc *sh = host_start(attack_host, program("says_hello.sh"), "a b");
    struct proc *py = host_start(attack_host, program("says_hello.py"), "c");
    ck_assert_int_eq(attack_await(sh, patience_ns).exit_code, 5);
    ck_assert_str_eq(proc_stdout(sh, NULL), "hello from sh: a b\n");
    ck_assert_int_eq(attack_await(py, patience_ns).exit_code, 6);
    ck_assert_str_eq(proc_stdout(py, NULL),
                     "hello from python: c\nhost victim in /work\n");
}
END_TEST

static void start_no_shebang(void)
{
    host_start(attack_host, program("no_shebang"));
}

static void start_bad_interpreter(void)
{
    host_start(attack_host, program("bad_interpreter"));
}

static void start_missing(void)
{
    host_start(attack_host, program("never_written"));
}

static void start_plain(void)
{
    host_start(attack_host, program("plain"));
}

/* A directory of programs, one of which is only a text. */
static void be_tested_on_a_plain_file(void)
{
    char *dir = str_format("%s/impl", incell_work_dir);
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    FILE *file = fopen(str_format("%s/plain", dir), "w");
    fputs("#!/bin/sh\n", file);
    fclose(file);
    struct testrun run = *testrun();
    run.impl_dir = dir;
    net_free(attack_net);
    testrun_begin(&run);
}

START_TEST(what_cannot_be_executed_is_a_failure_that_says_why)
{
    fails_saying(start_no_shebang, "no_shebang cannot be executed: it is "
                                   "neither a program for this machine");
    fails_saying(start_bad_interpreter, "the interpreter that its first line "
                                        "names");
    fails_saying(start_missing, "there is no program never_written");
    be_tested_on_a_plain_file();
    fails_saying(start_plain, "it is not executable by everybody");
}
END_TEST

static void want_reference(void)
{
    (void)reference("never_written");
}

static void want_peer(void)
{
    (void)peer("no-such-command");
}

/* A learner's home is closed to others, and so may be what is above it. */
START_TEST(programs_may_lie_behind_closed_doors)
{
    char *closed = str_format("%s/closed", incell_work_dir);
    char *dir = str_format("%s/impl", closed);
    ck_assert_int_eq(mkdir(closed, 0700), 0);
    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ck_assert_int_eq(chmod(dir, 0755), 0);
    char *to = str_format("%s/says_hello.sh", dir);
    FILE *file = fopen(to, "w");
    fputs("#!/bin/sh\necho from behind\n", file);
    fclose(file);
    ck_assert_int_eq(chmod(to, 0755), 0);
    struct testrun run = *testrun();
    run.impl_dir = dir;
    net_free(attack_net);
    testrun_begin(&run);
    testrun_witness(incell_ended, NULL);
    attack_net = net_new(1);
    attack_host = net_host(attack_net, "victim");
    struct proc *proc = host_start(attack_host, program("says_hello.sh"));
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 0);
    ck_assert_str_eq(proc_stdout(proc, NULL), "from behind\n");
}
END_TEST

START_TEST(what_is_absent_is_skipped_loudly)
{
    json_t *verdict = verdict_of(want_reference);
    ck_assert_str_eq(text_of(verdict, "verdict"), "skip");
    says(verdict, "message", "never_written");
    verdict = verdict_of(want_peer);
    ck_assert_str_eq(text_of(verdict, "verdict"), "skip");
    says(verdict, "message", "no-such-command is not installed");
}
END_TEST

/* ---- Streams ------------------------------------------------------------- */

START_TEST(a_program_is_fed_and_read)
{
    static const char *const none[] = {NULL};
    struct start_options options = {.stdin_open = true};
    struct proc *proc =
        host_start_with(attack_host, program("echoes"), &options, none);
    proc_feed(proc, "ping\n", 5);
    proc_await_output(proc, "ping\n", SECONDS(5));
    proc_feed(proc, "pong\n", 5);
    proc_close_stdin(proc);
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 0);
    size_t bytes;
    const char *said = proc_stdout(proc, &bytes);
    ck_assert_str_eq(said, "3 descriptors\nping\npong\nend of input\n");
    ck_assert_uint_eq(bytes, strlen(said));
}
END_TEST

START_TEST(what_is_fed_to_the_dead_is_lost_quietly)
{
    static const char *const none[] = {NULL};
    struct start_options options = {.stdin_open = true};
    struct proc *proc =
        host_start_with(attack_host, program("says_hello.sh"), &options, none);
    (void)attack_await(proc, patience_ns);
    proc_feed(proc, "anybody?\n", 9);
}
END_TEST

START_TEST(declared_descriptors_and_variables_are_passed_on)
{
    int pipe_fds[2];
    ck_assert_int_eq(pipe(pipe_fds), 0);
    static const char *const names[] = {"FIRST_FD", "SECOND_FD", NULL};
    static const char *const env[] = {"COLOUR=red = warm", NULL};
    static const char *const args[] = {"FIRST_FD", "SECOND_FD", "COLOUR",
                                       "SECRET", NULL};
    struct start_options options = {
        .env = env, .fds = pipe_fds, .fd_env = names, .fd_count = 2};
    setenv("SECRET", "of the test", 1);
    struct proc *proc =
        host_start_with(attack_host, program("echoes"), &options, args);
    (void)attack_await(proc, patience_ns);
    ck_assert_str_eq(proc_stdout(proc, NULL),
                     "5 descriptors\nFIRST_FD=3\nSECOND_FD=4\n"
                     "COLOUR=red = warm\nSECRET=(none)\nend of input\n");
}
END_TEST

START_TEST(limits_are_those_promised)
{
    struct start_options options = {.max_processes = 77,
                                    .file_bytes = 512 * 1000};
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = core.rlim_max;
    setrlimit(RLIMIT_CORE, &core);
    struct proc *proc = host_start_with(
        attack_host, program("prints_limits.sh"), &options, NULL);
    (void)attack_await(proc, patience_ns);
    ck_assert_str_eq(proc_stdout(proc, NULL),
                     "files 1024\ncore 0\nprocesses 77\nblocks 1000\n");
    ck_assert_str_eq(proc_stderr(proc, NULL), "stderr has a name\n");
}
END_TEST

START_TEST(head_and_tail_are_kept)
{
    struct output output;
    char piece[7];
    output_init(&output, 100, -1);
    for (int i = 0; i < 1000; i++) {
        snprintf(piece, sizeof(piece), "%05d\n", i);
        output_add(&output, piece, 6);
        size_t bytes;
        const char *text = output_text(&output, &bytes);
        ck_assert_int_eq(strncmp(text, "00000\n", 6), 0);
        ck_assert_msg(memcmp(text + bytes - 6, piece, 6) == 0, "%d: %s", i,
                      text);
        ck_assert_uint_eq(bytes, strlen(text));
        /* 33 lines and a third fill head and tail. */
        bool left_out = strstr(text, "left out") != NULL;
        ck_assert_int_eq(left_out, (i + 1) * 6 > 200);
    }
    ck_assert_ptr_nonnull(strstr(output.text, "5800 bytes are left out"));
    char *tail = output_tail(&output, 20);
    ck_assert_str_eq(tail, "00997\n00998\n00999\n");
    free(tail);
    output_fini(&output);
}
END_TEST

START_TEST(a_tail_is_always_valid_text)
{
    struct output output;
    output_init(&output, 100, -1);
    static const char bytes[] = "a\xff\xc3\xa9\xe2\x82\0z\xed\xa0\x80";
    output_add(&output, bytes, sizeof(bytes) - 1);
    char *tail = output_tail(&output, 100);
    json_t *text = json_string(tail);
    ck_assert_msg(text != NULL, "not UTF-8: %s", tail);
    ck_assert_int_eq(strncmp(tail, "a\xef\xbf\xbd\xc3\xa9", 6), 0);
    ck_assert_ptr_nonnull(strchr(tail, 'z'));
    free(tail);
    output_fini(&output);
}
END_TEST

/* What a terminal would obey can be read instead. */
START_TEST(control_characters_become_pictures)
{
    static const char bytes[] = "\033[2J\tred\r\n\0\x7f\xc2\x9b\xc3\xa9";
    char *text = output_as_utf8(bytes, sizeof(bytes) - 1);
    ck_assert_str_eq(text, "\u241b[2J\tred\u240d\n\xe2\x90\x80\u2421"
                           "\ufffd\u00e9");
    free(text);
}
END_TEST

/* ---- Readiness ----------------------------------------------------------- */

static void await_what_ends(void)
{
    struct proc *proc =
        host_start(attack_host, peer("sh"), "-c", "echo oops >&2; exit 4");
    proc_await_udp(proc, 9000);
}

static void await_output_of_what_ends(void)
{
    struct proc *proc = host_start(attack_host, program("says_hello.sh"));
    proc_await_output(proc, "goodbye", SECONDS(20));
}

static void await_what_never_comes(void)
{
    struct proc *proc = host_start(attack_host, program("never_exits"));
    proc_await_output(proc, "here to stay", SECONDS(10));
    proc_await_output(proc, "goodbye", MSECONDS(100));
}

START_TEST(waiting_fails_at_once_when_the_program_ends)
{
    int64_t before_ns = clock_now_ns();
    fails_saying(await_what_ends, "sh exited with 4 before it listened on UDP "
                                  "9000; its stderr ends: oops");
    fails_saying(await_output_of_what_ends,
                 "says_hello.sh exited with 5 before it printed \"goodbye\"");
    ck_assert_int_le(clock_now_ns() - before_ns, SECONDS(4));
}
END_TEST

START_TEST(a_time_out_tells_what_the_program_was_doing)
{
    json_t *verdict = verdict_of(await_what_never_comes);
    ck_assert_str_eq(text_of(verdict, "verdict"), "fail");
    says(verdict, "message", "never_exits has not printed \"goodbye\" within");
    json_t *program = json_array_get(json_object_get(verdict, "programs"), 0);
    ck_assert_str_eq(text_of(program, "name"), "never_exits");
    ck_assert_str_eq(text_of(program, "host"), "victim");
    ck_assert_str_eq(text_of(program, "role"), "tested");
    ck_assert_str_eq(text_of(program, "state"), "running");
    ck_assert_str_eq(text_of(program, "stdout"), "victim.never_exits.1.stdout");
    says(program, "stdout_tail", "here to stay");
    /* It was ended before the verdict was written. */
    ck_assert_int_eq(json_integer_value(json_object_get(program, "signal")),
                     SIGKILL);
    /* gdb's frame, or the kernel's word for it. */
    const char *stack = text_of(program, "stack");
    ck_assert_msg(strstr(stack, "main") || strstr(stack, "syscall"), "%s",
                  stack);
    char *path = str_format("%s/victim.never_exits.1.stdout", incell_work_dir);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_size, (off_t)strlen("here to stay\n"));
    json_decref(verdict);
}
END_TEST

START_TEST(listening_is_seen_without_connecting)
{
    struct proc *tcp = host_start(attack_host, peer("nc"), "-l", "-p", "7001");
    struct proc *udp = host_start(attack_host, program("closes_stdout"));
    proc_await_tcp(tcp, 7001);
    proc_await_udp(udp, 9000);
    /* nc -l takes one connection: ours must be the first. */
    int fd = host_connect(attack_host, "127.0.0.1", 7001, SECONDS(2));
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(sock_puts(fd, "hello"), 0);
    proc_await_output(tcp, "hello", SECONDS(5));
    close(fd);
}
END_TEST

static void await_foreign_port(void)
{
    struct proc *holder = host_start(attack_host, program("closes_stdout"));
    proc_await_udp(holder, 9000);
    struct proc *other = host_start(attack_host, program("never_exits"));
    proc_await_udp(other, 9000);
}

START_TEST(another_programs_port_is_no_readiness)
{
    fails_saying(await_foreign_port, "another program has that port");
}
END_TEST

/* ---- Signals and measures ------------------------------------------------ */

START_TEST(signals_reach_the_program_itself)
{
    struct proc *proc =
        host_start(attack_host, peer("sh"), "-c",
                   "trap 'echo caught; exit 3' USR1; echo ready; "
                   "while :; do sleep 0.01; done");
    proc_await_output(proc, "ready", SECONDS(5));
    ck_assert_int_eq(kill(proc_pid(proc), 0), 0);
    proc_signal(proc, SIGUSR1);
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 3);
    proc_signal(proc, SIGUSR1); /* to nobody: nothing happens */
}
END_TEST

static void wait_cpu(struct proc *proc, int64_t cpu_ns)
{
    struct proc_end end;
    for (int i = 0; i < 2000 && proc_cpu_ns(proc) < cpu_ns; i++)
        ck_assert(!proc_wait(proc, MSECONDS(5), &end));
    ck_assert_int_ge(proc_cpu_ns(proc), cpu_ns);
}

START_TEST(cpu_time_is_that_of_the_whole_tree)
{
    struct proc *busy = host_start(attack_host, program("spins"));
    struct proc *idle = host_start(attack_host, program("never_exits"));
    wait_cpu(busy, MSECONDS(300));
    ck_assert_int_ge(tree_cpu_ns(busy->pid_ns, busy->init_pid), MSECONDS(300));
    ck_assert_int_le(proc_cpu_ns(idle), MSECONDS(30));
    ck_assert_int_ge(proc_rss_bytes(idle), 100 * 1024);
    ck_assert_int_eq(proc_fd_count(idle), 3);
    proc_kill(busy);
    ck_assert_int_ge(attack_await(busy, 0).cpu_ns, MSECONDS(300));
    ck_assert_int_gt(attack_await(busy, 0).peak_rss_bytes, 100 * 1024);
}
END_TEST

START_TEST(tools_of_the_system_are_peers)
{
    struct proc *proc = host_start(
        attack_host, peer("sh"), "-c",
        "cat /etc/hosts && touch here && test -d /var && ! touch /var/there && "
        "ip -o addr show lo && hostname");
    struct proc_end end = attack_await(proc, patience_ns);
    ck_assert_msg(end.exit_code == 0, "%d: %s", end.exit_code,
                  proc_stderr(proc, NULL));
    const char *said = proc_stdout(proc, NULL);
    ck_assert_msg(strstr(said, "127.0.0.1 localhost") != NULL, "%s", said);
    ck_assert_msg(strstr(said, "\nvictim\n") != NULL, "%s", said);
    ck_assert_int_eq(file_size(attack_net, "victim:here"), 0);
}
END_TEST

START_TEST(programs_of_one_host_share_its_directory_only)
{
    struct host *other = net_host(attack_net, "other");
    file_write(attack_net, "victim:in", "abc", 3);
    file_mkdir(attack_net, "victim:dir");
    struct proc *a = host_start(attack_host, reference("plants_traps.sh"));
    struct proc *b = host_start(other, reference("plants_traps.sh"));
    /* mkdir fails where the directory is already. */
    ck_assert_int_ne(attack_await(a, patience_ns).exit_code, 0);
    ck_assert_int_eq(attack_await(b, patience_ns).exit_code, 0);
    ck_assert_int_eq(file_size(attack_net, "other:in"), -1);
    ck_assert_int_eq(file_count(attack_net, "other:"), 7);
}
END_TEST

/* ---- Files --------------------------------------------------------------- */

START_TEST(files_are_written_and_read)
{
    size_t bytes;
    file_random(attack_net, "victim:a", 3000000);
    file_random(attack_net, "victim:b", 3000000);
    ck_assert_int_eq(file_size(attack_net, "victim:a"), 3000000);
    char *a = file_read(attack_net, "victim:a", &bytes);
    char *b = file_read(attack_net, "victim:b", NULL);
    ck_assert_uint_eq(bytes, 3000000);
    ck_assert_int_ne(memcmp(a, b, bytes), 0);
    ck_assert_int_ne(memcmp(a, a + 1048576, 1000), 0);
    file_random(attack_net, "victim:a", 3000000);
    ck_assert_mem_eq(a, file_read(attack_net, "victim:a", NULL), bytes);
    ck_assert_int_eq(file_count(attack_net, "victim:"), 2);
    ck_assert_int_eq(file_count(attack_net, "victim:none"), 0);
    ck_assert_ptr_null(file_read(attack_net, "victim:none", NULL));
    file_mkdir(attack_net, "victim:d");
    file_write(attack_net, "victim:d/x", "", 0);
    ck_assert_int_eq(file_size(attack_net, "victim:d/x"), 0);
}
END_TEST

static void write_to_nowhere(void)
{
    file_write(attack_net, "nobody:x", "x", 1);
}

START_TEST(a_file_needs_a_host)
{
    expect_infra(write_to_nowhere, "\"nobody:x\": a file is named HOST:NAME");
}
END_TEST

START_TEST(a_quota_makes_a_directory_full)
{
    file_quota(attack_net, "victim:small", 64 * 1024);
    struct proc *proc = host_start(attack_host, program("quota.sh"));
    ck_assert_int_eq(attack_await(proc, patience_ns).exit_code, 0);
    ck_assert_str_eq(proc_stdout(proc, NULL), "full\n");
    ck_assert_int_le(file_size(attack_net, "victim:small/big"), 64 * 1024);
    ck_assert_int_gt(file_size(attack_net, "victim:small/big"), 32 * 1024);
}
END_TEST

/* ---- Sockets ------------------------------------------------------------- */

START_TEST(streams_are_driven_byte_by_byte)
{
    char line[16], data[16];
    int listener = host_listen(attack_host, 7100);
    int a = host_connect(attack_host, "127.0.0.1", 7100, SECONDS(1));
    int b = sock_accept(listener, SECONDS(1));
    ck_assert_int_ge(a, 0);
    ck_assert_int_ge(b, 0);
    ck_assert_int_eq(sock_puts(a, "one\ntwo\nrest"), 0);
    ck_assert_int_eq(sock_gets(b, line, sizeof(line), SECONDS(1)), 3);
    ck_assert_str_eq(line, "one");
    ck_assert_int_eq(sock_gets(b, line, sizeof(line), SECONDS(1)), 3);
    ck_assert_str_eq(line, "two");
    ck_assert_int_eq(sock_await_eof(b, SECONDS(1)), -EBUSY);
    ck_assert_int_eq(sock_recv(b, data, 4, SECONDS(1)), 4);
    ck_assert_int_eq(memcmp(data, "rest", 4), 0);
    ck_assert_int_eq(sock_recv(b, data, 1, MSECONDS(20)), -ETIMEDOUT);
    sock_half_close(a);
    ck_assert_int_eq(sock_await_eof(b, SECONDS(1)), 0);
    ck_assert_int_eq(sock_gets(b, line, sizeof(line), SECONDS(1)), -ENODATA);
    ck_assert_int_eq(sock_puts(b, "0123456789abcdefgh"), 0);
    ck_assert_int_eq(sock_gets(a, line, sizeof(line), SECONDS(1)), -EMSGSIZE);
    sock_reset(b);
    ck_assert_int_eq(sock_recv(a, data, 16, SECONDS(1)), -ECONNRESET);
    ck_assert_int_eq(sock_accept(listener, MSECONDS(20)), -ETIMEDOUT);
}
END_TEST

START_TEST(a_refused_connection_is_an_answer)
{
    ck_assert_int_eq(host_connect(attack_host, "127.0.0.1", 7101, SECONDS(1)),
                     -ECONNREFUSED);
}
END_TEST

START_TEST(datagrams_tell_their_sender)
{
    char data[16], addr[46];
    uint16_t port = 0;
    int server = host_udp(attack_host, 7102);
    int client = host_udp_connected(attack_host, "127.0.0.1", 7102);
    ck_assert_int_eq(sock_sendto(client, NULL, 0, "ask", 3), 0);
    ck_assert_int_eq(
        sock_recvfrom(server, data, sizeof(data), addr, &port, SECONDS(1)), 3);
    ck_assert_str_eq(addr, "127.0.0.1");
    ck_assert_int_eq(sock_sendto(server, addr, port, "answer", 6), 0);
    ck_assert_int_eq(
        sock_recvfrom(client, data, sizeof(data), NULL, NULL, SECONDS(1)), 6);
    ck_assert_int_eq(
        sock_recvfrom(client, data, sizeof(data), NULL, NULL, MSECONDS(20)),
        -ETIMEDOUT);
}
END_TEST

START_TEST(dual_stack_sockets_speak_of_ipv4_as_such)
{
    char data[16], addr[46];
    uint16_t port = 0;
    net_want_ipv6(attack_net);
    struct host *host = net_host(attack_net, "six");
    int server = host_udp(host, 7103);
    int client = host_udp_connected(host, "127.0.0.1", 7103);
    ck_assert_int_eq(sock_sendto(client, NULL, 0, "ask", 3), 0);
    ck_assert_int_eq(
        sock_recvfrom(server, data, sizeof(data), addr, &port, SECONDS(1)), 3);
    ck_assert_str_eq(addr, "127.0.0.1");
    ck_assert_int_eq(sock_sendto(server, addr, port, "answer", 6), 0);
    ck_assert_int_eq(
        sock_recvfrom(client, data, sizeof(data), NULL, NULL, SECONDS(1)), 6);
}
END_TEST

static void add_programs(TCase *tcase)
{
    tcase_add_loop_test(tcase, the_true_end_is_known, 0, ENDINGS);
    tcase_add_loop_test(tcase, sanitizers_work_inside, 0, 2);
    tcase_add_test(tcase, any_language_will_do);
    tcase_add_test(tcase, what_cannot_be_executed_is_a_failure_that_says_why);
    tcase_add_test(tcase, programs_may_lie_behind_closed_doors);
    tcase_add_test(tcase, what_is_absent_is_skipped_loudly);
    tcase_add_test(tcase, a_program_is_fed_and_read);
    tcase_add_test(tcase, what_is_fed_to_the_dead_is_lost_quietly);
    tcase_add_test(tcase, declared_descriptors_and_variables_are_passed_on);
    tcase_add_test(tcase, limits_are_those_promised);
    tcase_add_test(tcase, head_and_tail_are_kept);
    tcase_add_test(tcase, a_tail_is_always_valid_text);
    tcase_add_test(tcase, control_characters_become_pictures);
    tcase_add_test(tcase, waiting_fails_at_once_when_the_program_ends);
    tcase_add_test(tcase, a_time_out_tells_what_the_program_was_doing);
    tcase_add_test(tcase, listening_is_seen_without_connecting);
    tcase_add_test(tcase, another_programs_port_is_no_readiness);
    tcase_add_test(tcase, signals_reach_the_program_itself);
    tcase_add_test(tcase, cpu_time_is_that_of_the_whole_tree);
    tcase_add_test(tcase, tools_of_the_system_are_peers);
    tcase_add_test(tcase, programs_of_one_host_share_its_directory_only);
}

static void add_others(TCase *tcase)
{
    tcase_add_test(tcase, files_are_written_and_read);
    tcase_add_test(tcase, a_file_needs_a_host);
    tcase_add_test(tcase, a_quota_makes_a_directory_full);
    tcase_add_test(tcase, streams_are_driven_byte_by_byte);
    tcase_add_test(tcase, a_refused_connection_is_an_answer);
    tcase_add_test(tcase, datagrams_tell_their_sender);
    tcase_add_test(tcase, dual_stack_sockets_speak_of_ipv4_as_such);
}

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *tcase = tcase_create("run");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, attack_setup, incell_teardown);
    add_programs(tcase);
    add_others(tcase);
    suite_add_tcase(suite, tcase);
    attack_find();
    return incell_main("test_run", suite);
}
