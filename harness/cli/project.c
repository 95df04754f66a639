/* Where things are; see project.h. */
#include "cli/project.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/cli.h"

static bool is_root(const char *dir)
{
    char *mark = str_format("%s/harness/lab.mk", dir);
    bool found = access(mark, R_OK) == 0;
    free(mark);
    return found;
}

/* Cuts the last component off.  Returns false when none is left. */
static bool to_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static char *program_dir(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n < 0)
        return NULL;
    path[n] = '\0';
    return to_parent(path) ? mem_strdup(path) : NULL;
}

static char *find_root(const char *build)
{
    const char *given = getenv("WIRELAB_ROOT");
    if (given && is_root(given))
        return realpath(given, NULL);
    char *dir = mem_strdup(build);
    do {
        if (is_root(dir))
            return dir;
    } while (to_parent(dir));
    free(dir);
    return NULL;
}

static void add_lab(struct project *project, const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    project->labs = mem_realloc(project->labs, (project->lab_count + 1) *
                                                   sizeof(*project->labs));
    struct lab_dir *lab = &project->labs[project->lab_count++];
    *lab = (struct lab_dir){
        .name = mem_strdup(name),
        .path = mem_strdup(path),
        .solution = str_format("%s/solutions/%s", project->root, name)};
    snprintf(lab->number, sizeof(lab->number), "%.2s", name);
    lab->suite = str_format("%s/suites/%s", project->build, lab->number);
}

static void find_labs(struct project *project)
{
    char *pattern = str_format("%s/labs/[0-9][0-9]-*/lab.json", project->root);
    glob_t found;
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            (void)to_parent(found.gl_pathv[i]);
            add_lab(project, found.gl_pathv[i]);
        }
        globfree(&found);
    }
    free(pattern);
}

int project_open(struct project *project)
{
    *project = (struct project){.build = program_dir()};
    if (project->build)
        project->root = find_root(project->build);
    if (project->root == NULL) {
        project_fini(project);
        return infra_error("cannot find the project this program belongs to: "
                           "start it as ./wirelab, from a clone");
    }
    find_labs(project);
    return 0;
}

void project_fini(struct project *project)
{
    for (size_t i = 0; i < project->lab_count; i++) {
        struct lab_dir *lab = &project->labs[i];
        free(lab->name);
        free(lab->path);
        free(lab->solution);
        free(lab->suite);
    }
    free(project->labs);
    free(project->root);
    free(project->build);
    *project = (struct project){0};
}

static const char *last_component(const char *word)
{
    const char *slash = strrchr(word, '/');
    return slash && slash[1] ? slash + 1 : word;
}

static bool names_lab(const char *word, const struct lab_dir *lab)
{
    if (strcmp(word, lab->name) == 0 || strcmp(word, lab->number) == 0 ||
        strcmp(word, lab->name + strlen("NN-")) == 0)
        return true;
    return lab->number[0] == '0' && strcmp(word, lab->number + 1) == 0;
}

/* Whoever wrote a number is told numbers, and else names. */
static const struct lab_dir *unknown_lab(const struct project *project,
                                         const char *word)
{
    bool number = word[strspn(word, "0123456789")] == '\0';
    const char **words = mem_zalloc((project->lab_count + 1) * sizeof(*words));
    for (size_t i = 0; i < project->lab_count; i++)
        words[i] = number ? project->labs[i].number : project->labs[i].name;
    (void)usage_unknown("lab", word, words, project->lab_count);
    free(words);
    return NULL;
}

const struct lab_dir *project_lab(const struct project *project,
                                  const char *word)
{
    word = last_component(word);
    for (size_t i = 0; i < project->lab_count; i++) {
        if (names_lab(word, &project->labs[i]))
            return &project->labs[i];
    }
    return unknown_lab(project, word);
}

char *path_shown(const char *path)
{
    char cwd[PATH_MAX];
    if (getcwd(cwd, sizeof(cwd))) {
        size_t n = strlen(cwd);
        if (strncmp(path, cwd, n) == 0 && path[n] == '/' && path[n + 1])
            return mem_strdup(path + n + 1);
    }
    return mem_strdup(path);
}
