/* Verdicts: retries, blocked checkpoints, points, merging, lab.json. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/replace.h"
#include "base/strbuf.h"
#include "grade/blame.h"
#include "grade/results.h"
#include "grade/table.h"

/* ---- Retries ------------------------------------------------------------ */

/* A history in letters: p pass, f fail, s skip, i infra. */
static size_t parse_history(const char *letters,
                            enum verdict history[RETRY_MAX_ATTEMPTS])
{
    size_t n = 0;
    for (; letters[n]; n++) {
        ck_assert_uint_lt(n, RETRY_MAX_ATTEMPTS);
        switch (letters[n]) {
        case 'p':
            history[n] = VERDICT_PASS;
            break;
        case 'f':
            history[n] = VERDICT_FAIL;
            break;
        case 's':
            history[n] = VERDICT_SKIP;
            break;
        default:
            history[n] = VERDICT_INFRA;
        }
    }
    return n;
}

static const struct {
    const char *history, *outcome; /* "again", or a verdict */
} retries[] = {
    {"", "again"},     {"p", "pass"},      {"s", "skip"},
    {"f", "again"},    {"ff", "fail"},     {"fp", "again"},
    {"fpf", "fail"},   {"fpp", "flaky"},   {"i", "again"},
    {"ii", "again"},   {"iii", "infra"},   {"ip", "pass"},
    {"iip", "pass"},   {"is", "skip"},     {"if", "again"},
    {"iff", "fail"},   {"ifp", "again"},   {"ifpp", "flaky"},
    {"fi", "again"},   {"fif", "fail"},    {"fii", "again"},
    {"fiii", "infra"}, {"fiip", "again"},  {"fiipp", "flaky"},
    {"fpii", "again"}, {"fpiii", "infra"}, {"fpiif", "fail"},
};
enum { RETRIES = sizeof(retries) / sizeof(retries[0]) };

START_TEST(retry_follows_the_policy)
{
    enum verdict history[RETRY_MAX_ATTEMPTS];
    size_t n = parse_history(retries[_i].history, history);
    struct retry retry = retry_next(history, n);
    ck_assert_msg(strcmp(retry.again ? "again" : verdict_name(retry.verdict),
                         retries[_i].outcome) == 0,
                  "after \"%s\": %s", retries[_i].history,
                  retry.again ? "again" : verdict_name(retry.verdict));
}
END_TEST

/* Whatever the verdicts are, a test is run RETRY_MAX_ATTEMPTS times at most. */
START_TEST(retries_end)
{
    static const char letters[] = "pfsi";
    for (unsigned code = 0; code < 1U << (2 * RETRY_MAX_ATTEMPTS); code++) {
        enum verdict history[RETRY_MAX_ATTEMPTS];
        char text[RETRY_MAX_ATTEMPTS + 1] = "";
        for (size_t i = 0; i < RETRY_MAX_ATTEMPTS; i++)
            text[i] = letters[code >> (2 * i) & 3];
        size_t n = parse_history(text, history);
        size_t ended = 0;
        while (ended < n && retry_next(history, ended).again)
            ended++;
        ck_assert_msg(!retry_next(history, ended).again, "%s goes on", text);
    }
}
END_TEST

/* ---- lab.json ----------------------------------------------------------- */

static const char good_lab[] =
    "{\"id\": \"08\", \"name\": \"reliable-udp\", \"title\": \"A title\","
    " \"chapter\": \"A chapter\", \"programs\": [\"rsend\"],"
    " \"checkpoints\": ["
    "  {\"number\": 1, \"title\": \"One\", \"points\": 20, \"minutes\": 5},"
    "  {\"number\": 2, \"title\": \"Two\", \"points\": 50, \"minutes\": 5},"
    "  {\"number\": 3, \"title\": \"Three\", \"points\": 10, \"minutes\": 5},"
    "  {\"number\": 4, \"title\": \"Four\", \"points\": 20, \"minutes\": 5,"
    "   \"needs\": [1]}],"
    " \"topics\": [], \"prerequisites\": [\"04\"], \"minutes\": 60,"
    " \"time_limit_s\": 30, \"wants\": [\"socat\","
    "  {\"tool\": \"nft\", \"lost\": \"tests behind a NAT\"}]}";

