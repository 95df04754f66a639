/* A lab made ready to be run; see lab.h. */
#include "cli/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/boxed.h"
#include "cli/build.h"
#include "cli/child.h"

enum { MAX_PROGRAMS = 16 };

const char *const engine_names[] = {"wire", "netem", NULL};

int lab_open(struct lab *lab, const char *word)
{
    *lab = (struct lab){0};
    int status = project_open(&lab->project);
    if (status)
        return status;
    lab->dir = project_lab(&lab->project, word);
    if (lab->dir == NULL)
        return EXIT_USAGE;
    char error[LABJSON_ERROR_BYTES];
    char *path = str_format("%s/lab.json", lab->dir->path);
    int loaded = labjson_load(path, &lab->json, error);
    free(path);
    return loaded < 0 ? infra_error("%s", error) : 0;
}

void lab_close(struct lab *lab)
{
    json_decref(lab->tests);
    if (lab->json.json)
        labjson_fini(&lab->json);
    free(lab->impl);
    free(lab->impl_dir);
    free(lab->reference_dir);
    free(lab->host_impl_dir);
    free(lab->host_reference_dir);
    free(lab->compile_error);
    project_fini(&lab->project);
    *lab = (struct lab){0};
}

/* ---- The list of tests ----------------------------------------------------
 */

int lab_list(struct lab *lab, const char *impl_dir)
{
    /* Knowing both, it leaves out pairings that would be the same. */
    const char *argv[] = {lab->dir->suite,
                          "--list",
                          impl_dir ? "--impl" : NULL,
                          impl_dir,
                          "--reference",
                          lab->reference_dir,
                          NULL};
    char *output;
    int status = child_run(NULL, argv, &output);
    json_error_t error;
    json_t *list = status == 0 ? json_loads(output, 0, &error) : NULL;
    json_decref(lab->tests);
    lab->tests = json_incref(json_object_get(list, "tests"));
    json_decref(list);
    if (json_array_size(lab->tests) == 0) {
        char *line = first_error(output);
        status = infra_error("'%s --list' lists no tests: %s", lab->dir->suite,
                             line);
        free(line);
    }
    free(output);
    return status;
}

static size_t list_ids(const struct lab *lab, const char **ids, size_t size)
{
    size_t i;
    size_t n = 0;
    json_t *test;
    json_array_foreach(lab->tests, i, test)
    {
        if (n < size)
            ids[n++] = json_string_value(json_object_get(test, "id"));
    }
    return n;
}

json_t *lab_test(const struct lab *lab, const char *id)
{
    enum { MAX_TESTS = 512 };
    size_t i;
    json_t *test;
    json_array_foreach(lab->tests, i, test)
    {
        if (strcmp(json_string_value(json_object_get(test, "id")), id) == 0)
            return test;
    }
    const char *ids[MAX_TESTS];
    size_t n = list_ids(lab, ids, MAX_TESTS);
    (void)usage_unknown("test", id, ids, n);
    return NULL;
}

static bool listed(const struct text_list *ids, const char *id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (strcmp(ids->items[i], id) == 0)
            return true;
    }
    return ids->count == 0;
}

int lab_select(struct lab *lab, const struct text_list *ids)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (lab_test(lab, ids->items[i]) == NULL)
            return EXIT_USAGE;
    }
    for (size_t i = json_array_size(lab->tests); i-- > 0;) {
        json_t *test = json_array_get(lab->tests, i);
        if (!listed(ids, json_string_value(json_object_get(test, "id"))))
            (void)json_array_remove(lab->tests, i);
    }
    return 0;
}

/* ---- Building -------------------------------------------------------------
 */

static size_t list_programs(const struct lab *lab, const char **programs)
{
    json_t *array = json_object_get(lab->json.json, "programs");
    size_t n = json_array_size(array);
    if (n > MAX_PROGRAMS)
        n = MAX_PROGRAMS;
    for (size_t i = 0; i < n; i++)
        programs[i] = json_string_value(json_array_get(array, i));
    return n;
}

/* Builds ours as ever and, beside that, the stranger's in a box. */
static int build_boxed(struct lab *lab, const struct build_target *targets,
                       const char *suite)
{
    const char *programs[MAX_PROGRAMS];
    struct workshop workshop;
    char *ours = NULL;
    struct boxed_build stranger = {.project = &lab->project,
                                   .lab = lab->dir,
                                   .programs = programs,
                                   .program_count =
                                       list_programs(lab, programs),
                                   .source = targets[0].label,
                                   .out = targets[0].out,
                                   .flavour = targets[0].flavour,
                                   .own_makefile = lab->own_makefile};
    int lock_fd = build_lock(targets[0].out);
    int status = boxed_start(&workshop, &stranger);
    if (status == 0) {
        bool reference = access(lab->dir->solution, R_OK) == 0;
        int other = build_all(&lab->project, lab->dir, &targets[1], reference,
                              suite, &ours);
        status = boxed_wait(&workshop, &lab->compile_error);
        if (other == EXIT_FAILED)
            status = infra_error("the reference does not build: %s", ours);
        else if (other)
            status = other;
    }
    if (lock_fd >= 0)
        (void)close(lock_fd);
    free(ours);
    return status;
}

