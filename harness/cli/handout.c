/* wirelab handout: the labs as learners get them, without the solutions.
 *
 * What goes along, how pages are made to fit, and what must not be found in the
 * outcome, is told by the scripts of harness/handout.  Here is how the outcome
 * gets its name.  All is made in a folder beside it, synced, and renamed: OUT
 * is whole, or it is not there.  The folder is locked by whoever works in it,
 * the scripts included, so what a killed handout left is known and cleared away
 * by the next. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/project.h"

enum { OTHER_WORDS = 4 };

struct handout {
    struct project project;
    struct text_list wanted; /* of --labs: "04,08" */
    const struct lab_dir *labs[CLI_MAX_LIST];
    size_t lab_count;
    char *out;
    bool archive, no_reference;
    char *work; /* holds "wirelab", the tree, and an archive of it */
    int lock_fd;
};

/* ---- Which labs -----------------------------------------------------------
 */

static int add_lab(struct handout *handout, const struct lab_dir *lab)
{
    for (size_t i = 0; i < handout->lab_count; i++) {
        if (handout->labs[i] == lab)
            return 0;
    }
    if (access(lab->solution, R_OK) < 0)
        return usage_error("solutions/%s is not here, and a skeleton is made "
                           "from it: make handouts where the solutions are",
                           lab->name);
    if (handout->lab_count == CLI_MAX_LIST)
        return usage_error("at most %d labs can be handed out", CLI_MAX_LIST);
    handout->labs[handout->lab_count++] = lab;
    return 0;
}

/* "04,08" */
static int add_words(struct handout *handout, const char *words)
{
    int status = 0;
    while (status == 0) {
        size_t length = strcspn(words, ",");
        char *word = strndup(words, length);
        const struct lab_dir *lab = project_lab(&handout->project, word);
        free(word);
        status = lab ? add_lab(handout, lab) : EXIT_USAGE;
        if (words[length] == '\0')
            break;
        words += length + 1;
    }
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct lab_dir *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

/* In their order, whatever that of the words is. */
static int choose_labs(struct handout *handout)
{
    int status = 0;
    for (size_t i = 0; i < handout->wanted.count && status == 0; i++)
        status = add_words(handout, handout->wanted.items[i]);
    for (size_t i = 0; i < handout->project.lab_count && status == 0 &&
                       handout->wanted.count == 0;
         i++)
        status = add_lab(handout, &handout->project.labs[i]);
    qsort(handout->labs, handout->lab_count, sizeof(const struct lab_dir *),
          by_name);
    return status;
}

/* ---- Where to -------------------------------------------------------------
 */

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A folder's name may be given with a slash at its end. */
static int choose_out(struct handout *handout, const char *out)
{
    static const char *const others[] = {".zip", ".tar.xz", ".tar.zst", ".7z"};
    struct stat st;
    if (out == NULL || *out == '\0')
        return usage_error("--out is needed: the folder, or the .tar or "
                           ".tar.gz, that is to be made");
    handout->out = mem_strdup(out);
    for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; n--)
        handout->out[n - 1] = '\0';
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (ends_in(out, others[i]))
            return usage_error("--out %s: a handout is a folder, a .tar or a "
                               ".tar.gz",
                               out);
    }
    handout->archive =
        ends_in(out, ".tar") || ends_in(out, ".tar.gz") || ends_in(out, ".tgz");
    if (lstat(handout->out, &st) == 0)
        return usage_error("%s exists already: choose another name, or remove "
                           "it",
                           handout->out);
    return 0;
}

/* Only what carries a name of ours is removed. */
static int clear_work(const struct handout *handout)
{
    static const char *const names[] = {"wirelab", "wirelab.reference",
                                        "wirelab.log", "wirelab.tar",
                                        "wirelab.tar.gz"};
    int status = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = str_format("%s/%s", handout->work, names[i]);
        if (tree_remove(path) < 0 && status == 0)
            status = infra_error("cannot remove %s: %s", path, strerror(errno));
        free(path);
    }
    return status;
}

