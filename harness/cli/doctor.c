/* wirelab doctor: what this machine can run, what it lacks, what that costs and
 * what to do about it.  Everything is found out by trying, never by version. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/object.h"
#include "cli/place.h"
#include "cli/project.h"
#include "cli/version.h"
#include "grade/labjson.h"
#include "run/cgroup.h"
#include "topo/topo.h"

enum weight {
    CORE,     /* without it nothing can be checked */
    OPTIONAL, /* without it something is skipped, or less is known */
};

struct tool {
    const char *command, *package;
    enum weight weight;
    const char *version_option; /* NULL: its version is not worth knowing */
    const char *cost;           /* of its absence */
};

static const struct tool tools[] = {
    {"make", "make", CORE, "--version", "nothing can be built"},
    {"gcc", "gcc", CORE, "--version", "nothing can be built"},
    {"bwrap", "bubblewrap", CORE, "--version", "no program can be started"},
    {"ip", "iproute2", CORE, "-V", "no network can be made"},
    {"nft", "nftables", OPTIONAL, "--version", "tests with NAT are infra"},
    {"tc", "iproute2", OPTIONAL, "-V", "no --engine netem"},
    {"ethtool", "ethtool", OPTIONAL, "--version",
     "no --engine netem, no benches against veth"},
    {"tcpdump", "tcpdump", OPTIONAL, "--version",
     "nothing to look with in 'wirelab shell'"},
    {"tshark", "tshark", OPTIONAL, "--version",
     "captures are not proven to open in Wireshark"},
    {"gdb", "gdb", OPTIONAL, "--version",
     "a time-out shows no stack of the program"},
    {"tmux", "tmux", OPTIONAL, "-V",
     "'wirelab shell' takes two terminals instead of one"},
    {"patch", "patch", OPTIONAL, "--version", "no 'wirelab mutants'"},
    {"clang", "clang", OPTIONAL, "--version", "no fuzzing, no second compiler"},
};

struct doctor {
    const struct project *project;
    bool uml;         /* works: what the host lacks is not needed then */
    json_t *findings; /* array of {"what","ok","core","detail","cost",...} */
    bool core_missing;
};

static void add(struct doctor *doctor, const char *what, bool ok,
                enum weight weight, const char *detail, const char *cost,
                const char *remedy)
{
    json_t *finding = json_pack("{s:s, s:b, s:b, s:s}", "what", what, "ok", ok,
                                "core", weight == CORE, "detail", detail);
    if (!ok) {
        json_object_set_new(finding, "cost", json_string(cost));
        json_object_set_new(finding, "remedy", json_string(remedy));
        if (weight == CORE)
            doctor->core_missing = true;
    }
    json_array_append_new(doctor->findings, finding);
}

/* ---- What is looked at ----------------------------------------------------
 */

/* The first number with a dot in what a tool says of itself. */
static void find_version(const char *text, char *version, size_t size)
{
    static const char digits[] = "0123456789";
    const char *at = text;
    *version = '\0';
    while ((at = strpbrk(at, digits)) != NULL) {
        size_t n = strspn(at, "0123456789.");
        if (memchr(at, '.', n) && n < size) {
            memcpy(version, at, n);
            version[n] = '\0';
            return;
        }
        at += n;
    }
}

static void look_at_tool(struct doctor *doctor, const struct tool *tool)
{
    const char *argv[] = {tool->command, tool->version_option, NULL};
    char *output;
    char version[32];
    int status = child_run(NULL, argv, &output);
    bool found = status >= 0 && status != 127;
    find_version(output, version, sizeof(version));
    char *remedy = str_format("apt-get install %s", tool->package);
    add(doctor, tool->command, found, tool->weight, found ? version : "",
        tool->cost, remedy);
    free(remedy);
    free(output);
}

