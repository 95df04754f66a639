/* Builds what a check needs; see build.h.
 *
 * Two checks of one lab may run at once, so a target is locked while it is
 * built.  Sources elsewhere are reached through a symbolic link, since make
 * cannot cope with blanks in a path. */
#include "cli/build.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/child.h"
#include "cli/cli.h"

enum { MAX_TARGETS = 64, MAX_WORDS = 12 };

/* ---- What `impl` stands for ------------------------------------------------
 */

static bool holds_sources(const char *dir)
{
    char *pattern = str_format("%s/*.c", dir);
    glob_t found;
    bool any = glob(pattern, 0, NULL, &found) == 0;
    if (any)
        globfree(&found);
    free(pattern);
    return any;
}

static bool holds_program(const char *dir, const char *const *programs,
                          size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n && !found; i++) {
        char *path = str_format("%s/%s", dir, programs[i]);
        found = access(path, X_OK) == 0;
        free(path);
    }
    return found;
}

/* Compiler and flavour may be chosen; one's programs must not be taken for
 * another's. */
static char *out_dir(const struct project *project, const struct lab_dir *lab,
                     const char *name, const char *flavour)
{
    const char *cc = getenv("CC");
    bool usual = strcmp(flavour, "san") == 0;
    return str_format("%s/labs/%s/%s%s%s%s%s", project->build, lab->name, name,
                      cc && *cc ? "-" : "", cc && *cc ? cc : "",
                      usual ? "" : "-", usual ? "" : flavour);
}

static int elsewhere(struct build_target *target, const struct project *project,
                     const struct lab_dir *lab, const char *path)
{
    char name[32];
    snprintf(name, sizeof(name), "path-%016llx",
             (unsigned long long)hash_bytes(path, strlen(path)));
    target->out = out_dir(project, lab, name, target->flavour);
    target->source = str_format("%s.src", target->out);
    if (tree_make(target->out) < 0)
        return infra_error("cannot make %s: %s", target->out, strerror(errno));
    (void)unlink(target->source);
    if (symlink(path, target->source) < 0 && errno != EEXIST)
        return infra_error("cannot make %s: %s", target->source,
                           strerror(errno));
    return 0;
}

/* Where a handout has the reference's programs for this kind of machine. */
static char *handed_dir(const struct project *project,
                        const struct lab_dir *lab)
{
    struct utsname machine = {0};
    (void)uname(&machine);
    return str_format("%s/harness/handed/reference/%s/%s", project->root,
                      lab->number, machine.machine);
}

bool build_reference_init(struct build_target *target,
                          const struct project *project,
                          const struct lab_dir *lab, const char *flavour)
{
    *target = (struct build_target){.label = mem_strdup("solution"),
                                    .flavour = flavour};
    if (access(lab->solution, R_OK) == 0) {
        target->source = mem_strdup(lab->solution);
        target->out = out_dir(project, lab, "solution", flavour);
        return true;
    }
    target->out = handed_dir(project, lab);
    return access(target->out, R_OK) == 0;
}

/* Sets the label to the folder's absolute path. */
static int find_folder(struct build_target *target, const char *impl)
{
    struct stat st;
    target->label = realpath(impl, NULL);
    if (target->label == NULL || stat(target->label, &st) < 0)
        return usage_error("--impl %s: %s", impl, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return usage_error("--impl %s is not a directory: name the folder your "
                           "program is in",
                           impl);
    return 0;
}

int build_own_makefile_init(struct build_target *target, const char *impl,
                            const char *flavour)
{
    static const char *const names[] = {"GNUmakefile", "makefile", "Makefile"};
    *target = (struct build_target){.flavour = flavour};
    int status = find_folder(target, impl);
    if (status)
        return status;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = str_format("%s/%s", target->label, names[i]);
        bool found = access(path, R_OK) == 0;
        free(path);
        if (found)
            return 0;
    }
    return usage_error("--impl %s has no Makefile of its own", impl);
}

int build_target_init(struct build_target *target,
                      const struct project *project, const struct lab_dir *lab,
                      const char *const *programs, size_t program_count,
                      const char *impl, const char *flavour)
{
    *target = (struct build_target){.flavour = flavour};
    if (impl == NULL)
        impl = "skeleton";
    if (strcmp(impl, "solution") == 0)
        return build_reference_init(target, project, lab, flavour)
                   ? 0
                   : usage_error("the reference of lab %s is not here: there "
                                 "is no solutions/%s, as in all handouts",
                                 lab->number, lab->name);
    if (strcmp(impl, "skeleton") == 0) {
        target->label = mem_strdup(impl);
        target->source = mem_strdup(lab->path);
        target->out = out_dir(project, lab, impl, flavour);
        return 0;
    }
    int status = find_folder(target, impl);
    if (status)
        return status;
    if (holds_sources(target->label))
        return elsewhere(target, project, lab, target->label);
    if (holds_program(target->label, programs, program_count)) {
        target->out = mem_strdup(target->label);
        return 0;
    }
    return usage_error("--impl %s holds neither *.c files nor an executable "
                       "named '%s'",
                       impl, programs[0]);
}

void build_target_fini(struct build_target *target)
{
    free(target->label);
    free(target->source);
    free(target->out);
    *target = (struct build_target){0};
}

/* ---- Errors ----------------------------------------------------------------
 */

static char *first_match(const char *output, const char *pattern)
{
    regex_t regex;
    regmatch_t match;
    char *line = NULL;
    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE))
        return NULL;
    if (regexec(&regex, output, 1, &match, 0) == 0)
        line =
            strndup(output + match.rm_so, (size_t)(match.rm_eo - match.rm_so));
    regfree(&regex);
    return line;
}

