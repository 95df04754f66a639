/* wirelab shell: the network of a lab's tests, to poke at by hand: a prompt in
 * each of its two hosts, the lab's programs on PATH, every packet captured. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/lab.h"
#include "base/object.h"
#include "cli/place.h"
#include "cli/runs.h"
#include "cli/shellnet.h"
#include "link/profile.h"
#include "topo/topo.h"

struct shell {
    const char *impl, *engine, *host, *join;
    bool no_tmux;
    struct lab lab;
    struct run_dir run;
    struct shellnet net;
    char work_dir[256];
    char *capture, *state_path;
};

/* ---- A prompt --------------------------------------------------------------
 */

static void set_prompt(const char *host, const char *programs)
{
    const char *path = getenv("PATH");
    char *longer = str_format("%s:%s", programs, path ? path : "/usr/bin:/bin");
    char *prompt = str_format("%s$ ", host);
    (void)setenv("PATH", longer, 1);
    (void)setenv("PS1", prompt, 1);
    free(longer);
    free(prompt);
}

static void exec_shell(void)
{
    /* Without its start-up files, which would set another PS1. */
    if (isatty(STDIN_FILENO))
        (void)execlp("bash", "bash", "--noprofile", "--norc", "-i",
                     (char *)NULL);
    (void)execlp("bash", "bash", "--noprofile", "--norc", (char *)NULL);
    (void)execlp("sh", "sh", (char *)NULL);
    _exit(127);
}

/* Runs a shell on the host and returns its exit status. */
static int run_prompt(pid_t anchor, const char *host, const char *dir,
                      const char *programs)
{
    pid_t child = fork();
    if (child < 0)
        return infra_error("cannot fork: %s", strerror(errno));
    if (child == 0) {
        int error = shellnet_join(anchor);
        if (error < 0)
            _exit(infra_error("cannot join %s: %s", host, strerror(-error)));
        set_prompt(host, programs);
        if (chdir(dir) < 0)
            _exit(infra_error("%s: %s", dir, strerror(errno)));
        pid_t inside = fork(); /* only now in the pid namespace */
        if (inside == 0)
            exec_shell();
        int status = 0;
        (void)signal(SIGINT, SIG_IGN); /* the prompt's, not ours */
        while (waitpid(inside, &status, 0) < 0 && errno == EINTR)
            ;
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    }
    int status = 0;
    void (*before)(int) = signal(SIGINT, SIG_IGN);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    (void)signal(SIGINT, before);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* ---- Joining from another terminal ----------------------------------------
 */

static char *state_file(const struct project *project, const char *pid)
{
    return str_format("%s/shells/%s.json", project->build, pid);
}

static int join_state(const json_t *state, const char *host)
{
    const json_t *hosts = json_object_get(state, "hosts");
    const json_t *found = json_object_get(hosts, host);
    if (found == NULL)
        return usage_unknown("host", host, shellnet_hosts, SHELLNET_HOSTS);
    return run_prompt(object_int(found, "anchor"), host,
                      object_text(found, "dir"),
                      object_text(state, "programs"));
}

/* `word` is "PID:HOST". */
static int join(const char *word)
{
    struct project project;
    int status = project_open(&project);
    if (status)
        return status;
    char *pid = mem_strdup(word);
    char *colon = strchr(pid, ':');
    if (colon)
        *colon = '\0';
    char *path = state_file(&project, pid);
    json_t *state = json_load_file(path, 0, NULL);
    if (colon == NULL || strspn(pid, "0123456789") != strlen(pid))
        status = usage_error("--join wants PID:HOST, such as 4711:receiver");
    else if (state == NULL || kill((pid_t)atoi(pid), 0) < 0)
        status = usage_error("no 'wirelab shell' runs as process %s", pid);
    else
        status = join_state(state, colon + 1);
    json_decref(state);
    free(path);
    free(pid);
    project_fini(&project);
    return status;
}

/* ---- The first terminal ---------------------------------------------------
 */

static int write_state(struct shell *shell)
{
    json_t *hosts = json_object();
    for (int i = 0; i < SHELLNET_HOSTS; i++)
        json_object_set_new(
            hosts, shellnet_hosts[i],
            json_pack("{s:i, s:s, s:s}", "anchor", (int)shell->net.anchors[i],
                      "dir", shell->net.dirs[i], "addr", shell->net.addrs[i]));
    json_t *state = json_pack("{s:o, s:s, s:s}", "hosts", hosts, "programs",
                              shell->lab.impl_dir, "capture", shell->capture);
    char *text = json_dumps(state, JSON_INDENT(2));
    char *dir = str_format("%s/shells", shell->lab.project.build);
    char pid[16];
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    shell->state_path = state_file(&shell->lab.project, pid);
    int error = tree_make(dir) < 0 ? -errno : 0;
    if (error == 0)
        error = file_replace(shell->state_path, text, strlen(text));
    int status = error < 0 ? infra_error("cannot write %s: %s",
                                         shell->state_path, strerror(-error))
                           : 0;
    free(dir);
    free(text);
    json_decref(state);
    return status;
}

static void greet(const struct shell *shell, const char *profile)
{
    char *shown = path_shown(shell->capture);
    printf("%s is %s, %s is %s; between them \"%s\".\n"
           "Programs of lab %s are on PATH.  Every packet goes to\n  %s\n",
           shellnet_hosts[0], shell->net.addrs[0], shellnet_hosts[1],
           shell->net.addrs[1], profile, shell->lab.json.id, shown);
    free(shown);
}

static char *join_command(int host)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = '\0';
    return str_format("'%s' shell --join %d:%s", path, (int)getpid(),
                      shellnet_hosts[host]);
}