static void look_at_kernel(struct doctor *doctor)
{
    struct utsname name;
    int major = 0, minor = 0;
    (void)uname(&name);
    (void)sscanf(name.release, "%d.%d", &major, &minor);
    bool enough = major > 5 || (major == 5 && minor >= 11);
    char *detail = str_format("Linux %s, %s, %ld processors", name.release,
                              name.machine, sysconf(_SC_NPROCESSORS_ONLN));
    add(doctor, "kernel", enough, CORE, detail,
        "it is older than 5.11: programs cannot be waited for and the link "
        "emulator has no fine timer",
        "use a newer kernel");
    free(detail);
}

static const char *cgroup_tier(void)
{
    struct cgroup_run run;
    cgroup_run_init(&run, 0);
    enum cgroup_tier tier = run.tier;
    (void)cgroup_run_fini(&run);
    return cgroup_tier_name(tier);
}

/* Without it the world `host` cannot be had. */
static enum weight host_weight(const struct doctor *doctor)
{
    return doctor->uml ? OPTIONAL : CORE;
}

static void look_at_cell(struct doctor *doctor)
{
    struct cell_probe probe;
    cell_probe(&probe);
    const char *remedy = *probe.reason ? probe.reason : "run as root";
    enum weight weight = host_weight(doctor);
    bool cell = (probe.root || probe.user_ns) && probe.net_ns && probe.pid_ns &&
                probe.proc_mount;
    add(doctor, "namespaces", cell, weight,
        probe.root ? "as root" : "as an ordinary user, in user namespaces",
        "no network can be made on the host", remedy);
    add(doctor, "user namespaces", probe.user_ns,
        probe.root ? OPTIONAL : weight, "unprivileged use works",
        "only root can run tests on the host",
        "sysctl user.max_user_namespaces=10000");
    add(doctor, "/dev/net/tun", probe.tun, weight, "engine wire works",
        "the engine wire cannot emulate links on the host", remedy);
    add(doctor, "netem", probe.netem, OPTIONAL, "--engine netem works",
        "no --engine netem on the host; the engine wire needs nothing of the "
        "kernel",
        "modprobe sch_netem, where the kernel has it; or --world uml");
    add(doctor, "SCHED_FIFO", probe.fifo, OPTIONAL,
        "the link emulator is punctual beside busy programs",
        "on a busy machine more runs are void", "run as root, or ulimit -r 1");
    const char *tier = cgroup_tier();
    add(doctor, "cgroups", strcmp(tier, "rlimit") != 0, OPTIONAL, tier,
        "memory and processes are limited by rlimits, one process at a time",
        "delegate a cgroup: systemd-run --user --scope ./wirelab …");
}

static void look_at_sandbox(struct doctor *doctor)
{
    const char *argv[] = {"bwrap", "--ro-bind", "/", "/", "true", NULL};
    char *output;
    int status = child_run(NULL, argv, &output);
    output[strcspn(output, "\n")] = '\0';
    add(doctor, "sandbox", status == 0, host_weight(doctor),
        "bubblewrap starts programs",
        *output ? output : "bubblewrap cannot be started on the host",
        "apt-get install bubblewrap, and allow it user namespaces");
    free(output);
}

/* ---- Worlds ---------------------------------------------------------------
 */

static const char *const world_costs[] = {
    [WORLD_HOST] = "tests are slower, and those of speed are skipped",
    [WORLD_UML] = "no checks where namespaces are refused, no netem where the "
                  "kernel has none",
    [WORLD_VIRTUAL] = "tests that wait take their time, and may be void on a "
                      "busy machine",
};

/* A guest is only believed in when it has booted. */
static bool try_world(const struct doctor *doctor, enum world_kind world,
                      char *detail, char *reason)
{
    double boot_ms = 0;
    (void)snprintf(detail, PLACE_REASON_BYTES, "works");
    if (!place_works(world, doctor->project, "wire", reason))
        return false;
    if (world == WORLD_HOST)
        return true;
    if (place_try(world, doctor->project, &boot_ms, reason) < 0)
        return false;
    (void)snprintf(detail, PLACE_REASON_BYTES, "works; boots in %.1f s",
                   boot_ms / 1000);
    return true;
}

