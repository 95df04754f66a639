/* wirelab results html: a batch as pages.
 *
 *      DIR/index.html                  the class
 *      DIR/students/ID/report.html     what a check of theirs would have left
 *
 * A student's report is made here of the evidence that the batch kept, and not
 * while it is graded: most batches are graded more often than they are looked
 * at, and a report can be made at any time.  DIR is laid out as a batch is, so
 * that it may be the batch's own folder. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/cli.h"
#include "base/object.h"
#include "cli/progress.h"
#include "cli/resultshtml.h"
#include "grade/grades.h"
#include "grade/results.h"
#include "report/classpage.h"
#include "report/html.h"

/* Of one student's report: a class of 300 then takes 120 MB at most. */
enum { MAX_REPORT_BYTES = 400 * 1000 };

struct htmling {
    const char *in, *out;
    struct text_list evidence; /* folders that `grade` left */
    bool no_reports;
    json_t *grades;
    struct classpage *page;
    size_t reports;
    struct progress progress;
};

/* ---- One student's report -------------------------------------------------
 */

/* Where the batch lies whose tests these are: a policy over several batches
 * says which. */
static const char *evidence_of(const struct htmling *htmling,
                               const json_t *student)
{
    const struct text_list *evidence = &htmling->evidence;
    int taken = object_int(json_object_get(student, "attempt"), "taken");
    if (evidence->count <= 1)
        return evidence->count ? evidence->items[0] : NULL;
    return taken >= 1 && (size_t)taken <= evidence->count
               ? evidence->items[taken - 1]
               : NULL;
}

/* In an address, "%2F" would be read as "/". */
static char *way_to(const char *name)
{
    struct strbuf way = {0};
    strbuf_printf(&way, "students/");
    for (; *name; name++)
        strbuf_printf(&way, *name == '%' ? "%%25" : "%c", *name);
    strbuf_printf(&way, "/" HTML_FILE);
    return way.text;
}

static char *whose(const json_t *student)
{
    const char *id = object_text(student, "id");
    const char *name = object_text(student, "name");
    return *name && strcmp(name, id) != 0 ? str_format("%s (%s)", id, name)
                                          : mem_strdup(id);
}

/* Returns 0 or an exit status after one line on stderr. */
static int write_report(struct htmling *htmling, const json_t *student,
                        const json_t *results, const char *run_dir,
                        const char *name)
{
    char error[HTML_ERROR_BYTES];
    char *dir = str_format("%s/students/%s", htmling->out, name);
    char *path = str_format("%s/" HTML_FILE, dir);
    char *who = whose(student);
    const struct html_about about = {.title =
                                         object_text(htmling->grades, "title"),
                                     .run_dir = run_dir,
                                     .whose = who,
                                     .back = "../../" CLASSPAGE_FILE,
                                     .max_bytes = MAX_REPORT_BYTES};
    int status = 0;
    if (tree_make(dir) < 0)
        status = infra_error("cannot make %s: %s", dir, strerror(errno));
    else if (html_write(results, &about, path, error) < 0)
        status = infra_error("%s", error);
    htmling->reports += status == 0;
    free(who);
    free(path);
    free(dir);
    return status;
}

/* A batch keeps no evidence of what passed, and the cache none at all: a report
 * should not send its reader to look for it. */
static void forget_evidence(json_t *results, const char *run_dir)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        const json_t *evidence = json_object_get(test, "evidence");
        char *path = str_format("%s/%s", run_dir, object_text(evidence, "dir"));
        if (*object_text(evidence, "dir") == '\0' || access(path, F_OK) < 0)
            (void)json_object_del(test, "evidence");
        free(path);
    }
}

/* What cannot be read costs one report, and the page is made without it. */
static json_t *load_results(const char *run_dir)
{
    char error[RESULTS_ERROR_BYTES];
    char *path = str_format("%s/results.json", run_dir);
    json_t *results =
        access(path, F_OK) == 0 ? results_load(path, error) : NULL;
    if (results == NULL && access(path, F_OK) == 0)
        (void)fprintf(stderr, "wirelab: %s; no report is made of it\n", error);
    forget_evidence(results, run_dir);
    free(path);
    return results;
}

