/* wirelab doctor: tells what this machine can run, what it lacks, what that
 * costs and what to do about it (diagnosis.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/cli.h"
#include "cli/diagnosis.h"
#include "cli/install.h"
#include "base/object.h"
#include "cli/version.h"

/* An ordinary user's PATH often lacks the directories that hold nft and tc. */
static void look_everywhere(void)
{
    const char *path = getenv("PATH");
    char *longer = str_format("%s:/usr/local/sbin:/usr/sbin:/sbin",
                              path ? path : "/usr/bin:/bin");
    (void)setenv("PATH", longer, 1);
    free(longer);
}

/* ---- As text --------------------------------------------------------------
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

static void print_lab(const json_t *lab)
{
    size_t i;
    json_t *why;
    printf("%-13s %s\n", object_text(lab, "state"), object_text(lab, "name"));
    json_array_foreach(json_object_get(lab, "why"), i, why)
        printf("%-13s   %s\n", "", json_string_value(why));
    if (*object_text(lab, "remedy"))
        printf("%-13s   remedy: %s\n", "", object_text(lab, "remedy"));
}

static void print_verdict(const struct diagnosis *diagnosis)
{
    char *remedy = diagnosis_remedy(diagnosis);
    size_t degraded = diagnosis_count(diagnosis, "degraded");
    if (diagnosis->core_missing)
        printf("\nThis machine cannot run the labs until what is MISSING is "
               "there.");
    else if (degraded > 0)
        printf("\nThis machine can run the labs, %zu of them not in full.",
               degraded);
    else
        printf("\nThis machine can run the labs.");
    if (*remedy && (diagnosis->core_missing || degraded > 0))
        printf("  This mends it:\n\n    %s\n", remedy);
    else if (*remedy)
        printf("  What is absent comes with:\n\n    %s\n", remedy);
    else
        printf("\n");
    free(remedy);
}

static void print_text(const struct diagnosis *diagnosis)
{
    size_t i;
    json_t *item;
    char *system = install_system(diagnosis->project);
    printf("wirelab %s on %s\n\n", WIRELAB_VERSION, system);
    json_array_foreach(diagnosis->findings, i, item) print_finding(item);
    printf("\n");
    json_array_foreach(diagnosis->labs, i, item) print_lab(item);
    print_verdict(diagnosis);
    free(system);
}

/* ---- As JSON --------------------------------------------------------------
 */

static void print_json(const struct diagnosis *diagnosis)
{
    char *remedy = diagnosis_remedy(diagnosis);
    char *system = install_system(diagnosis->project);
    json_t *whole = json_pack(
        "{s:s, s:s, s:b, s:s, s:O, s:O}", "wirelab", WIRELAB_VERSION, "system",
        system, "ok", !diagnosis->core_missing, "remedy", remedy, "findings",
        diagnosis->findings, "labs", diagnosis->labs);
    (void)json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    puts("");
    json_decref(whole);
    free(system);
    free(remedy);
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
        .text = "A lab is runnable, degraded (some of its tests are skipped), "
                "or not runnable.\nWhat 'sysctl -w' sets lasts until the next "
                "boot; a line in /etc/sysctl.d lasts.\nExit status: 0 the labs "
                "can be run, 3 they cannot.",
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
    struct diagnosis diagnosis;
    look_everywhere();
    diagnosis_make(&diagnosis, &project);
    if (json)
        print_json(&diagnosis);
    else
        print_text(&diagnosis);
    status = diagnosis.core_missing ? EXIT_INFRA : EXIT_PASSED;
    diagnosis_fini(&diagnosis);
    project_fini(&project);
    return status;
}