static bool is_strangers(const struct lab *lab,
                         const struct build_target *target)
{
    return lab->boxed && target->label[0] == '/';
}

static int build_targets(struct lab *lab, const struct build_target *targets,
                         const char *suite)
{
    if (is_strangers(lab, &targets[0]))
        return build_boxed(lab, targets, suite);
    bool tested_alone = strcmp(targets[0].out, targets[1].out) == 0 ||
                        access(lab->dir->solution, R_OK) != 0;
    return build_all(&lab->project, lab->dir, targets, tested_alone ? 1 : 2,
                     suite, &lab->compile_error);
}

/* A handout has a folder for the reference where tests run against it, and in
 * that one for each kind of machine that it is there for. */
static void tell_absent(const struct lab *lab)
{
    char *dir = str_format("%s/harness/handed/reference/%s", lab->project.root,
                           lab->dir->number);
    if (access(dir, F_OK) == 0)
        (void)fprintf(stderr,
                      "wirelab: this handout has no reference of lab %s for "
                      "this machine: what tests do against it is skipped\n",
                      lab->dir->number);
    free(dir);
}

static int init_targets(const struct lab *lab, struct build_target *targets,
                        const char *impl, const char *flavour)
{
    const char *programs[MAX_PROGRAMS];
    size_t n = list_programs(lab, programs);
    int status = lab->own_makefile
                     ? build_own_makefile_init(&targets[0], impl, flavour)
                     : build_target_init(&targets[0], &lab->project, lab->dir,
                                         programs, n, impl, flavour);
    if (status == 0 && is_strangers(lab, &targets[0])) {
        free(targets[0].out);
        targets[0].out =
            boxed_out(&lab->project, lab->dir, targets[0].label, flavour);
    }
    if (status == 0 &&
        !build_reference_init(&targets[1], &lab->project, lab->dir, flavour) &&
        lab->impl == NULL) /* it is told once */
        tell_absent(lab);
    return status;
}

static int build(struct lab *lab, const char *impl, const char *suite)
{
    struct build_target targets[2] = {0};
    int status =
        init_targets(lab, targets, impl, lab->flavour ? lab->flavour : "san");
    if (status == 0) {
        lab->impl = mem_strdup(targets[0].label);
        lab->impl_dir = mem_strdup(targets[0].out);
        lab->ready_made =
            targets[0].source == NULL && !is_strangers(lab, &targets[0]);
        lab->reference_dir = mem_strdup(targets[1].out);
        status = build_targets(lab, targets, suite);
    }
    build_target_fini(&targets[0]);
    build_target_fini(&targets[1]);
    return status;
}

int lab_programs_for_host(struct lab *lab, const char *impl)
{
    struct build_target targets[2] = {0};
    int status = init_targets(lab, targets, impl, "san");
    if (status == 0) {
        lab->host_impl_dir = mem_strdup(targets[0].out);
        lab->host_reference_dir = mem_strdup(targets[1].out);
        status = build_targets(lab, targets, NULL);
    }
    build_target_fini(&targets[0]);
    build_target_fini(&targets[1]);
    return status;
}

int lab_programs(struct lab *lab, const char *impl)
{
    return build(lab, impl, NULL);
}

int lab_prepare(struct lab *lab, const char *impl)
{
    int status = build(lab, impl, lab->dir->suite);
    if (status != 0 && status != EXIT_FAILED)
        return status;
    int listing = lab_list(lab, lab->impl_dir);
    return listing ? listing : status;
}

int lab_suite(struct lab *lab)
{
    int status =
        build_all(&lab->project, lab->dir, NULL, 0, lab->dir->suite, NULL);
    return status ? status : lab_list(lab, NULL);
}

int lab_files(const struct lab *lab, const char *impl, char **dir,
              bool *sources)
{
    const char *programs[MAX_PROGRAMS];
    size_t n = list_programs(lab, programs);
    struct build_target target;
    int status = build_target_init(&target, &lab->project, lab->dir, programs,
                                   n, impl, "san");
    *sources = target.source != NULL;
    if (status == 0) /* a label that is a path is the learner's own folder */
        *dir = mem_strdup(*target.label == '/' ? target.label
                          : target.source      ? target.source
                                               : target.out);
    build_target_fini(&target);
    return status;
}