static int add_student(struct htmling *htmling, size_t index,
                       const json_t *student)
{
    const char *evidence = evidence_of(htmling, student);
    char *name = grades_directory(object_text(student, "id"));
    char *run_dir =
        str_format("%s/students/%s", evidence ? evidence : "", name);
    json_t *results = evidence ? load_results(run_dir) : NULL;
    char *way = results && !htmling->no_reports ? way_to(name) : NULL;
    int status =
        way ? write_report(htmling, student, results, run_dir, name) : 0;
    classpage_add_run(htmling->page, index, results, way);
    free(way);
    json_decref(results);
    free(run_dir);
    free(name);
    return status;
}

/* ---- The whole ------------------------------------------------------------
 */

static int add_students(struct htmling *htmling)
{
    const json_t *students = json_object_get(htmling->grades, "students");
    json_t *student;
    size_t i;
    int status = 0;
    progress_init(&htmling->progress, stderr);
    json_array_foreach(students, i, student)
    {
        if (status == 0)
            status = add_student(htmling, i, student);
        progress_show(&htmling->progress, "  %zu of %zu reports", i + 1,
                      json_array_size(students));
    }
    progress_clear(&htmling->progress);
    return status;
}

static int write_page(struct htmling *htmling)
{
    char error[CLASSPAGE_ERROR_BYTES];
    char *path = str_format("%s/" CLASSPAGE_FILE, htmling->out);
    int status = classpage_write(htmling->page, path, error) < 0
                     ? infra_error("%s", error)
                     : 0;
    if (status == 0)
        printf("%zu students, %zu reports: %s\n",
               json_array_size(json_object_get(htmling->grades, "students")),
               htmling->reports, path);
    free(path);
    return status;
}

static int make_pages(struct htmling *htmling)
{
    char error[GRADES_ERROR_BYTES];
    htmling->grades = grades_load(htmling->in, error);
    if (htmling->grades == NULL)
        return usage_error("%s", error);
    if (tree_make(htmling->out) < 0)
        return infra_error("cannot make %s: %s", htmling->out, strerror(errno));
    htmling->page = classpage_new(htmling->grades);
    int status = add_students(htmling);
    if (status == 0)
        status = write_page(htmling);
    classpage_free(htmling->page);
    json_decref(htmling->grades);
    return status;
}

/* Evidence lies beside the grades, unless somebody says where.
 * Ownership: the caller frees it, after all use of the evidence. */
static char *find_evidence(struct htmling *htmling)
{
    struct stat st;
    char *path = mem_strdup(htmling->in);
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (htmling->evidence.count == 0)
        htmling->evidence.items[htmling->evidence.count++] =
            folder ? path : dirname(path);
    return path;
}

int cli_results_html(int argc, char **argv)
{
    struct htmling htmling = {0};
    const struct command_option options[] = {
        {"--out", OPTION_TEXT, &htmling.out, "DIR",
         "where the pages go (required)", NULL},
        {"--evidence", OPTION_LIST, &htmling.evidence, "OUT",
         "what grade left, if not beside IN; again for each of a policy's",
         NULL},
        {"--no-reports", OPTION_FLAG, &htmling.no_reports, NULL,
         "the page of the class alone", NULL},
    };
    const struct command command = {
        .name = "results html",
        .usage = "IN --out DIR [options]",
        .summary = "Shows a class: students by tests, scores, each one's "
                   "report",
        .text = "IN is what 'wirelab grade --out' was given, or a results.json "
                "of a batch.  Open\nDIR/index.html; DIR may be IN.  The pages "
                "need no network, and are for instructors:\nthey tell all of "
                "hidden tests.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (!command_parse(&command, argc, argv, &operands, &status))
        return status;
    if (htmling.out == NULL)
        return usage_error("--out is needed: wirelab results html %s",
                           command.usage);
    htmling.in = argv[1];
    char *path = find_evidence(&htmling);
    status = make_pages(&htmling);
    free(path);
    return status;
}