/* Two panes, on a tmux server of its own, so that the user's is left alone. */
static int run_tmux(void)
{
    char *server = str_format("wirelab-%d", (int)getpid());
    char *left = join_command(0);
    char *right = join_command(1);
    const char *argv[] = {
        "tmux",       "-L",          server,
        "-f",         "/dev/null",   "new-session",
        left,         ";",           "split-window",
        "-h",         right,         ";",
        "set-option", "status-left", "[wirelab, exit both prompts to end] ",
        ";",          "set-option",  "status-left-length",
        "40",         NULL};
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)unsetenv("TMUX");
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(server);
    free(left);
    free(right);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool has_tmux(void)
{
    const char *argv[] = {"tmux", "-V", NULL};
    return child_run(NULL, argv, NULL) == 0;
}

static int host_index(const char *name)
{
    for (int i = 0; i < SHELLNET_HOSTS; i++) {
        if (strcmp(shellnet_hosts[i], name) == 0)
            return i;
    }
    return -1;
}

static void run_prompts(struct shell *shell)
{
    int host = shell->host ? host_index(shell->host) : 0;
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (terminal && !shell->host && !shell->no_tmux && has_tmux()) {
        if (run_tmux() == 0)
            return;
        puts("tmux could not be started; going on without it.");
    }
    if (terminal)
        printf("This is %s.  For %s, in another terminal:\n"
               "  ./wirelab shell --join %d:%s\n"
               "Leaving this prompt takes the network down.\n",
               shellnet_hosts[host], shellnet_hosts[!host], (int)getpid(),
               shellnet_hosts[!host]);
    (void)fflush(stdout);
    (void)run_prompt(shell->net.anchors[host], shellnet_hosts[host],
                     shell->net.dirs[host], shell->lab.impl_dir);
}