static int open_work(struct handout *handout)
{
    const char *slash = strrchr(handout->out, '/');
    const char *name = slash ? slash + 1 : handout->out;
    handout->work = str_format("%.*s.%s.handout", (int)(name - handout->out),
                               handout->out, name);
    if (mkdir(handout->work, 0755) < 0 && errno != EEXIST)
        return infra_error("cannot make %s: %s", handout->work,
                           strerror(errno));
    /* Not closed on exec: as long as a script writes there, it is locked. */
    handout->lock_fd = open(handout->work, O_RDONLY | O_DIRECTORY);
    if (handout->lock_fd < 0)
        return infra_error("cannot open %s: %s", handout->work,
                           strerror(errno));
    if (flock(handout->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return usage_error("%s is being made by another: wait for it, or "
                           "choose another name",
                           handout->out);
    return clear_work(handout);
}

static void close_work(struct handout *handout)
{
    if (handout->lock_fd < 0)
        return;
    if (flock(handout->lock_fd, LOCK_EX | LOCK_NB) == 0 &&
        clear_work(handout) == 0)
        (void)rmdir(handout->work); /* whatever else is in it stays */
    (void)close(handout->lock_fd);
}

/* ---- Making it ------------------------------------------------------------
 */

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* A handler, unlike SIG_IGN, is not passed on: Ctrl-C ends the scripts, and we
 * are left to clear up. */
static void watch_signals(void)
{
    const struct sigaction action = {.sa_handler = stop,
                                     .sa_flags = SA_RESTART};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

/* Prints what was left out, a line each, and finds the first other line: what
 * went wrong, if anything did.  It points into `output`. */
static const char *read_output(char *output)
{
    const char *wrong = NULL;
    for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n")) {
        if (ends_in(line, " does not go along"))
            (void)fprintf(stderr, "wirelab: %s\n", line);
        else if (wrong == NULL)
            wrong = line;
    }
    return wrong ? wrong : "it does not say why";
}

static int run_script(const struct handout *handout, const char *const *words)
{
    const char *argv[CLI_MAX_LIST + OTHER_WORDS] = {NULL};
    char *script =
        str_format("%s/harness/handout/build", handout->project.root);
    char *output;
    argv[0] = script;
    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = words[i];
    int result = child_run(NULL, argv, &output);
    const char *wrong = read_output(output);
    int status = 0;
    if (stopped)
        status = EXIT_INTERRUPTED;
    else if (result < 0)
        status = infra_error("cannot start %s: %s", script, strerror(-result));
    else if (result)
        status = infra_error("no handout was made: %s", wrong);
    free(output);
    free(script);
    return status;
}

static int fill(const struct handout *handout)
{
    const char *words[CLI_MAX_LIST + OTHER_WORDS - 1] = {handout->work};
    for (size_t i = 0; i < handout->lab_count; i++)
        words[i + 1] = handout->labs[i]->name;
    if (handout->no_reference)
        (void)setenv("HANDOUT_NO_REFERENCE", "1", 1);
    else
        (void)unsetenv("HANDOUT_NO_REFERENCE");
    return run_script(handout, words);
}

static const char *made_name(const struct handout *handout)
{
    if (!handout->archive)
        return "wirelab";
    return ends_in(handout->out, ".tar") ? "wirelab.tar" : "wirelab.tar.gz";
}

static int pack(const struct handout *handout)
{
    const char *words[] = {"--pack", handout->work, made_name(handout), NULL};
    return handout->archive ? run_script(handout, words) : 0;
}

/* Nobody's file is replaced, even if it came meanwhile. */
static int publish(const struct handout *handout)
{
    char *made = str_format("%s/%s", handout->work, made_name(handout));
    int status = 0;
    if (syncfs(handout->lock_fd) < 0 ||
        (renameat2(AT_FDCWD, made, AT_FDCWD, handout->out, RENAME_NOREPLACE) <
             0 &&
         (errno != EINVAL || rename(made, handout->out) < 0)))
        status =
            infra_error("cannot make %s: %s", handout->out, strerror(errno));
    free(made);
    return status;
}

static void tell(const struct handout *handout)
{
    printf("%s: ", handout->out);
    for (size_t i = 0; i < handout->lab_count; i++)
        printf("%s%s", i ? ", " : "", handout->labs[i]->name);
    puts("; no answer was found in it");
}

static int make(struct handout *handout)
{
    watch_signals();
    int status = open_work(handout);
    if (status == 0)
        status = fill(handout);
    if (status == 0)
        status = pack(handout);
    if (status == 0)
        status = publish(handout);
    close_work(handout);
    if (status == 0)
        tell(handout);
    return status;
}

int cli_handout(int argc, char **argv)
{
    const char *out = NULL;
    struct handout handout = {.lock_fd = -1};
    const struct command_option options[] = {
        {"--labs", OPTION_LIST, &handout.wanted, "NN,NN",
         "only these; may be given repeatedly (default: all)", NULL},
        {"--out", OPTION_TEXT, &out, "OUT",
         "the folder, .tar or .tar.gz to be made (required)", NULL},
        {"--no-reference", OPTION_FLAG, &handout.no_reference, NULL,
         "without programs of references that tests talk to", NULL},
    };
    const struct command command = {
        .name = "handout",
        .usage = "[--labs NN,NN...] --out OUT",
        .summary = "Makes a copy of the labs for learners, without the "
                   "solutions",
        .text = "Skeletons are made anew; references, walkthroughs, wrong "
                "programs and the\nproject's own tests stay here, and the "
                "outcome is searched for lines of answers.\nWhere a lab's "
                "tests run against its reference, that goes along as stripped "
                "programs\nfor this machine's kind of processor; elsewhere, "
                "or with --no-reference, learners\nare told that these parts "
                "of tests are skipped.  The bytes are the same each time;\n"
                "$SOURCE_DATE_EPOCH is the date of all files.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    if ((status = project_open(&handout.project)))
        return status;
    status = choose_labs(&handout);
    if (status == 0)
        status = choose_out(&handout, out);
    if (status == 0)
        status = make(&handout);
    free(handout.work);
    free(handout.out);
    project_fini(&handout.project);
    return status;
}
