/* What this machine can run; see diagnosis.h.  Nothing is believed by its
 * version: tools are called, namespaces, devices and rules made, guests
 * booted. */
#include "cli/diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/install.h"
#include "base/object.h"
#include "run/cgroup.h"
#include "topo/remedy.h"

enum weight {
    CORE,     /* without it nothing can be checked */
    OPTIONAL, /* without it something is skipped, or less is known */
};

struct tool {
    const char *command;
    enum weight weight;
    const char *version_option;
    const char *cost; /* of its absence */
};

/* What labs want beyond these is in their lab.json. */
static const struct tool tools[] = {
    {"make", CORE, "--version", "nothing can be built"},
    {"gcc", CORE, "--version", "nothing can be built"},
    {"bwrap", CORE, "--version", "no program can be started"},
    {"ip", CORE, "-V", "no network can be made"},
    {"nft", OPTIONAL, "--version", "tests with NAT are infra"},
    {"tc", OPTIONAL, "-V", "no --engine netem"},
    {"ethtool", OPTIONAL, "--version",
     "no --engine netem, no benches against veth"},
    {"tcpdump", OPTIONAL, "--version",
     "nothing to look with in 'wirelab shell'"},
    {"tshark", OPTIONAL, "--version",
     "captures are not proven to open in Wireshark"},
    {"gdb", OPTIONAL, "--version", "a time-out shows no stack of the program"},
    {"tmux", OPTIONAL, "-V",
     "'wirelab shell' takes two terminals instead of one"},
    {"patch", OPTIONAL, "--version", "no 'wirelab mutants'"},
    {"clang", OPTIONAL, "--version", "no fuzzing, no second compiler"},
};

