/* What is done inside a workshop's cell: files are taken in, make runs in the
 * box, and what it said is judged. */
#include "run/workbench.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <wirelab/proc.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "base/testrun.h"
#include "base/tree.h"
#include "run/intake.h"
#include "run/output.h"
#include "topo/topo.h"

enum {
    MIB = 1 << 20,
    MAX_PROCESSES = 64,
    SAID_BYTES = 32 << 10, /* kept of the head, and of the tail */
};

void job_refuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(WORKSHOP_REFUSED);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- What goes in -------------------------------------------------------- */

static void take_in(const char *what, struct intake *intake, const char *from,
                    const char *to)
{
    int result = intake_copy(intake, from, to);
    if (result == -EPERM && intake->refusal[0])
        job_refuse("%s", intake->refusal);
    if (result < 0)
        infra("cannot take in %s: %s", what, strerror(-result));
}

static void copy_our_file(const char *from, const char *dir, const char *name)
{
    size_t bytes;
    char *text = file_load(from, &bytes);
    char *path = str_format("%s/%s", dir, name);
    FILE *file = text ? fopen(path, "we") : NULL;
    bool done = file && fwrite(text, 1, bytes, file) == bytes;
    done = (file == NULL || fclose(file) == 0) && done;
    if (!done || chmod(path, 0644) < 0)
        infra("cannot copy %s: %s", from, strerror(errno));
    free(text);
    free(path);
}

static char *make_dir(const char *parent, const char *name)
{
    char *path = str_format("%s/%s", parent, name);
    if (mkdir(path, 0755) < 0 || chmod(path, 0755) < 0)
        infra("cannot make %s: %s", path, strerror(errno));
    return path;
}

/* The lab's Makefile includes the rules as ../../harness/lab.mk. */
static void stage_lab(const struct job *job)
{
    struct intake headers = {.kind = INTAKE_HEADERS};
    char *labs = make_dir(job->stage, "labs");
    char *lab = str_format("%s/%s", labs, base_name(job->order->lab));
    char *harness = make_dir(job->stage, "harness");
    char *makefile = str_format("%s/Makefile", job->order->lab);
    take_in("the lab's headers", &headers, job->order->lab, lab);
    copy_our_file(makefile, lab, "Makefile");
    copy_our_file(job->order->rules, harness, "lab.mk");
    free(labs);
    free(lab);
    free(harness);
    free(makefile);
}

static void stage_submission(const struct job *job, bool ready_made)
{
    bool all = ready_made || job->order->own_makefile;
    struct intake intake = {.kind = all ? INTAKE_ALL : INTAKE_SOURCES};
    char *to = str_format("%s/src", job->stage);
    take_in("the submission", &intake, job->order->source, to);
    free(to);
}

/* ---- In the box ---------------------------------------------------------- */

/* Its own Makefile works on a copy, since /lab cannot be written to. */
static const char own_makefile_script[] =
    "cp -R /lab/src /work/src && exec make -C /work/src \"$@\"";

static struct proc *start_make(const struct job *job, struct host *host)
{
    const struct workshop_order *order = job->order;
    struct start_options options = {
        .cpu_s = job->limits.cpu_s,
        .wall_ns = SECONDS(job->limits.wall_s),
        .memory_bytes = job->limits.memory_bytes,
        .file_bytes = job->limits.disk_bytes,
        .output_bytes = SAID_BYTES,
        .max_processes = MAX_PROCESSES,
    };
    char *lab = str_format("/lab/labs/%s", base_name(order->lab));
    /* -pipe: no temporary file, whose name would differ from time to time in
     * what the assembler says. */
    char *cc = str_format("CC=%s -pipe", order->compiler);
    char *flavour = str_format("FLAVOUR=%s", order->flavour);
    char *named = str_format("LAB=%s", lab);
    const char *const ours[] = {
        "-s",           "-j2",           "-O", "-C",    lab,
        "SRC=/lab/src", "OUT=/work/out", cc,   flavour, NULL};
    const char *const own[] = {"-c",
                               own_makefile_script,
                               "make",
                               "-s",
                               "OUT=/work/out",
                               named,
                               cc,
                               flavour,
                               NULL};
    struct program tool = {.name = order->own_makefile ? "sh" : "make",
                           .role = PROGRAM_TOOL};
    struct proc *proc =
        host_start_with(host, tool, &options, order->own_makefile ? own : ours);
    free(lab);
    free(cc);
    free(flavour);
    free(named);
    return proc;
}