static char lab_path[64];

static void write_lab(const char *text)
{
    strcpy(lab_path, "/tmp/test_grade.XXXXXX");
    int fd = mkstemp(lab_path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* The good one with one piece of its text replaced. */
static char *edited(const char *from, const char *to)
{
    const char *at = strstr(good_lab, from);
    ck_assert_msg(at != NULL, "no %s", from);
    return str_format("%.*s%s%s", (int)(at - good_lab), good_lab, to,
                      at + strlen(from));
}

START_TEST(lab_is_loaded)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    write_lab(good_lab);
    ck_assert_int_eq(labjson_load(lab_path, &lab, error), 0);
    ck_assert_str_eq(lab.id, "08");
    ck_assert_str_eq(lab.name, "reliable-udp");
    ck_assert_int_eq(lab.time_limit_s, 30);
    ck_assert_uint_eq(lab.checkpoint_count, 4);
    ck_assert_uint_eq(lab.checkpoints[0].need_count, 0);
    ck_assert_uint_eq(lab.checkpoints[2].need_count, 1);
    ck_assert_int_eq(lab.checkpoints[2].needs[0], 2); /* the one before */
    ck_assert_int_eq(lab.checkpoints[3].needs[0], 1); /* as it says */
    ck_assert_ptr_null(labjson_checkpoint(&lab, 5));
    ck_assert_uint_eq(lab.want_count, 2);
    ck_assert_str_eq(lab.wants[0].tool, "socat");
    ck_assert_str_eq(lab.wants[1].tool, "nft");
    ck_assert_str_eq(lab.wants[1].lost, "tests behind a NAT");
    labjson_fini(&lab);
    unlink(lab_path);
}
END_TEST

static const struct {
    const char *from, *to, *error;
} lab_errors[] = {
    {"\"id\": \"08\"", "\"id\": \"8\"", "two digits"},
    {"\"id\": \"08\"", "\"id\": 8", "id must be a string"},
    {"\"title\": \"A ", "\"tilte\": \"A ", "did you mean title?"},
    {"\"title\": \"A ", "\"zzz\": \"A ", "zzz is not known"},
    {" \"minutes\": 60,", "", "minutes is missing"},
    {"\"minutes\": 60", "\"minutes\": 0", "minutes is 0; it must"},
    {"[\"rsend\"]", "[7]", "programs[0] must be a"},
    {"\"points\": 50", "\"points\": 51", "points sum to 101"},
    {"\"points\": 50", "\"points\": \"50\"", "checkpoints[1].points"},
    {"\"number\": 3", "\"number\": 4", "checkpoints[2].number"},
    {"\"needs\": [1]", "\"needs\": [4]", "checkpoints[3].needs[0]"},
    {"\"needs\": [1]", "\"need\": [1]", "did you mean needs?"},
    {"\"One\", \"points\"", "\"One\" \"points\"", "line 1, column"},
    {"{\"id\"", "[{\"id\"", "line 1, column"},
    {"\"wants\":", "\"id\": \"08\", \"wants\":", "duplicate"},
    {"[\"socat\"", "[7", "wants[0] must name a tool"},
    {"[\"socat\"", "[\"\"", "wants[0] must name a tool"},
    {"\"tool\"", "\"toll\"", "wants[1].toll is not known; did you mean tool"},
    {", \"lost\": \"tests behind a NAT\"", "", "wants[1].lost is missing"},
};
enum { LAB_ERRORS = sizeof(lab_errors) / sizeof(lab_errors[0]) };

START_TEST(lab_error_names_the_place)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES] = "";
    char *text = edited(lab_errors[_i].from, lab_errors[_i].to);
    write_lab(text);
    ck_assert_int_eq(labjson_load(lab_path, &lab, error), -EINVAL);
    ck_assert_msg(strncmp(error, lab_path, strlen(lab_path)) == 0, "%s", error);
    ck_assert_msg(strstr(error, lab_errors[_i].error) != NULL, "%s", error);
    ck_assert_ptr_null(strchr(error, '\n'));
    unlink(lab_path);
    free(text);
}
END_TEST