char *first_error(const char *output)
{
    static const char *const patterns[] = {
        "^[^: \t]+[^:]*:[0-9]+:([0-9]+:)? (fatal )?error: .*$", /* compiler */
        "^.*undefined reference to .*$",                        /* linker */
        "^.*multiple definition of .*$",
        "^.*[Ee]rror.*$",
        "^..*$",
    };
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char *line = first_match(output, patterns[i]);
        if (line)
            return line;
    }
    return mem_strdup("make failed without a message");
}

/* Every `from` becomes `to`: the learner's own path instead of our link. */
static char *replace_all(const char *text, const char *from, const char *to)
{
    struct strbuf out = {0};
    const char *at;
    while ((at = strstr(text, from)) != NULL) {
        strbuf_add(&out, text, (size_t)(at - text));
        strbuf_add(&out, to, strlen(to));
        text = at + strlen(from);
    }
    strbuf_add(&out, text, strlen(text));
    return out.text;
}

static char *target_error(const struct build_target *target, const char *output)
{
    char *line = first_error(output);
    if (target->source == NULL)
        return line;
    char *named =
        replace_all(line, target->source,
                    target->label[0] == '/' ? target->label : target->source);
    char *shown = path_shown(named);
    free(line);
    free(named);
    return shown;
}

/* ---- Building -------------------------------------------------------------
 */

struct building {
    struct child child;
    int lock_fd;
    bool running;
};

int build_lock(const char *out)
{
    char *path = str_format("%s/.lock", out);
    int fd = -1;
    if (tree_make(out) == 0)
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX);
    free(path);
    return fd;
}

static int start_target(struct building *building,
                        const struct build_target *target,
                        const struct lab_dir *lab)
{
    if (target->source == NULL)
        return 0;
    building->lock_fd = build_lock(target->out);
    if (building->lock_fd < 0)
        return infra_error("cannot write in %s: %s", target->out,
                           strerror(errno));
    char *source = str_format("SRC=%s", target->source);
    char *out = str_format("OUT=%s", target->out);
    const char *cc = getenv("CC");
    char *compiler = str_format("CC=%s", cc && *cc ? cc : "gcc");
    char *flavour = str_format("FLAVOUR=%s", target->flavour);
    const char *argv[MAX_WORDS] = {"make", "-s", "-j2",    "-C",   lab->path,
                                   source, out,  compiler, flavour};
    int error = child_start(&building->child, NULL, argv);
    free(source);
    free(out);
    free(compiler);
    free(flavour);
    if (error < 0)
        return infra_error("cannot start make: %s", strerror(-error));
    building->running = true;
    return 0;
}

static int start_suite(struct building *building, const struct project *project,
                       const char *suite)
{
    char *build = str_format("BUILD=%s", project->build);
    const char *argv[MAX_WORDS] = {"make",        "-s",  "-j2", "-C",
                                   project->root, build, suite};
    building->lock_fd = build_lock(project->build);
    int error = child_start(&building->child, NULL, argv);
    free(build);
    if (error < 0)
        return infra_error("cannot start make: %s", strerror(-error));
    building->running = true;
    return 0;
}

static int end_building(struct building *building, char **output)
{
    int status = 0;
    *output = NULL;
    if (building->running)
        status = child_wait(&building->child, output);
    if (building->lock_fd >= 0)
        (void)close(building->lock_fd);
    return status;
}

static int report_ours(const char *what, const char *output)
{
    char *line = first_error(output);
    int status = infra_error("%s does not build: %s", what, line);
    free(line);
    return status;
}

int build_all(const struct project *project, const struct lab_dir *lab,
              const struct build_target *targets, size_t n, const char *suite,
              char **compile_error)
{
    struct building buildings[MAX_TARGETS + 1];
    if (n > MAX_TARGETS)
        n = MAX_TARGETS;
    for (size_t i = 0; i <= n; i++)
        buildings[i] = (struct building){.lock_fd = -1};
    int status = 0;
    for (size_t i = 0; i < n && status == 0; i++)
        status = start_target(&buildings[i], &targets[i], lab);
    if (suite && status == 0)
        status = start_suite(&buildings[n], project, suite);
    for (size_t i = 0; i <= n; i++) {
        char *output;
        bool failed = end_building(&buildings[i], &output) != 0;
        if (failed && status == 0 && i == 0 && n > 0) {
            *compile_error = target_error(&targets[0], output);
            status = EXIT_FAILED;
        } else if (failed && status != EXIT_INFRA) {
            status =
                report_ours(i < n ? targets[i].label : "the suite", output);
        }
        free(output);
    }
    return status;
}

static char *end_one(struct building *building,
                     const struct build_target *target)
{
    char *output;
    bool failed = end_building(building, &output) != 0;
    char *error = failed ? target_error(target, output) : NULL;
    free(output);
    return error;
}

void build_each(const struct lab_dir *lab, const struct build_target *targets,
                size_t n, char **errors)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t window = cores > 0 ? (size_t)cores : 1;
    struct building *buildings = mem_zalloc((n + 1) * sizeof(*buildings));
    for (size_t i = 0; i < n + window; i++) {
        if (i >= window && i - window < n && errors[i - window] == NULL)
            errors[i - window] =
                end_one(&buildings[i - window], &targets[i - window]);
        if (i >= n)
            continue;
        buildings[i].lock_fd = -1;
        errors[i] = start_target(&buildings[i], &targets[i], lab)
                        ? mem_strdup("make could not be started")
                        : NULL;
    }
    free(buildings);
}
