/* wirelab link: the link emulator by itself, under any command. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/linkrun.h"
#include "cli/project.h"
#include "cli/seed.h"
#include "link/explain.h"
#include "link/script.h"

static const char help_text[] =
    "PROFILE is written in the grammar of tc-netem(8); \"\" is a perfect "
    "link.\n"
    "COMMAND runs on a host called left; right is the other one.  Both find\n"
    "these names, and their addresses in WIRELAB_LEFT and WIRELAB_RIGHT.\n"
    "\n"
    "  wirelab link \"delay 50ms 10ms loss 10%\" -- ping -c 20 -i 0.1 right\n"
    "  wirelab link \"delay 20ms rate 20mbit\" --right \"iperf3 -s -1\" \\\n"
    "      -- iperf3 -c right -t 3\n"
    "  wirelab link \"\" --fast --right \"iperf3 -s -1\" -- iperf3 -c right -t "
    "3\n"
    "  wirelab link \"delay 5ms\" --script 'drop nth 3 of \"icmp\" "
    "left->right' \\\n"
    "      --capture ping.pcapng -- ping -c 5 -i 0.2 right\n"
    "  wirelab link --explain \"delay 20ms loss gemodel 1% 10%\"\n"
    "\n"
    "A script names packets by libpcap filters:\n"
    "  drop|hold TIME|duplicate|corrupt  all|first N|nth N|every N\n"
    "      of \"FILTER\" [left->right | right->left]\n"
    "  cut at TIME for TIME        profile at TIME \"PROFILE\"\n"
    "\n"
    "Every packet is written to the capture with its fate as a comment; in\n"
    "Wireshark: frame.comment contains \"lost\".  The exit status is 0, or 1 "
    "if\n"
    "COMMAND's was not 0; with --json all other output goes to stderr.";

struct options {
    struct text_list scripts;
    struct seed_option seed;
    const char *capture, *engine, *right;
    bool fast, ipv6, json, explain, bench;
};

/* ---- Mistakes ------------------------------------------------------------ */

static int complain(const char *what, const char *text,
                    const struct scan_error *error)
{
    char caret[1024];
    scan_error_caret(error, text, caret, sizeof(caret));
    (void)usage_error("%s: %s", what, error->message);
    fputs(caret, stderr);
    return EXIT_USAGE;
}

static int check_profile(const char *text, struct profile *profile)
{
    struct scan_error error;
    if (profile_parse(profile, text, &error) < 0)
        return complain("profile", text, &error);
    return 0;
}

/* Scripts are tried before anything is set up. */
static int check_scripts(const struct text_list *scripts)
{
    static const char *const ports[] = {"left", "right"};
    static const char *const left[] = {"10.77.1.1"};
    static const char *const right[] = {"10.77.1.2"};
    static const struct filter_host hosts[] = {
        {"left", left, 1},
        {"right", right, 1},
    };
    const struct script_names names = {ports, 2, {hosts, 2}, false};
    struct script *script = script_new();
    struct scan_error error;
    int status = 0;
    for (size_t i = 0; i < scripts->count && status == 0; i++) {
        const char *line = scripts->items[i];
        if (script_add(script, line, 0, &names, &error) < 0)
            status = complain("--script", line, &error);
    }
    script_free(script);
    return status;
}

/* ---- --explain, --bench -------------------------------------------------- */

/* Prints text that has one sentence a line, no line longer than a terminal. */
static void print_wrapped(const char *text)
{
    enum { WIDTH = 78, INDENT = 4 };
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (column > 0 && column + 1 + n > WIDTH)
            column = (size_t)printf("\n%*s", INDENT, "") - 1;
        else if (column > 0)
            column += (size_t)printf(" ");
        column += (size_t)printf("%.*s", (int)n, text);
        text += n;
        if (*text == '\n') {
            putchar('\n');
            column = 0;
        }
        text += *text != '\0';
    }
}

static int explain(const char *text)
{
    struct profile profile;
    struct strbuf words = {0};
    char canonical[PROFILE_TEXT_BYTES];
    int status = check_profile(text, &profile);
    if (status)
        return status;
    profile_format(&profile, PROFILE_CANONICAL, canonical, sizeof(canonical));
    profile_explain(&profile, &words);
    printf("%s\n\n", *canonical ? canonical : "(empty)");
    print_wrapped(strbuf_text(&words));
    strbuf_fini(&words);
    return EXIT_PASSED;
}

static int bench(bool json)
{
    struct project project;
    int status = project_open(&project);
    if (status)
        return status;
    char *path = str_format("%s/bench/link", project.build);
    (void)execl(path, path, json ? "--json" : NULL, (char *)NULL);
    status = errno == ENOENT
                 ? infra_error("the bench is not built: make benches")
                 : infra_error("cannot run %s: %s", path, strerror(errno));
    free(path);
    project_fini(&project);
    return status;
}

/* ---- The verb ------------------------------------------------------------ */

static int run(const struct options *options, char **operands)
{
    struct profile profile;
    int status = check_profile(operands[0], &profile);
    if (status == 0)
        status = check_scripts(&options->scripts);
    if (status)
        return status;
    struct linkrun plan = {
        .profile = operands[0],
        .engine = options->engine,
        .capture = options->capture,
        .right = options->right,
        .scripts = &options->scripts,
        .seed = options->seed.given ? options->seed.value : seed_new(),
        .fast = options->fast,
        .ipv6 = options->ipv6,
        .json = options->json,
        .command = operands + 1,
    };
    return linkrun(&plan);
}

int cli_link(int argc, char **argv)
{
    static const char *const engines[] = {"wire", "netem", NULL};
    struct options o = {.engine = "wire"};
    const struct command_option options[] = {
        {"--right", OPTION_TEXT, &o.right, "CMD",
         "a shell command to run on right first", NULL},
        {"--script", OPTION_LIST, &o.scripts, "LINE",
         "a fault by name; may be repeated", NULL},
        {"--seed", OPTION_SEED, &o.seed, "S",
         "the seed of all chance; default: a new one", NULL},
        {"--capture", OPTION_TEXT, &o.capture, "FILE",
         "writes all packets, lost ones too, as pcapng", NULL},
        {"--fast", OPTION_FLAG, &o.fast, NULL, "takes super-packets, for speed",
         NULL},
        {"--ipv6", OPTION_FLAG, &o.ipv6, NULL, "gives both hosts IPv6 as well",
         NULL},
        {"--engine", OPTION_TEXT, &o.engine, "ENGINE",
         "wire (ours) or netem (the kernel's)", engines},
        {"--json", OPTION_FLAG, &o.json, NULL, "prints the counters as JSON",
         NULL},
        {"--explain", OPTION_FLAG, &o.explain, NULL,
         "says in words what PROFILE does", NULL},
        {"--bench", OPTION_FLAG, &o.bench, NULL,
         "measures the emulator against raw veth", NULL},
    };
    const struct command command = {
        .name = "link",
        .usage = "\"PROFILE\" [--right CMD] [--script LINE]... -- COMMAND...",
        .summary = "Puts a bad link under any command",
        .text = help_text,
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .max_operands = INT_MAX,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    if (o.bench)
        return bench(o.json);
    if (operands == 0)
        return usage_error("which profile? wirelab link %s", command.usage);
    if (o.explain)
        return explain(argv[1]);
    if (operands == 1)
        return usage_error("which command? wirelab link %s", command.usage);
    argv[operands + 1] = NULL;
    return run(&o, argv + 1);
}