static int run(struct shell *shell, const char *profile)
{
    int error = work_dir_make(shell->work_dir, sizeof(shell->work_dir));
    if (error < 0)
        return infra_error("cannot make a work directory: %s",
                           strerror(-error));
    shell->capture = str_format("%s/capture.pcapng", shell->run.path);
    const struct shellnet_plan plan = {.profile = profile,
                                       .engine = shell->engine,
                                       .capture = shell->capture,
                                       .work_dir = shell->work_dir};
    int status = shellnet_start(&shell->net, &plan);
    if (status == 0) {
        status = write_state(shell);
        if (status == 0) {
            greet(shell, profile);
            run_prompts(shell);
        }
        shellnet_stop(&shell->net);
        char *shown = path_shown(shell->capture);
        printf("The network is down; its capture is %s\n", shown);
        free(shown);
        (void)unlink(shell->state_path);
    }
    work_dir_remove(shell->work_dir);
    return status;
}

static int check_profile(const char *profile)
{
    struct profile parsed;
    struct scan_error error;
    if (profile_parse(&parsed, profile, &error) == 0)
        return 0;
    return usage_error("profile, column %u: %s", error.column, error.message);
}

static int prepare(struct shell *shell, const char *lab)
{
    struct place place = {0}; /* prompts are had on the host only */
    int status = lab_open(&shell->lab, lab);
    if (status == 0)
        status =
            place_choose(&place, &shell->lab.project, "host", shell->engine);
    if (status == 0)
        status = lab_programs(&shell->lab, shell->impl);
    if (status == EXIT_FAILED)
        (void)fprintf(stderr,
                      "%s\nwirelab: it does not compile yet; "
                      "--impl solution takes the reference\n",
                      shell->lab.compile_error);
    if (status == 0)
        status = run_dir_make(&shell->run, &shell->lab.project, shell->lab.dir);
    place_fini(&place);
    return status;
}

static bool parse(struct shell *shell, int argc, char **argv, size_t *operands,
                  int *status)
{
    static const char *const hosts[] = {"sender", "receiver", NULL};
    const struct command_option options[] = {
        {"--impl", OPTION_TEXT, &shell->impl, "IMPL",
         "whose programs are on PATH (default: yours)", NULL},
        {"--host", OPTION_TEXT, &shell->host, "HOST",
         "one prompt only, on sender or receiver", hosts},
        {"--join", OPTION_TEXT, &shell->join, "PID:HOST",
         "a further prompt in a network that is up", NULL},
        {"--engine", OPTION_TEXT, &shell->engine, "ENGINE",
         "wire (default) or netem", engine_names},
        {"--no-tmux", OPTION_FLAG, &shell->no_tmux, NULL,
         "a prompt here, the other by --join", NULL},
    };
    const struct command command = {
        .name = "shell",
        .usage = "NN [PROFILE]",
        .summary = "Opens a prompt in each of two hosts, with a link between "
                   "them and the lab's programs on PATH",
        .text = "PROFILE is written as tc-netem's options are, for example\n"
                "  wirelab shell 08 \"delay 50ms loss 3%\"\n"
                "and is \"delay 10ms\" by default.  With tmux the two prompts "
                "are side by side;\nwithout it the second is opened from "
                "another terminal, by the command that is\nprinted.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .max_operands = 2,
    };
    if (!command_parse(&command, argc, argv, operands, status))
        return false;
    if (*operands == 0 && shell->join == NULL)
        *status = usage_error("too few words: wirelab shell %s", command.usage);
    return *status == 0;
}

int cli_shell(int argc, char **argv)
{
    struct shell shell = {.engine = "wire", .run.lock_fd = -1};
    size_t operands;
    int status;
    if (!parse(&shell, argc, argv, &operands, &status))
        return status;
    if (shell.join)
        return join(shell.join);
    const char *profile = operands > 1 ? argv[2] : "delay 10ms";
    status = check_profile(profile);
    if (status == 0)
        status = prepare(&shell, argv[1]);
    if (status == 0)
        status = run(&shell, profile);
    free(shell.capture);
    free(shell.state_path);
    run_dir_close(&shell.run);
    lab_close(&shell.lab);
    return status;
}