/* No prefix of a lab.json is one; none may crash the loader. */
START_TEST(every_prefix_of_a_lab_is_refused)
{
    struct labjson lab;
    char error[LABJSON_ERROR_BYTES];
    write_lab("");
    for (size_t n = 0; n + 1 < sizeof(good_lab) - 1; n++) {
        ck_assert_int_eq(truncate(lab_path, 0), 0);
        int fd = open(lab_path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(write(fd, good_lab, n), (ssize_t)n);
        close(fd);
        ck_assert_int_eq(labjson_load(lab_path, &lab, error), -EINVAL);
    }
    unlink(lab_path);
    ck_assert_int_eq(labjson_load(lab_path, &lab, error), -ENOENT);
}
END_TEST

/* ---- Results ------------------------------------------------------------ */

static struct labjson lab;
static struct results *results;

static json_t *listed(const char *id, int checkpoint, int points,
                      const char *variant)
{
    json_t *test = json_pack("{s:s, s:s, s:i, s:i, s:s, s:[]}", "id", id,
                             "title", "A title", "checkpoint", checkpoint,
                             "points", points, "why", "a why", "variants");
    if (variant) {
        json_t *variants = json_object_get(test, "variants");
        json_array_append_new(variants, json_string("itself"));
        json_array_append_new(variants, json_string(variant));
    }
    return test;
}

static void setup(void)
{
    static const struct results_run run = {
        .version = "1.0",
        .impl = "skeleton",
        .world = "host",
        .engine = "wire",
        .started = "2026-11-23T10:00:00Z",
        .seed = UINT64_MAX,
        .path = "build/runs/08/now/results.json",
    };
    char error[LABJSON_ERROR_BYTES];
    write_lab(good_lab);
    ck_assert_int_eq(labjson_load(lab_path, &lab, error), 0);
    unlink(lab_path);
    json_t *tests = json_array();
    json_array_append_new(tests, listed("08.1.one", 1, 15, NULL));
    json_array_append_new(tests, listed("08.1.more", 1, 5, NULL));
    json_array_append_new(tests, listed("08.2.two", 2, 50, "other"));
    json_array_append_new(tests, listed("08.3.three", 3, 10, NULL));
    json_array_append_new(tests, listed("08.4.four", 4, 20, NULL));
    results = results_new(&run, &lab, tests);
    json_decref(tests);
}

static void teardown(void)
{
    results_free(results);
    labjson_fini(&lab);
}

/* Adds attempts by their letters; what differs between two is `seed`. */
static struct retry add(const char *id, const char *variant,
                        const char *letters)
{
    enum verdict history[RETRY_MAX_ATTEMPTS];
    size_t n = parse_history(letters, history);
    struct retry retry = {0};
    for (size_t i = 0; i < n; i++) {
        char *dir = str_format("%s.%zu", id, i + 1);
        json_t *verdict = json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:s, s:[{s:s, s:s}]}", "id",
            id, "variant", variant, "seed", "7", "verdict",
            verdict_name(history[i]), "message", dir, "cause", "a cause",
            "duration_ms", 10.0, "capture", "capture.pcapng", "links", "name",
            "a-b", "profile", "loss 1%");
        retry = results_add(results, id, variant, dir, verdict);
        json_decref(verdict);
        free(dir);
    }
    return retry;
}