static bool contains(const json_t *array, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        if (strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

static void add_once(json_t *array, const char *text)
{
    if (!contains(array, text))
        json_array_append_new(array, json_string(text));
}

void diagnosis_lacks(struct diagnosis *diagnosis, const char *tool)
{
    add_once(diagnosis->lacking, tool);
}

static void add(struct diagnosis *diagnosis, const char *what, bool ok,
                enum weight weight, const char *detail, const char *cost,
                const char *remedy)
{
    json_t *finding = json_pack("{s:s, s:b, s:b, s:s}", "what", what, "ok", ok,
                                "core", weight == CORE, "detail", detail);
    if (!ok) {
        json_object_set_new(finding, "cost", json_string(cost));
        json_object_set_new(finding, "remedy", json_string(remedy));
        if (weight == CORE)
            diagnosis->core_missing = true;
    }
    json_array_append_new(diagnosis->findings, finding);
}

/* As add(), for what a command mends that is to be given in any case. */
static void add_refused(struct diagnosis *diagnosis, const char *what, bool ok,
                        enum weight weight, const char *detail,
                        const char *cost, const char *remedy)
{
    add(diagnosis, what, ok, weight, detail, cost, remedy);
    if (!ok && weight == CORE)
        add_once(diagnosis->commands, remedy);
}

/* ---- Tools ----------------------------------------------------------------
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

static char *install_one(const struct diagnosis *diagnosis, const char *tool)
{
    const struct text_list one = {.items = {tool}, .count = 1};
    return install_command(diagnosis->project, &one);
}

static void look_at_tool(struct diagnosis *diagnosis, const struct tool *tool)
{
    const char *argv[] = {tool->command, tool->version_option, NULL};
    char *output;
    char version[32];
    int status = child_run(NULL, argv, &output);
    bool found = status >= 0 && status < 126;
    find_version(output, version, sizeof(version));
    char *remedy = install_one(diagnosis, tool->command);
    add(diagnosis, tool->command, found, tool->weight, version, tool->cost,
        remedy);
    if (!found)
        diagnosis_lacks(diagnosis, tool->command);
    free(remedy);
    free(output);
}

/* ---- The machine ----------------------------------------------------------
 */

static void look_at_kernel(struct diagnosis *diagnosis)
{
    struct utsname name;
    int major = 0, minor = 0;
    (void)uname(&name);
    (void)sscanf(name.release, "%d.%d", &major, &minor);
    bool enough = major > 5 || (major == 5 && minor >= 11);
    char *detail = str_format("Linux %s, %s, %ld processors", name.release,
                              name.machine, sysconf(_SC_NPROCESSORS_ONLN));
    add_refused(diagnosis, "kernel", enough, CORE, detail,
                "it is older than 5.11: programs cannot be waited for and the "
                "link emulator has no fine timer",
                system_is_wsl1() ? remedy_namespaces(0) : "use a newer kernel");
    free(detail);
}

/* A Windows drive is reached through the network of WSL2. */
static void look_at_place(struct diagnosis *diagnosis)
{
    const char *root = diagnosis->project->root;
    bool drive = strncmp(root, "/mnt/", 5) == 0 && root[5] && root[6] == '/';
    if (!system_is_wsl())
        return;
    add(diagnosis, "WSL2", !drive, OPTIONAL, "the project is on its own disk",
        "the project is on a Windows drive: builds are slow, and 'wirelab "
        "watch' sees a save up to two seconds late",
        "cp -r . ~/wirelab, and work there");
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
static enum weight host_weight(const struct diagnosis *diagnosis)
{
    return diagnosis->worlds[WORLD_UML].works ? OPTIONAL : CORE;
}

/* What made a cell impossible: the first that is refused. */
static const char *cell_remedy(const struct cell_probe *probe)
{
    if (!probe->net_ns || !probe->pid_ns)
        return remedy_namespaces(probe->net_ns_error);
    return probe->proc_mount ? remedy_watch() : remedy_proc();
}

static void look_at_cell(struct diagnosis *diagnosis)
{
    const struct cell_probe *probe = &diagnosis->probe;
    enum weight weight = host_weight(diagnosis);
    bool cell = (probe->root || probe->user_ns) && probe->net_ns &&
                probe->pid_ns && probe->proc_mount && probe->watch;
    add_refused(diagnosis, "namespaces", cell, weight,
                probe->root ? "as root"
                            : "as an ordinary user, in user namespaces",
                "no network can be made on the host", cell_remedy(probe));
    add(diagnosis, "user namespaces", probe->user_ns,
        probe->root ? OPTIONAL : weight, "unprivileged use works",
        "only root can run tests on the host",
        remedy_namespaces(probe->net_ns_error));
    add_refused(diagnosis, "/dev/net/tun", probe->tun, cell ? weight : OPTIONAL,
                "engine wire works",
                cell ? "the engine wire cannot emulate links on the host"
                     : "not known before there are namespaces",
                remedy_tun(probe->tun_error));
    add(diagnosis, "veth", cell && cell_probe_veth(), OPTIONAL,
        "a pair of devices was made",
        "no --engine netem on the host, no benches against veth",
        "sudo modprobe veth");
}

static void look_at_comforts(struct diagnosis *diagnosis)
{
    const struct cell_probe *probe = &diagnosis->probe;
    add(diagnosis, "netem", probe->netem, OPTIONAL, "--engine netem works",
        "no --engine netem on the host; the engine wire needs nothing of the "
        "kernel",
        remedy_netem());
    add(diagnosis, "NAT", diagnosis->nat, OPTIONAL, "a rule was made",
        "tests behind a NAT are infra on the host",
        tool_is_there("nft") ? "sudo modprobe nft_masq" : "install nft, below");
    add(diagnosis, "SCHED_FIFO", probe->fifo, OPTIONAL,
        "the link emulator is punctual beside busy programs",
        "on a busy machine more runs are void", "run as root, or ulimit -r 1");
    const char *tier = cgroup_tier();
    add(diagnosis, "cgroups", strcmp(tier, "rlimit") != 0, OPTIONAL, tier,
        "memory and processes are limited by rlimits, one process at a time",
        "delegate a cgroup: systemd-run --user --scope ./wirelab …");
}

static void look_at_sandbox(struct diagnosis *diagnosis)
{
    const char *argv[] = {"bwrap", "--ro-bind", "/", "/", "true", NULL};
    char *output;
    bool there = tool_is_there("bwrap");
    bool works = child_run(NULL, argv, &output) == 0;
    output[strcspn(output, "\n")] = '\0';
    add_refused(diagnosis, "sandbox", works,
                there ? host_weight(diagnosis) : OPTIONAL,
                "bubblewrap starts programs",
                *output ? output : "bubblewrap cannot be started on the host",
                cell_remedy(&diagnosis->probe));
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
static void try_world(struct diagnosis *diagnosis, enum world_kind world)
{
    struct world_finding *finding = &diagnosis->worlds[world];
    double boot_ms = 0;
    (void)snprintf(finding->detail, sizeof(finding->detail), "works");
    finding->works =
        place_works(world, diagnosis->project, "wire", finding->reason);
    if (world == WORLD_HOST || !finding->works)
        return;
    finding->works =
        place_try(world, diagnosis->project, &boot_ms, finding->reason) == 0;
    (void)snprintf(finding->detail, sizeof(finding->detail),
                   "works; boots in %.1f s", boot_ms / 1000);
}

static void look_at_worlds(struct diagnosis *diagnosis)
{
    for (int i = WORLD_HOST; i <= WORLD_VIRTUAL; i++)
        try_world(diagnosis, (enum world_kind)i);
    for (int i = WORLD_HOST; i <= WORLD_VIRTUAL; i++) {
        const struct world_finding *finding = &diagnosis->worlds[i];
        char *what = str_format("world %s", world_names[i]);
        enum weight weight =
            i == WORLD_HOST ? host_weight(diagnosis) : OPTIONAL;
        add(diagnosis, what, finding->works, weight, finding->detail,
            world_costs[i], finding->reason);
        free(what);
    }
}

/* ---- The whole ------------------------------------------------------------
 */

void diagnosis_make(struct diagnosis *diagnosis, const struct project *project)
{
    *diagnosis = (struct diagnosis){.project = project,
                                    .findings = json_array(),
                                    .labs = json_array(),
                                    .lacking = json_array(),
                                    .commands = json_array()};
    cell_probe(&diagnosis->probe);
    diagnosis->nat = cell_probe_nat();
    look_at_kernel(diagnosis);
    look_at_place(diagnosis);
    look_at_worlds(diagnosis);
    look_at_cell(diagnosis);
    look_at_comforts(diagnosis);
    look_at_sandbox(diagnosis);
    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
        look_at_tool(diagnosis, &tools[i]);
    fitness_of_labs(diagnosis);
}

void diagnosis_fini(struct diagnosis *diagnosis)
{
    json_decref(diagnosis->findings);
    json_decref(diagnosis->labs);
    json_decref(diagnosis->lacking);
    json_decref(diagnosis->commands);
}

size_t diagnosis_count(const struct diagnosis *diagnosis, const char *state)
{
    size_t i, n = 0;
    json_t *lab;
    json_array_foreach(diagnosis->labs, i, lab)
    {
        n += strcmp(object_text(lab, "state"), state) == 0;
    }
    return n;
}

/* Commands become one; what has to be done elsewhere has a line of its own. */
static void add_step(struct strbuf *remedy, const char *step)
{
    static const char here[] = "sudo ";
    bool joins = remedy->length > 0 && geteuid() == 0
                     ? strchr(step, ':') == NULL
                     : strncmp(step, here, strlen(here)) == 0;
    const char *between = remedy->length == 0 ? "" : joins ? " && " : "\n    ";
    strbuf_printf(remedy, "%s%s", between, step);
}

/* Installing comes last: it may be what the others make possible. */
char *diagnosis_remedy(const struct diagnosis *diagnosis)
{
    struct strbuf remedy = {0};
    struct text_list missing = {0};
    size_t i;
    json_t *item;
    json_array_foreach(diagnosis->commands, i, item)
        add_step(&remedy, json_string_value(item));
    json_array_foreach(diagnosis->lacking, i, item)
    {
        if (missing.count < CLI_MAX_LIST)
            missing.items[missing.count++] = json_string_value(item);
    }
    if (missing.count) {
        char *command = install_command(diagnosis->project, &missing);
        add_step(&remedy, command);
        free(command);
    }
    return remedy.text ? remedy.text : mem_strdup("");
}
