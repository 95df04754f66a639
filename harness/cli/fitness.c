/* What becomes of each lab on this machine: a lab is not runnable where no
 * world is, degraded where some of its tests would be skipped. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/child.h"
#include "cli/diagnosis.h"
#include "cli/install.h"
#include "base/object.h"
#include "grade/labjson.h"

struct fitness {
    struct diagnosis *diagnosis;
    const struct lab_dir *dir;
    struct text_list lacking;
    json_t *lab, *why; /* its entry, and a part of that */
    bool degraded, impossible;
};

static void add_why(struct fitness *fitness, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_why(struct fitness *fitness, const char *format, ...)
{
    struct strbuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&text, format, args);
    va_end(args);
    json_array_append_new(fitness->why, json_string(strbuf_text(&text)));
    strbuf_fini(&text);
}

/* ---- Tools ----------------------------------------------------------------
 */

/* A tool that is there and refused by the kernel is of no use; and what nft
 * does something else may do for it. */
static bool works(const struct diagnosis *diagnosis, const char *tool)
{
    if (strcmp(tool, "nft") == 0 && diagnosis->worlds[WORLD_HOST].works)
        return diagnosis->nat;
    return tool_is_there(tool);
}

static void look_at_wants(struct fitness *fitness, const struct labjson *lab)
{
    for (size_t i = 0; i < lab->want_count; i++) {
        const struct want *want = &lab->wants[i];
        if (works(fitness->diagnosis, want->tool))
            continue;
        bool there = tool_is_there(want->tool);
        fitness->degraded = true;
        add_why(fitness, "%s %s: %s are skipped", want->tool,
                there ? "is refused by the kernel" : "is not installed",
                want->lost);
        if (!there)
            diagnosis_lacks(fitness->diagnosis, want->tool);
        if (!there && fitness->lacking.count < CLI_MAX_LIST)
            fitness->lacking.items[fitness->lacking.count++] = want->tool;
    }
}

/* ---- Tests ----------------------------------------------------------------
 */

static bool needs(const json_t *test, const char *const *names)
{
    size_t i;
    json_t *need;
    json_array_foreach(json_object_get(test, "needs"), i, need)
    {
        for (const char *const *name = names; *name; name++) {
            if (strcmp(json_string_value(need), *name) == 0)
                return true;
        }
    }
    return false;
}

/* Tests that neither this world nor this user can run, if the suite is built.
 */
static void look_at_tests(struct fitness *fitness)
{
    static const char *const of_host[] = {"host_speed", "asan", "throughput",
                                          NULL};
    static const char *const of_root[] = {"root", NULL};
    bool host = fitness->diagnosis->worlds[WORLD_HOST].works;
    const char *argv[] = {fitness->dir->suite, "--list", NULL};
    char *output = NULL;
    size_t i, no_host = 0, no_root = 0;
    json_t *test;
    if (access(argv[0], X_OK) != 0 || child_run(NULL, argv, &output) != 0) {
        free(output);
        return;
    }
    json_t *list = json_loads(output, 0, NULL);
    json_array_foreach(json_object_get(list, "tests"), i, test)
    {
        no_host += !host && needs(test, of_host);
        no_root += host && geteuid() != 0 && needs(test, of_root);
    }
    fitness->degraded |= no_host + no_root > 0;
    if (no_host)
        add_why(fitness,
                "%zu of %zu tests want the world host (speed, memory safety) "
                "and are skipped",
                no_host, i);
    if (no_root)
        add_why(fitness, "%zu of %zu tests want root and are skipped", no_root,
                i);
    json_decref(list);
    free(output);
}

/* ---- One lab --------------------------------------------------------------
 */

static void judge(struct fitness *fitness)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", fitness->dir->path);
    if (labjson_load(path, &lab, error) < 0) {
        fitness->impossible = true;
        add_why(fitness, "%s", error);
    } else {
        if (fitness->diagnosis->core_missing) {
            fitness->impossible = true;
            add_why(fitness, "what is MISSING, above");
        }
        look_at_wants(fitness, &lab);
        look_at_tests(fitness);
    }
    free(path);
    if (fitness->lacking.count > 0) {
        char *command =
            install_command(fitness->diagnosis->project, &fitness->lacking);
        json_object_set_new(fitness->lab, "remedy", json_string(command));
        free(command);
    }
    labjson_fini(&lab);
}

void fitness_of_labs(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->project->lab_count; i++) {
        const struct lab_dir *dir = &diagnosis->project->labs[i];
        struct fitness fitness = {
            .diagnosis = diagnosis,
            .dir = dir,
            .why = json_array(),
            .lab =
                json_pack("{s:s, s:s}", "id", dir->number, "name", dir->name)};
        judge(&fitness);
        const char *state = fitness.impossible ? "not runnable"
                            : fitness.degraded ? "degraded"
                                               : "runnable";
        json_object_set_new(fitness.lab, "state", json_string(state));
        json_object_set_new(fitness.lab, "why", fitness.why);
        json_array_append_new(diagnosis->labs, fitness.lab);
    }
}