static const char *member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int number(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

START_TEST(everything_passing_earns_all)
{
    add("08.1.one", "", "p");
    add("08.1.more", "", "ip");
    add("08.2.two", "itself", "p");
    add("08.2.two", "other", "fpp");
    add("08.3.three", "", "p");
    add("08.4.four", "", "p");
    json_t *json = results_json(results, 1234);
    const json_t *score = json_object_get(json, "score");
    ck_assert_int_eq(number(score, "points"), 100);
    ck_assert_int_eq(number(score, "max"), 100);
    ck_assert_int_eq(number(score, "judged"), 100);
    ck_assert_str_eq(member(json, "seed"), "18446744073709551615");
    const json_t *two = results_find(json, "08.2.two");
    ck_assert_str_eq(member(two, "verdict"), "flaky");
    ck_assert_int_eq(number(two, "attempts"), 3);
    ck_assert_int_eq(results_status(json), 0);
    json_decref(json);
}
END_TEST

START_TEST(one_variant_that_fails_fails_the_test)
{
    add("08.1.one", "", "p");
    add("08.2.two", "other", "ff");
    json_t *json = results_json(results, 0);
    const json_t *two = results_find(json, "08.2.two");
    ck_assert_str_eq(member(two, "verdict"), "fail");
    ck_assert_str_eq(member(two, "variant"), "other");
    ck_assert_str_eq(member(two, "message"), "08.2.two.2");
    ck_assert_str_eq(member(two, "replay"),
                     "./wirelab replay build/runs/08/now/results.json "
                     "08.2.two/other");
    const json_t *evidence = json_object_get(two, "evidence");
    ck_assert_str_eq(member(evidence, "capture"), "08.2.two.2/capture.pcapng");
    ck_assert_str_eq(member(evidence, "root"), "build/runs/08/now");
    ck_assert_str_eq(member(two, "profile"), "loss 1%");
    ck_assert_int_eq(number(two, "points"), 0);
    ck_assert_int_eq(number(two, "max"), 50);
    ck_assert_int_eq(results_status(json), 1);
    json_decref(json);
}
END_TEST

/* What the learner is told of is the run that failed, not the newest. */
START_TEST(flaky_tells_of_the_failure)
{
    add("08.1.one", "", "fpp");
    json_t *json = results_json(results, 0);
    const json_t *one = results_find(json, "08.1.one");
    ck_assert_str_eq(member(one, "verdict"), "flaky");
    ck_assert_str_eq(member(one, "message"), "08.1.one.1");
    const json_t *variant = json_array_get(json_object_get(one, "variants"), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(variant, "history")), 3);
    json_decref(json);
}
END_TEST

START_TEST(skipped_variant_does_not_hide_a_pass)
{
    add("08.1.one", "", "p");
    add("08.2.two", "itself", "p");
    add("08.2.two", "other", "s");
    json_t *json = results_json(results, 0);
    ck_assert_str_eq(member(results_find(json, "08.2.two"), "verdict"), "pass");
    json_decref(json);
}
END_TEST

START_TEST(infra_and_skip_are_not_judged)
{
    add("08.1.one", "", "p");
    add("08.1.more", "", "s");
    add("08.2.two", "itself", "iii");
    add("08.2.two", "other", "p");
    add("08.3.three", "", "p");
    add("08.4.four", "", "p");
    json_t *json = results_json(results, 0);
    const json_t *score = json_object_get(json, "score");
    ck_assert_int_eq(number(score, "points"), 45);
    ck_assert_int_eq(number(score, "judged"), 45);
    ck_assert_int_eq(number(score, "max"), 100);
    ck_assert_int_eq(results_status(json), 3);
    json_decref(json);
}
END_TEST

START_TEST(verdict_without_meaning_is_infra)
{
    json_t *nonsense = json_pack("{s:s}", "verdict", "flaky");
    ck_assert(results_add(results, "08.1.one", "", "d", nonsense).again);
    json_decref(nonsense);
    json_t *json = results_json(results, 0);
    ck_assert_str_eq(member(results_find(json, "08.1.one"), "verdict"),
                     "infra");
    json_decref(json);
}
END_TEST

START_TEST(what_was_not_run_is_infra)
{
    json_t *json = results_json(results, 0);
    ck_assert_str_eq(member(results_find(json, "08.4.four"), "verdict"),
                     "infra");
    ck_assert_int_eq(results_status(json), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(json, "checkpoints")), 4);
    json_decref(json);
}
END_TEST

/* ---- Blocking ----------------------------------------------------------- */

