/* wirelab reset: puts a lab's skeleton back.  The learner's files go into an
 * archive beside the lab first; nothing is ever lost.
 *
 * A skeleton is made from the reference.  A handout, which has none, has the
 * skeletons themselves instead, as harness/handout/fill has put them there. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/build.h"
#include "cli/child.h"
#include "cli/cli.h"
#include "cli/project.h"
#include "cli/standing.h"

static bool confirmed(const struct lab_dir *lab)
{
    char answer[16] = "";
    printf("Replace the C files in labs/%s by the skeleton? Your work is kept "
           "in an archive. [y/N] ",
           lab->name);
    (void)fflush(stdout);
    return fgets(answer, sizeof(answer), stdin) &&
           (answer[0] == 'y' || answer[0] == 'Y');
}

/* Returns the archive's path, malloc'd, or NULL after one line on stderr. */
static char *save(const struct project *project, const struct lab_dir *lab)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    (void)localtime_r(&now, &local);
    (void)strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
    char *labs = str_format("%s/labs", project->root);
    char *archive = str_format("%s/%s.saved-%s.tar.gz", labs, lab->name, stamp);
    const char *argv[] = {"tar", "-czf", archive, "-C", labs, lab->name, NULL};
    char *output;
    int status = child_run(NULL, argv, &output);
    if (status != 0) {
        char *line = first_error(output);
        (void)infra_error("cannot keep your work in %s, so nothing was "
                          "changed: %s",
                          archive, status < 0 ? strerror(-status) : line);
        (void)unlink(archive);
        free(line);
        free(archive);
        archive = NULL;
    }
    free(output);
    free(labs);
    return archive;
}

/* Where the skeleton comes from. */
struct origin {
    char *dir;
    bool ready; /* it is the skeleton; else the reference */
};

static struct origin find_origin(const struct project *project,
                                 const struct lab_dir *lab)
{
    if (access(lab->solution, R_OK) == 0)
        return (struct origin){.dir = mem_strdup(lab->solution)};
    return (struct origin){.dir = str_format("%s/harness/handed/skeletons/%s",
                                             project->root, lab->name),
                           .ready = true};
}

/* One file of the skeleton, malloc'd; NULL after one line on stderr. */
static char *skeleton_text(const struct project *project,
                           const struct origin *origin, const char *from)
{
    char *mkskel = str_format("%s/harness/mkskel", project->root);
    const char *argv[] = {mkskel, from, NULL};
    char *text = NULL;
    if (origin->ready) {
        text = file_load(from, NULL);
        if (text == NULL)
            (void)infra_error("cannot read %s: %s", from, strerror(errno));
    } else if (child_run(NULL, argv, &text) != 0) {
        (void)infra_error("%s: %s", mkskel, *text ? text : "cannot run");
        free(text);
        text = NULL;
    }
    free(mkskel);
    return text;
}

static int put_back(const struct project *project, const struct lab_dir *lab,
                    const struct origin *origin, const char *from)
{
    char *text = skeleton_text(project, origin, from);
    if (text == NULL)
        return EXIT_INFRA;
    char *path = str_format("%s/%s", lab->path, strrchr(from, '/') + 1);
    int error = file_replace(path, text, strlen(text));
    int status = 0;
    if (error < 0)
        status = infra_error("cannot write %s: %s", path, strerror(-error));
    free(path);
    free(text);
    return status;
}

static void remove_others(const struct lab_dir *lab,
                          const struct origin *origin)
{
    char *pattern = str_format("%s/*.c", lab->path);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            const char *name = strrchr(found.gl_pathv[i], '/') + 1;
            char *from = str_format("%s/%s", origin->dir, name);
            if (access(from, F_OK) != 0)
                (void)unlink(found.gl_pathv[i]); /* it is in the archive */
            free(from);
        }
        globfree(&found);
    }
    free(pattern);
}

static int reset(const struct project *project, const struct lab_dir *lab)
{
    struct origin origin = find_origin(project, lab);
    char *pattern = str_format("%s/*.c", origin.dir);
    glob_t found = {0};
    char *archive = NULL;
    int status = 0;
    if (glob(pattern, 0, NULL, &found) != 0)
        status = infra_error("%s is not here, and the skeleton is made from "
                             "it: restore labs/%s from where you have the "
                             "labs from",
                             origin.dir, lab->name);
    else if ((archive = save(project, lab)) == NULL)
        status = EXIT_INFRA;
    for (size_t i = 0; i < found.gl_pathc && status == 0; i++)
        status = put_back(project, lab, &origin, found.gl_pathv[i]);
    if (status == 0) {
        remove_others(lab, &origin);
        standing_forget(lab);
        char *shown = path_shown(archive);
        printf("The skeleton is back; your work is in %s\n", shown);
        free(shown);
    }
    globfree(&found);
    free(pattern);
    free(origin.dir);
    free(archive);
    return status;
}

int cli_reset(int argc, char **argv)
{
    bool yes = false;
    const struct command_option options[] = {
        {"--yes", OPTION_FLAG, &yes, NULL, "does not ask", NULL},
    };
    const struct command command = {
        .name = "reset",
        .usage = "NN [--yes]",
        .summary = "Puts a lab's skeleton back, and keeps your work in an "
                   "archive",
        .text = "The archive is labs/NN-name.saved-DATE-TIME.tar.gz and holds "
                "the whole folder;\n'tar -xzf ARCHIVE -C labs' brings it "
                "back.",
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
    if (lab == NULL)
        status = EXIT_USAGE;
    else if (!yes && !isatty(STDIN_FILENO))
        status = usage_error("reset asks before it replaces your files, and "
                             "there is no terminal: add --yes");
    else if (!yes && !confirmed(lab))
        puts("Nothing was changed.");
    else
        status = reset(&project, lab);
    project_fini(&project);
    return status;
}
