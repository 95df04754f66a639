/* Real servers: ready when they say so, watched until the end, and their names
 * and pages are what the test wrote. */
#include "verdict.h"

#include <wirelab/server.h>
#include <wirelab/sock.h>

#include "base/strbuf.h"

static struct host *client, *server;

/* Two hosts that speak both families from the first moment: no address waits
 * for duplicate address detection. */
static void make_pair(void)
{
    net_want_ipv6(attack_net);
    server = net_host(attack_net, "server");
    client = net_host(attack_net, "client");
    net_link(client, server, "delay 1ms");
}

/* The output of a command on the client. */
static const char *ask(const char *command)
{
    struct proc *sh = host_start(client, peer("sh"), "-c", command);
    (void)attack_await(sh, SECONDS(15));
    return proc_stdout(sh, NULL);
}

static void skip_without(const char *command)
{
    char *line = str_format("command -v %s >/dev/null", command);
    if (system(line) != 0) {
        fprintf(stderr, "SKIP test_server: %s is not installed\n", command);
        _exit(0);
    }
    free(line);
}

/* ---- Pages --------------------------------------------------------------- */

START_TEST(pages_are_served_to_both_families)
{
    skip_without("nginx");
    skip_without("curl");
    make_pair();
    file_mkdir(attack_net, "server:site");
    file_write(attack_net, "server:site/page", "hello", 5);
    struct proc *web =
        server_web(server, "listen 8080; location /old { return 410; }");
    ck_assert_str_eq(ask("curl -s4 http://server/page"), "hello");
    ck_assert_str_eq(ask("curl -s6 http://server/page"), "hello");
    ck_assert_str_eq(ask("curl -s -o /dev/null -w '%{http_code}' "
                         "http://server:8080/old"),
                     "410");
    ck_assert_ptr_nonnull(strstr(proc_stdout(web, NULL), "GET /page"));
    server_stop(web);
    server_web(server, NULL);
    ck_assert_str_eq(ask("curl -s6 http://server/page"), "hello");
}
END_TEST

/* ---- Names --------------------------------------------------------------- */

START_TEST(names_are_those_given_and_no_others)
{
    skip_without("dnsmasq");
    make_pair();
    server_names(server, "host-record=web.test,10.9.9.9,fd09::9\n"
                         "host-record=two.test,10.9.9.1\n"
                         "host-record=two.test,10.9.9.2");
    host_nameserver(client, host_addr(server));
    ck_assert_str_eq(ask("getent ahostsv4 web.test | head -n 1"),
                     "10.9.9.9        STREAM web.test\n");
    ck_assert_str_eq(ask("getent ahostsv6 web.test | head -n 1"),
                     "fd09::9         STREAM web.test\n");
    ck_assert_str_eq(ask("getent ahosts no.test; echo $?"), "2\n");
    const char *order = ask("getent ahostsv4 two.test | cut -c1-8 | uniq");
    char *first = mem_strdup(order);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(ask("getent ahostsv4 two.test | cut -c1-8 | uniq"),
                         first);
    free(first);
}
END_TEST

/* ---- Supervision --------------------------------------------------------- */

static struct proc *shell_server(const char *script, uint16_t tcp_port)
{
    const char *args[] = {"-c", script, NULL};
    return server_start(attack_host, &(struct server){.command = "sh",
                                                      .args = args,
                                                      .tcp_port = tcp_port,
                                                      .ready_ns = SECONDS(1)});
}

static void is_infra_saying(void (*body)(void), const char *message)
{
    json_t *verdict = verdict_of(body);
    ck_assert_msg(strcmp(text_of(verdict, "verdict"), "infra") == 0, "%s: %s",
                  text_of(verdict, "verdict"), text_of(verdict, "message"));
    says(verdict, "message", message);
    json_decref(verdict);
}

static void server_that_cannot_start(void)
{
    shell_server("echo no such knob >&2; exit 3", 80);
}

static void server_that_never_listens(void)
{
    shell_server("echo thinking >&2; exec sleep 60", 80);
}

/* The test goes on to fail, and must not be believed. */
static void server_that_dies(void)
{
    struct proc *proc = shell_server("read x; echo overheated >&2; exit 9", 0);
    (void)attack_await(proc, SECONDS(5));
    run_fail(false, "the program got no answer");
}

static void server_that_is_stopped(void)
{
    server_stop(shell_server("exec sleep 60", 0));
    run_fail(false, "the program did not notice");
}

static void server_that_does_not_listen_to_sigterm(void)
{
    struct proc *proc =
        shell_server("trap '' TERM; echo up; while :; do sleep 60; done", 0);
    proc_await_output(proc, "up", SECONDS(5));
    server_stop(proc);
    run_fail(false, "the program did not notice");
}

static void server_that_lives(void)
{
    shell_server("exec sleep 60", 0);
    run_fail(false, "the program is wrong");
}

static void server_that_is_not_there(void)
{
    server_start(attack_host, &(struct server){.command = "no-such-serverd"});
}

START_TEST(a_server_that_fails_is_not_the_programs_fault)
{
    is_infra_saying(server_that_cannot_start,
                    "the server sh on victim exited with 3 while it was "
                    "needed; its log ends: no such knob");
    is_infra_saying(server_that_never_listens,
                    "has no TCP port 80 after 1 s; its log ends: thinking");
    is_infra_saying(server_that_dies, "exited with 9 while it was needed; its "
                                      "log ends: overheated");
}
END_TEST

START_TEST(a_server_that_works_changes_no_verdict)
{
    fails_saying(server_that_lives, "the program is wrong");
    fails_saying(server_that_is_stopped, "the program did not notice");
    fails_saying(server_that_does_not_listen_to_sigterm,
                 "the program did not notice");
}
END_TEST

START_TEST(a_server_that_is_not_installed_skips)
{
    json_t *verdict = verdict_of(server_that_is_not_there);
    ck_assert_str_eq(text_of(verdict, "verdict"), "skip");
    says(verdict, "message", "no-such-serverd is not installed");
    json_decref(verdict);
}
END_TEST

static void server_with_a_configuration(void)
{
    const char *args[] = {"-c", "cat my.conf; exec sleep 60", NULL};
    struct proc *proc =
        server_start(attack_host, &(struct server){.command = "sh",
                                                   .args = args,
                                                   .config_name = "my.conf",
                                                   .config = "knob on"});
    proc_await_output(proc, "knob on", SECONDS(5));
}

START_TEST(its_configuration_and_its_log_are_files)
{
    json_t *verdict = verdict_of(server_with_a_configuration);
    ck_assert_str_eq(text_of(verdict, "verdict"), "pass");
    json_decref(verdict);
    char *path = str_format("%s/victim.sh.1.stdout", incell_work_dir);
    char text[32] = "";
    FILE *log = fopen(path, "re");
    ck_assert_msg(log != NULL, "no %s", path);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), log));
    fclose(log);
    ck_assert_str_eq(text, "knob on");
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server");
    TCase *tcase = tcase_create("server");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, attack_setup, incell_teardown);
    tcase_add_test(tcase, pages_are_served_to_both_families);
    tcase_add_test(tcase, names_are_those_given_and_no_others);
    tcase_add_test(tcase, a_server_that_fails_is_not_the_programs_fault);
    tcase_add_test(tcase, a_server_that_works_changes_no_verdict);
    tcase_add_test(tcase, a_server_that_is_not_installed_skips);
    tcase_add_test(tcase, a_server_that_is_not_installed_skips);
    tcase_add_test(tcase, its_configuration_and_its_log_are_files);
    suite_add_tcase(suite, tcase);
    attack_find();
    return incell_main("test_server", suite);
}