START_TEST(checkpoint_waits_for_the_one_it_needs)
{
    int blocker = -1;
    ck_assert_int_eq(results_gate(results, 1, NULL), GATE_OPEN);
    ck_assert_int_eq(results_gate(results, 2, &blocker), GATE_WAIT);
    ck_assert_int_eq(blocker, 1);
    add("08.1.one", "", "f"); /* not yet certain */
    ck_assert_int_eq(results_gate(results, 2, NULL), GATE_WAIT);
    add("08.1.one", "", "f");
    ck_assert_int_eq(results_gate(results, 2, NULL), GATE_WAIT);
    add("08.1.more", "", "p");
    ck_assert_int_eq(results_gate(results, 2, &blocker), GATE_OPEN);
    ck_assert_int_eq(blocker, 0);
    ck_assert_int_eq(results_gate(results, 3, &blocker), GATE_WAIT);
    ck_assert_int_eq(blocker, 2);
    ck_assert_int_eq(results_gate(results, 4, NULL), GATE_OPEN);
}
END_TEST

START_TEST(checkpoint_without_points_blocks_the_chain)
{
    int blocker = 0;
    add("08.1.one", "", "ff");
    add("08.1.more", "", "ff");
    ck_assert_int_eq(results_gate(results, 2, &blocker), GATE_BLOCKED);
    ck_assert_int_eq(results_gate(results, 3, &blocker), GATE_BLOCKED);
    ck_assert_int_eq(blocker, 1); /* the root, not checkpoint 2 */
    ck_assert_int_eq(results_gate(results, 4, &blocker), GATE_BLOCKED);
    json_t *json = results_json(results, 0);
    const json_t *three = results_find(json, "08.3.three");
    ck_assert_str_eq(member(three, "verdict"), "blocked");
    ck_assert_ptr_nonnull(strstr(member(three, "message"), "checkpoint 1"));
    ck_assert_int_eq(results_status(json), 1);
    json_decref(json);
}
END_TEST

/* A scheduler that runs ahead must not change the score. */
START_TEST(pass_in_a_blocked_checkpoint_earns_nothing)
{
    add("08.3.three", "", "p");
    add("08.1.one", "", "ff");
    add("08.1.more", "", "ff");
    json_t *json = results_json(results, 0);
    ck_assert_str_eq(member(results_find(json, "08.3.three"), "verdict"),
                     "blocked");
    ck_assert_int_eq(number(json_object_get(json, "score"), "points"), 0);
    json_decref(json);
}
END_TEST

START_TEST(our_own_fault_blocks_nothing)
{
    add("08.1.one", "", "ff");
    add("08.1.more", "", "iii");
    ck_assert_int_eq(results_gate(results, 2, NULL), GATE_OPEN);
    add("08.2.two", "itself", "s");
    add("08.2.two", "other", "s");
    ck_assert_int_eq(results_gate(results, 3, NULL), GATE_OPEN);
}
END_TEST

START_TEST(unchosen_checkpoint_blocks_nothing)
{
    json_t *tests = json_array();
    json_array_append_new(tests, listed("08.3.three", 3, 10, NULL));
    const struct results_run run = {.version = "1",
                                    .impl = "x",
                                    .world = "host",
                                    .engine = "wire",
                                    .started = "now"};
    struct results *one = results_new(&run, &lab, tests);
    ck_assert_int_eq(results_gate(one, 3, NULL), GATE_OPEN);
    json_t *json = results_json(one, 0);
    ck_assert_int_eq(number(json_object_get(json, "score"), "max"), 10);
    json_decref(json);
    json_decref(tests);
    results_free(one);
}
END_TEST

/* ---- The file ----------------------------------------------------------- */

START_TEST(results_survive_the_file)
{
    char dir[] = "/tmp/test_grade.XXXXXX", error[RESULTS_ERROR_BYTES];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char *path = str_format("%s/results.json", dir);
    json_t *json = results_json(results, 5);
    ck_assert_int_eq(results_write(json, path, error), 0);
    json_t *read = results_load(path, error);
    ck_assert(json_equal(json, read));
    unlink(path);
    ck_assert_int_eq(rmdir(dir), 0); /* no temporary file is left */
    ck_assert_ptr_null(results_load(path, error));
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
    json_decref(json);
    json_decref(read);
    free(path);
}
END_TEST