/* ---- What is said -------------------------------------------------------- */

static void replace_all(struct strbuf *text, const char *from, const char *to)
{
    struct strbuf out = {0};
    const char *rest = strbuf_text(text), *at;
    while ((at = strstr(rest, from)) != NULL) {
        strbuf_add(&out, rest, (size_t)(at - rest));
        strbuf_add(&out, to, strlen(to));
        rest = at + strlen(from);
    }
    strbuf_add(&out, rest, strlen(rest));
    strbuf_fini(text);
    *text = out;
}

/* An #error may hold escape sequences for the grader's terminal. */
static void defuse(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        bool c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        if ((iscntrl(*c) && *c != '\n' && *c != '\t') || *c == 0x7f)
            *c = '?';
        else if (c1)
            c[0] = c[1] = '?';
    }
}

/* The caller frees it. */
static char *diagnostics(struct proc *proc)
{
    size_t bytes;
    const char *raw = proc_stderr(proc, &bytes);
    if (bytes == 0)
        raw = proc_stdout(proc, &bytes);
    char *valid = output_as_utf8(raw, bytes);
    struct strbuf text = {0};
    strbuf_add(&text, valid, strlen(valid));
    free(valid);
    replace_all(&text, "/lab/src/", "");
    replace_all(&text, "/work/src/", "");
    replace_all(&text, "/lab/labs/", "labs/");
    defuse(text.text);
    return text.text;
}

/* Which limit it hit, as far as that is not plain from what was said. */
static void judge_limits(const struct job *job, const struct proc_end *end,
                         const char *said)
{
    const struct workshop_limits *limits = &job->limits;
    if (end->memory_limit)
        job_refuse("compiling it takes more than %zu MiB of memory",
                   limits->memory_bytes / MIB);
    if (strstr(said, "CPU time limit exceeded"))
        job_refuse("compiling a file of it takes more than %u s of CPU time",
                   limits->cpu_s);
    if (end->wall_limit)
        job_refuse("compiling it takes more than %u s", limits->wall_s);
    if (end->disk_limit || strstr(said, "File size limit exceeded"))
        job_refuse("compiling it makes more than %llu MiB of files",
                   (unsigned long long)(limits->disk_bytes / MIB));
}

static void await_make(const struct job *job, struct proc *proc)
{
    struct proc_end end;
    /* It ends at its wall limit at the latest. */
    if (!proc_wait(proc, SECONDS(job->limits.wall_s + 60), &end))
        infra("make does not end when it is killed");
    char *said = diagnostics(proc);
    if (end.exit_code != 0) {
        judge_limits(job, &end, said);
        job_refuse("%s", *said ? said : "make failed without a message");
    }
    free(said);
}

/* ---- All of it ----------------------------------------------------------- */

void job_run(struct job *job)
{
    const struct workshop_order *order = job->order;
    bool ready_made =
        !order->own_makefile && !intake_has_sources(order->source);
    job->stage = make_dir(job->work_dir, "stage");
    job_clear_out(job);
    stage_submission(job, ready_made);
    if (ready_made) {
        job_collect(job, job->stage, true);
        return;
    }
    stage_lab(job);
    struct testrun run = *testrun();
    run.work_dir = job->work_dir;
    run.impl_dir = run.reference_dir = job->stage;
    testrun_begin(&run);
    struct net *net = net_new(1);
    struct host *host = net_host(net, "workshop");
    await_make(job, start_make(job, host));
    job_collect(job, host->dir, false);
    net_free(net);
}