static void look_at_worlds(struct doctor *doctor)
{
    char details[WORLD_VIRTUAL + 1][PLACE_REASON_BYTES];
    char reasons[WORLD_VIRTUAL + 1][PLACE_REASON_BYTES];
    bool works[WORLD_VIRTUAL + 1];
    for (int i = WORLD_HOST; i <= WORLD_VIRTUAL; i++)
        works[i] =
            try_world(doctor, (enum world_kind)i, details[i], reasons[i]);
    doctor->uml = works[WORLD_UML];
    for (int i = WORLD_HOST; i <= WORLD_VIRTUAL; i++) {
        char *what = str_format("world %s", world_names[i]);
        bool needed = i == WORLD_HOST && !doctor->uml;
        add(doctor, what, works[i], needed ? CORE : OPTIONAL, details[i],
            world_costs[i], reasons[i]);
        free(what);
    }
}

/* What each lab wants beyond this. */
static void look_at_lab(struct doctor *doctor, const struct lab_dir *dir)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", dir->path);
    size_t i;
    json_t *want;
    if (labjson_load(path, &lab, error) < 0) {
        add(doctor, dir->name, false, CORE, "", error, "mend its lab.json");
        free(path);
        return;
    }
    json_array_foreach(json_object_get(lab.json, "wants"), i, want)
    {
        const char *command = json_string_value(want);
        const char *argv[] = {"sh", "-c",    "command -v \"$1\"",
                              "sh", command, NULL};
        char *what = str_format("%s for lab %s", command, dir->number);
        bool found = child_run(NULL, argv, NULL) == 0;
        add(doctor, what, found, OPTIONAL, "",
            "the lab's tests with it are skipped", "apt-get install it");
        free(what);
    }
    labjson_fini(&lab);
    free(path);
}

/* ---- Telling --------------------------------------------------------------
 */

static void print_finding(const json_t *finding)
{
    bool ok = json_is_true(json_object_get(finding, "ok"));
    bool core = json_is_true(json_object_get(finding, "core"));
    printf("%-8s %-20s %s\n",
           ok     ? "ok"
           : core ? "MISSING"
                  : "absent",
           object_text(finding, "what"),
           ok ? object_text(finding, "detail") : object_text(finding, "cost"));
    if (!ok)
        printf("%-8s %-20s remedy: %s\n", "", "",
               object_text(finding, "remedy"));
}

static void print_text(const struct doctor *doctor)
{
    size_t i;
    json_t *finding;
    json_array_foreach(doctor->findings, i, finding) print_finding(finding);
    puts(doctor->core_missing
             ? "\nThis machine cannot run the labs until what is MISSING is "
               "there."
             : "\nThis machine can run the labs.");
}

static void print_json(const struct doctor *doctor)
{
    json_t *whole =
        json_pack("{s:s, s:b, s:O}", "wirelab", WIRELAB_VERSION, "ok",
                  !doctor->core_missing, "findings", doctor->findings);
    (void)json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    puts("");
    json_decref(whole);
}

static void look(struct doctor *doctor, const struct project *project)
{
    look_at_kernel(doctor);
    look_at_worlds(doctor);
    look_at_cell(doctor);
    look_at_sandbox(doctor);
    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
        look_at_tool(doctor, &tools[i]);
    for (size_t i = 0; i < project->lab_count; i++)
        look_at_lab(doctor, &project->labs[i]);
}

int cli_doctor(int argc, char **argv)
{
    bool json = false;
    const struct command_option options[] = {
        {"--json", OPTION_FLAG, &json, NULL, "as JSON", NULL},
    };
    const struct command command = {
        .name = "doctor",
        .usage = "[--json]",
        .summary = "Tries what wirelab needs on this machine, and tells the "
                   "remedy for what is missing",
        .text = "Exit status: 0 the labs can be run, 3 they cannot.",
        .options = options,
        .option_count = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    struct project project;
    if ((status = project_open(&project)))
        return status;
    struct doctor doctor = {.project = &project, .findings = json_array()};
    look(&doctor, &project);
    if (json)
        print_json(&doctor);
    else
        print_text(&doctor);
    json_decref(doctor.findings);
    project_fini(&project);
    return doctor.core_missing ? EXIT_INFRA : EXIT_PASSED;
}