START_TEST(other_json_is_no_results)
{
    char path[] = "/tmp/test_grade.XXXXXX", error[RESULTS_ERROR_BYTES];
    int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, "{\"schema\":2}", 12), 12);
    ck_assert_ptr_null(results_load(path, error));
    ck_assert_ptr_nonnull(strstr(error, "schema 1"));
    close(fd);
    unlink(path);
}
END_TEST

static int count_files(const char *dir)
{
    int n = 0;
    struct dirent *entry;
    DIR *files = opendir(dir);
    ck_assert_ptr_nonnull(files);
    while ((entry = readdir(files)) != NULL)
        n += entry->d_name[0] != '.';
    closedir(files);
    return n;
}

/* A disk of one page, in a mount namespace of this process's own. */
static bool mount_tiny_disk(const char *dir)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", dir, "tmpfs", 0, "size=4k") == 0;
}

START_TEST(full_disk_leaves_the_old_file)
{
    char dir[] = "/tmp/test_grade.XXXXXX", error[RESULTS_ERROR_BYTES];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    if (!mount_tiny_disk(dir)) {
        fprintf(stderr,
                "SKIP full_disk_leaves_the_old_file: cannot mount: "
                "%s\n",
                strerror(errno));
        rmdir(dir);
        return;
    }
    char *path = str_format("%s/results.json", dir);
    ck_assert_int_eq(file_replace(path, "\"old\"", 5), 0);
    json_t *json = results_json(results, 5);
    ck_assert_int_eq(results_write(json, path, error), -ENOSPC);
    ck_assert_ptr_nonnull(strstr(error, "No space left"));
    ck_assert_ptr_nonnull(strstr(error, path));
    json_t *old = json_load_file(path, JSON_DECODE_ANY, NULL);
    ck_assert_str_eq(json_string_value(old), "old");
    ck_assert_int_eq(count_files(dir), 1);
    unlink(path);
    ck_assert_int_eq(umount(dir), 0); /* busy if a file were open */
    ck_assert_int_eq(rmdir(dir), 0);
    json_decref(old);
    json_decref(json);
    free(path);
}
END_TEST

/* ---- The table ---------------------------------------------------------- */

START_TEST(body)
{
}
END_TEST

static char *faults_of(const struct lab_test *tests, size_t n, int *count)
{
    const struct table table = {.lab = "08", .tests = tests, .count = n};
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    *count = table_check(&table, memory);
    fclose(memory);
    return text;
}

#define SOUND                                                                  \
    TEST(body), .checkpoint = 4, .points = 5, .title = "t", .why = "w",        \
                .cause = "c", .see = "RFC 1"

static const char *const bad_variants[] = {"a b", "a b", NULL};
static const struct lab_test unsound[] = {
    {SOUND, .id = "08.4.fine"},
    {SOUND, .id = "07.4.other_lab"},
    {SOUND, .id = "08.5.other_checkpoint"},
    {SOUND, .id = "08.4.Capital"},
    {SOUND, .id = "08.4."},
    {SOUND, .id = "08.4.fine"},
    {SOUND, .id = "08.4.variants", .variants = bad_variants},
    {SOUND, .id = "08.4.figures", .figures = "loss,segments"},
    {TEST(body), .id = "08.1.bare", .checkpoint = 1},
    {.id = NULL},
};

