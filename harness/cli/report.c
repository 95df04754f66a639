/* wirelab report: where the page about the last check is; opened where there is
 * a screen to open it on. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/project.h"

static int is_run(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

/* The newest there is: a check that is under way has none yet.  Returns its
 * path, malloc'd, or NULL. */
static char *find_report(const struct project *project,
                         const struct lab_dir *lab)
{
    char *runs = str_format("%s/runs/%s", project->build, lab->number);
    struct dirent **entries;
    int n = scandir(runs, &entries, is_run, alphasort);
    char *found = NULL;
    for (int i = n; i-- > 0;) {
        char *path = str_format("%s/%s/report.html", runs, entries[i]->d_name);
        if (found == NULL && access(path, R_OK) == 0)
            found = mem_strdup(path);
        free(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    free(runs);
    return found;
}

static bool has_display(void)
{
    const char *x11 = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x11 && *x11) || (wayland && *wayland);
}

/* A browser that does not come up is no error: the path is on the screen. */
static void open_report(const char *path)
{
    const char *argv[] = {"xdg-open", path, NULL};
    if (!has_display())
        (void)fputs("wirelab: there is no display here; open this file in a "
                    "browser\n",
                    stderr);
    else if (child_run(NULL, argv, NULL) != 0)
        (void)fputs("wirelab: xdg-open does not open it; open this file in a "
                    "browser\n",
                    stderr);
}

int cli_report(int argc, char **argv)
{
    bool print = false;
    const struct command_option options[] = {
        {"--print", OPTION_FLAG, &print, NULL, "only prints its path", NULL},
    };
    const struct command command = {
        .name = "report",
        .usage = "NN [--print]",
        .summary = "Opens the report of a lab's last check",
        .text = "The report is one HTML file that needs no network.  Its path "
                "is printed, and\nwhere there is a display, xdg-open opens it.",
        .options = options,
        .option_count = 1,
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    struct project project;
    if ((status = project_open(&project)))
        return status;
    const struct lab_dir *lab = project_lab(&project, argv[1]);
    char *path = lab ? find_report(&project, lab) : NULL;
    if (lab == NULL)
        status = EXIT_USAGE;
    else if (path == NULL)
        status = usage_error("there is no report of lab %s yet: ./wirelab "
                             "check %s",
                             lab->number, lab->number);
    if (path) {
        puts(path);
        (void)fflush(stdout);
        if (!print)
            open_report(path);
    }
    free(path);
    project_fini(&project);
    return status;
}