START_TEST(unsound_table_is_told_line_by_line)
{
    static const char *const said[] = {
        "07.4.other_lab: its .id must be",
        "08.5.other_checkpoint: its .id must be",
        "08.4.Capital: its .id must be",
        "08.4.: its .id must be",
        "08.4.fine: the .id is there twice",
        "08.4.variants: variant \"a b\" must be of",
        "08.4.variants: variant \"a b\" is there twice",
        "08.4.figures: .figures must be names",
        "08.1.bare: .checkpoint and .points must be positive",
        "08.1.bare: its .why is missing",
        "08.1.bare: its .cause is missing",
        "08.1.bare: its .see is missing",
        "test 10 of the table: its .id is missing",
    };
    int faults;
    char *text =
        faults_of(unsound, sizeof(unsound) / sizeof(unsound[0]), &faults);
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        ck_assert_msg(strstr(text, said[i]) != NULL, "not told: %s", said[i]);
    free(text);
    text = faults_of(unsound, 1, &faults);
    ck_assert_int_eq(faults, 0);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(lint_compares_points)
{
    static const struct lab_test tests[] = {
        {SOUND, .id = "08.4.fine"},
    };
    const struct table table = {.lab = "08", .tests = tests, .count = 1};
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    write_lab(good_lab);
    ck_assert_int_eq(table_lint(&table, lab_path, memory), 5);
    fclose(memory);
    unlink(lab_path);
    ck_assert_ptr_nonnull(strstr(
        text, "checkpoint 4: its tests are worth 5 points, lab.json says 20"));
    ck_assert_ptr_nonnull(strstr(text, "there are 1 tests"));
    free(text);
}
END_TEST

/* ---- Nearest words ------------------------------------------------------ */

static const struct {
    const char *word, *nearest;
} slips[] = {
    {"dealy", "delay"}, {"dely", "delay"},         {"Delay", "delay"},
    {"los", "loss"},    {"duplicat", "duplicate"}, {"rate", "rate"},
    {"raet", "rate"},   {"reodrer", "reorder"},    {"xyz", NULL},
    {"", NULL},         {"corruption", "corrupt"}, {"corruptions", NULL},
};
enum { SLIPS = sizeof(slips) / sizeof(slips[0]) };

START_TEST(nearest_word_is_found)
{
    static const char *const words[] = {"delay",   "loss", "duplicate",
                                        "reorder", "rate", "corrupt"};
    const char *found = nearest_word(slips[_i].word, words, 6);
    if (slips[_i].nearest == NULL)
        ck_assert_msg(found == NULL, "%s: %s", slips[_i].word, found);
    else
        ck_assert_str_eq(found ? found : "none", slips[_i].nearest);
}
END_TEST

START_TEST(very_long_word_is_near_to_nothing)
{
    char word[4096];
    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    const char *words[] = {"a", word};
    ck_assert_ptr_null(nearest_word(word, words, 2));
}
END_TEST

/* ---- Blame -------------------------------------------------------------- */

/* A void run of 1000 ms: shout is tested on b, its peer runs on a. */
struct void_run {
    const char *what, *verdict, *excused;
    int ran_ms, waited_ms, peer_ran_ms; /* for a CPU */
    int lost_by_a, lost_by_b;           /* the emulator's own losses */
    bool is_to_blame;
};

static const struct void_run void_runs[] = {
    {"quiet", "infra", "no answer", 40, 100, 900, 0, 0, false},
    {"burns", "infra", "no answer", 800, 0, 0, 0, 0, true},
    {"would burn", "infra", "no answer", 200, 600, 0, 0, 0, true},
    {"not quite", "infra", "no answer", 199, 600, 0, 0, 0, false},
    {"hardly ran", "infra", "no answer", 124, 900, 0, 0, 0, false},
    {"ran an eighth", "infra", "no answer", 125, 900, 0, 0, 0, true},
    {"many of it", "infra", "no answer", 200, 7000, 0, 0, 0, true},
    {"floods", "infra", "no answer", 10, 0, 0, 0, 1, true},
    {"flooded by a peer", "infra", "no answer", 10, 0, 0, 100, 99, false},
    {"each by half", "infra", "no answer", 10, 0, 0, 100, 100, true},
    {"other infra", "infra", NULL, 800, 0, 0, 0, 900, false},
    {"passed", "pass", NULL, 800, 0, 0, 0, 900, false},
    {"failed", "fail", "no answer", 800, 0, 0, 0, 900, false},
};
enum { VOID_RUNS = sizeof(void_runs) / sizeof(void_runs[0]) };

static json_t *void_verdict(const struct void_run *run)
{
    json_t *verdict = json_pack(
        "{s:s, s:s, s:s*, s:f, s:[{s:s, s:s, s:i, s:i}, {s:s, s:s, s:i}], "
        "s:[{s:s, s:i, s:i}, {s:s, s:i, s:i}]}",
        "verdict", run->verdict, "message", "the machine is too busy",
        "excused", run->excused, "duration_ms", 1000.0, "programs", "role",
        "tested", "host", "b", "cpu_ms", run->ran_ms, "run_delay_ms",
        run->waited_ms, "role", "peer", "host", "a", "cpu_ms", run->peer_ran_ms,
        "links", "name", "a->b", "packets", 500, "internal", run->lost_by_a,
        "name", "b->a", "packets", 700, "internal", run->lost_by_b);
    ck_assert_ptr_nonnull(verdict);
    return verdict;
}

START_TEST(blame_is_the_programs_only_with_evidence)
{
    const struct void_run *run = &void_runs[_i];
    json_t *verdict = void_verdict(run);
    json_t *before = json_deep_copy(verdict);
    ck_assert_msg(blame_program(verdict) == run->is_to_blame, "%s", run->what);
    if (run->is_to_blame) {
        const char *message =
            json_string_value(json_object_get(verdict, "message"));
        ck_assert_str_eq(json_string_value(json_object_get(verdict, "verdict")),
                         "fail");
        ck_assert_ptr_eq(strstr(message, "no answer"), message);
        ck_assert_ptr_nonnull(strstr(message, "sent 700 packets"));
    } else {
        ck_assert(json_equal(verdict, before));
    }
    json_decref(before);
    json_decref(verdict);
}
END_TEST

static TCase *results_case(void)
{
    TCase *tcase = tcase_create("results");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, everything_passing_earns_all);
    tcase_add_test(tcase, one_variant_that_fails_fails_the_test);
    tcase_add_test(tcase, flaky_tells_of_the_failure);
    tcase_add_test(tcase, skipped_variant_does_not_hide_a_pass);
    tcase_add_test(tcase, infra_and_skip_are_not_judged);
    tcase_add_test(tcase, verdict_without_meaning_is_infra);
    tcase_add_test(tcase, what_was_not_run_is_infra);
    tcase_add_test(tcase, checkpoint_waits_for_the_one_it_needs);
    tcase_add_test(tcase, checkpoint_without_points_blocks_the_chain);
    tcase_add_test(tcase, pass_in_a_blocked_checkpoint_earns_nothing);
    tcase_add_test(tcase, our_own_fault_blocks_nothing);
    tcase_add_test(tcase, unchosen_checkpoint_blocks_nothing);
    tcase_add_test(tcase, results_survive_the_file);
    tcase_add_test(tcase, full_disk_leaves_the_old_file);
    return tcase;
}

static TCase *pure_case(void)
{
    TCase *tcase = tcase_create("pure");
    tcase_add_loop_test(tcase, retry_follows_the_policy, 0, RETRIES);
    tcase_add_test(tcase, retries_end);
    tcase_add_loop_test(tcase, blame_is_the_programs_only_with_evidence, 0,
                        VOID_RUNS);
    tcase_add_test(tcase, lab_is_loaded);
    tcase_add_loop_test(tcase, lab_error_names_the_place, 0, LAB_ERRORS);
    tcase_add_test(tcase, every_prefix_of_a_lab_is_refused);
    tcase_add_test(tcase, other_json_is_no_results);
    tcase_add_test(tcase, unsound_table_is_told_line_by_line);
    tcase_add_test(tcase, lint_compares_points);
    tcase_add_loop_test(tcase, nearest_word_is_found, 0, SLIPS);
    tcase_add_test(tcase, very_long_word_is_near_to_nothing);
    return tcase;
}

int main(void)
{
    Suite *suite = suite_create("grade");
    suite_add_tcase(suite, pure_case());
    suite_add_tcase(suite, results_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
