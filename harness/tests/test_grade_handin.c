/* What is handed in: spreadsheets, rosters, the layouts of course systems, and
 * archives that a stranger has packed. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/tree.h"
#include "grade/handin.h"
#include "grade/studentseed.h"
#include "grade/unpack.h"
#include "grade/unpacker.h"

static char dir[64];
static char error[HANDIN_ERROR_BYTES];

static void make_dir(void)
{
    strcpy(dir, "/tmp/test_grade_handin.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(chdir(dir), 0);
}

static void remove_dir(void)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(tree_remove(dir), 0);
}

static void shell(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* ---- Spreadsheets ---------------------------------------------------------
 */

static const struct {
    const char *name, *text, *cells; /* cells: joined by '|', rows by '/' */
} tables[] = {
    {"commas", "id,name\na,A\n", "id|name/a|A"},
    {"semicolons", "id;name\na;A,B\n", "id|name/a|A,B"},
    {"tabs", "id\tname\na\tA\n", "id|name/a|A"},
    {"CRLF, no end", "id,name\r\na,A", "id|name/a|A"},
    {"BOM", "\xef\xbb\xbfid,name\na,A\n", "id|name/a|A"},
    {"quotes", "id,name\n\"a\",\"A \"\"B\"\", C\"\r\n", "id|name/a|A \"B\", C"},
    {"a line break in quotes", "id,name\na,\"A\nB\"\nb,B\n",
     "id|name/a|A\nB/b|B"},
    {"empty lines, blanks", "\nid , name\n\n a ,A\n\n", "id|name/a|A"},
    {"empty cells", "a,,b\n,\n", "a||b/|"},
    {"nothing", "", ""},
    {"a quote that stays open", "id\n\"a\n", NULL},
    {"UTF-16", "\xff\xfei", NULL},
    {"Latin-1", "id,name\na,Ren\xe9\n", NULL},
    {"UTF-8", "id,name\na,Ren\u00e9\n", "id|name/a|Ren\u00e9"},
};
enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

START_TEST(tables_are_read_as_spreadsheets_write_them)
{
    struct csv csv;
    char why[CSV_ERROR_BYTES];
    struct strbuf cells = {0};
    int result = csv_parse(&csv, tables[_i].text, strlen(tables[_i].text), why);
    if (tables[_i].cells == NULL) {
        ck_assert_int_eq(result, -EBADMSG);
        return;
    }
    ck_assert_int_eq(result, 0);
    for (size_t i = 0; i < csv.count; i++) {
        for (size_t k = 0; k < csv.rows[i].count; k++)
            strbuf_printf(&cells, "%s%s",
                          k   ? "|"
                          : i ? "/"
                              : "",
                          csv.rows[i].cells[k]);
    }
    ck_assert_str_eq(strbuf_text(&cells), tables[_i].cells);
    strbuf_fini(&cells);
    csv_fini(&csv);
}
END_TEST

/* Nothing is read behind the end, whatever is cut off. */
START_TEST(every_prefix_of_a_table_is_a_table_or_an_error)
{
    static const char text[] = "\xef\xbb\xbf\"id\";b\r\n\"a\"\"\n\";c\r\n,\n";
    for (size_t n = 0; n < sizeof(text); n++) {
        struct csv csv;
        char why[CSV_ERROR_BYTES];
        char *copy = mem_zalloc(n ? n : 1); /* sanitizers see its end */
        memcpy(copy, text, n);
        if (csv_parse(&csv, copy, n, why) == 0)
            csv_fini(&csv);
        free(copy);
    }
}
END_TEST

static const struct {
    const char *name, *text;
    enum roster_key key;
    const char *value, *found; /* "id name email"; or NULL */
} rosters[] = {
    {"plain", "id,name,email\n7,Ada,a@x\n", ROSTER_EMAIL, "A@X", "7 Ada a@x"},
    {"Gradescope", "First Name,Last Name,SID,Email,Role\nAda,L,7,a@x,Student\n",
     ROSTER_ID, "7", "7 Ada L a@x"},
    {"Canvas",
     "Student,ID,SIS Login ID,Section\n    Points Possible,,,\n"
     "\"L, Ada\",4711,ada,S\n",
     ROSTER_CANVAS, "4711", "ada L, Ada "},
    {"Moodle",
     "Identifier,Full name,ID number,Email address\n"
     "Participant 4711,Ada L,7,a@x\n",
     ROSTER_MOODLE, "4711", "7 Ada L a@x"},
    {"GitHub", "identifier,github_username,github_id,name\nada,Ada-L,1,\n",
     ROSTER_GITHUB, "ada-l", "ada  "},
    {"two of one name", "id,name\n1,Ada\n2,Ada\n", ROSTER_NAME, "Ada", NULL},
};
enum { ROSTERS = sizeof(rosters) / sizeof(rosters[0]) };

START_TEST(rosters_of_all_systems_are_known)
{
    struct roster roster;
    make_dir();
    write_text("roster.csv", rosters[_i].text);
    ck_assert_int_eq(roster_load(&roster, "roster.csv", error), 0);
    const struct student *found =
        roster_find(&roster, rosters[_i].key, rosters[_i].value);
    ck_assert_int_eq(found != NULL, rosters[_i].found != NULL);
    if (found) {
        char *text =
            str_format("%s %s %s", found->id, found->name, found->email);
        ck_assert_str_eq(text, rosters[_i].found);
        free(text);
    }
    roster_fini(&roster);
    remove_dir();
}
END_TEST

/* ---- Layouts --------------------------------------------------------------
 */

#define ROSTER                                                                 \
    "id,name,email,canvas,moodle,github\n"                                     \
    "ada,Ada Lovelace,ada@x,11,21,adal\nbob,Bob Bell,bob@x,12,22,bobb\n"
#define METADATA                                                               \
    "submission_1:\\n  :submitters:\\n  - :name: Ada Lovelace\\n"              \
    "    :sid: ada\\n    :email: ada@x\\n  - :name: Bob\\n    :sid: \"\"\\n"   \
    "    :email: bob@x\\n  :created_at: 2026-11-20 17:03:01.1234 Z\\n"

/* Each is: what makes it, and what is found: "id:files[:submitted]". */
static const struct {
    const char *name, *command, *found;
    enum layout layout;
} layouts[] = {
    {"folders and archives",
     "mkdir s/ada s/.git && touch s/ada/x.c s/roster.csv s/bob.tar.gz",
     "ada:ada bob:bob.tar.gz", LAYOUT_PLAIN},
    {"GitHub Classroom", "mkdir s/lab-1-adal s/lab-1-bobb",
     "ada:lab-1-adal bob:lab-1-bobb", LAYOUT_PLAIN},
    {"Gradescope",
     "mkdir s/submission_1 && printf '" METADATA "' >s/submission_metadata.yml",
     "ada:submission_1:2026-11-20T17:03:01Z "
     "bob:submission_1:2026-11-20T17:03:01Z",
     LAYOUT_GRADESCOPE},
    {"Gradescope, with a folder on top",
     "mkdir -p s/export/submission_1 && printf '" METADATA
     "' >s/export/submission_metadata.yml",
     "ada:submission_1:2026-11-20T17:03:01Z "
     "bob:submission_1:2026-11-20T17:03:01Z",
     LAYOUT_GRADESCOPE},
    {"Canvas",
     "cd s && touch -d 2026-11-20T17:03:01Z lovelaceada_11_900_rsend.c "
     "lovelaceada_11_901_rsend-2.c lovelaceada_11_902_rrecv-1.c "
     "bellbob_LATE_12_903_lab.zip",
     "ada:rsend.c,rrecv.c:2026-11-20T17:03:01Z "
     "bob:lab.zip:2026-11-20T17:03:01Z",
     LAYOUT_CANVAS},
    {"Moodle, folders",
     "cd s && mkdir 'Ada Lovelace_21_assignsubmission_file_' "
     "'Bob Bell_99_assignsubmission_file_' "
     "'Bob Bell_99_assignsubmission_onlinetext_' && "
     "touch -d 2026-11-20T17:03:01Z *",
     "ada:Ada Lovelace_21_assignsubmission_file_:2026-11-20T17:03:01Z "
     "bob:Bob Bell_99_assignsubmission_file_:2026-11-20T17:03:01Z",
     LAYOUT_MOODLE},
    {"Moodle, files",
     "cd s && touch -d 2026-11-20T17:03:01Z "
     "'Ada Lovelace_21_assignsubmission_file_lab.zip' "
     "'Bob Bell_22_assignsubmission_file_rsend.c'",
     "ada:lab.zip:2026-11-20T17:03:01Z bob:rsend.c:2026-11-20T17:03:01Z",
     LAYOUT_MOODLE},
};
enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

static char *tell(const struct handins *handins)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < handins->count; i++) {
        const struct handin *one = &handins->list[i];
        strbuf_printf(&text, "%s%s:", i ? " " : "", one->id);
        for (size_t k = 0; k < one->file_count; k++)
            strbuf_printf(&text, "%s%s", k ? "," : "", one->files[k].name);
        strbuf_printf(&text, "%s%s", *one->submitted ? ":" : "",
                      one->submitted);
    }
    return text.text;
}

START_TEST(layouts_are_recognised)
{
    struct roster roster;
    struct handins handins;
    make_dir();
    shell("mkdir s");
    write_text("roster.csv", ROSTER);
    shell(layouts[_i].command);
    ck_assert_int_eq(roster_load(&roster, "roster.csv", error), 0);
    ck_assert_msg(handins_find(&handins, "s", &roster, error) == 0, "%s",
                  error);
    char *found = tell(&handins);
    ck_assert_str_eq(found, layouts[_i].found);
    ck_assert_int_eq(handins.layout, layouts[_i].layout);
    ck_assert(!handins.list[0].stranger && !handins.list[1].stranger);
    free(found);
    handins_fini(&handins);
    roster_fini(&roster);
    remove_dir();
}
END_TEST

/* Results are UTF-8: a student must not get lost for a folder's name. */
START_TEST(names_of_any_bytes_become_ids_that_can_be_told)
{
    struct handins handins;
    make_dir();
    shell("mkdir s \"$(printf 's/Ren\\351\\033')\"");
    ck_assert_int_eq(handins_find(&handins, "s", NULL, error), 0);
    ck_assert_int_eq(handins.count, 1);
    ck_assert_str_eq(handins.list[0].id, "Ren\ufffd\u241b");
    ck_assert_str_eq(handins.list[0].label, "Ren\ufffd\u241b");
    ck_assert_int_eq(access(handins.list[0].files[0].path, F_OK), 0);
    handins_fini(&handins);
    remove_dir();
}
END_TEST

static const struct {
    const char *name, *command, *error;
} faulty[] = {
    {"nothing", "touch s/README", "no submissions in it"},
    {"one student twice", "mkdir s/ada && touch s/ada.zip",
     "'ada' has handed "},
    {"a folder that is missing",
     "printf '" METADATA "' >s/submission_metadata.yml",
     "there is no such folder"},
    {"no YAML", "printf 'a: [' >s/submission_metadata.yml",
     "submission_metadata.yml, line "},
};
enum { FAULTY = sizeof(faulty) / sizeof(faulty[0]) };

START_TEST(faulty_folders_are_told)
{
    struct handins handins;
    make_dir();
    shell("mkdir s");
    shell(faulty[_i].command);
    ck_assert_int_lt(handins_find(&handins, "s", NULL, error), 0);
    ck_assert_msg(strstr(error, faulty[_i].error) != NULL, "%s", error);
    remove_dir();
}
END_TEST

/* ---- Archives -------------------------------------------------------------
 */

#define ZIP "python3 -c \"import zipfile as z,sys; f=z.ZipFile('a.zip','w',8); "
#define PUT "f.writestr("
#define TAR                                                                    \
    "python3 -c \"import tarfile as t,io; f=t.open('a.tar','w'); "             \
    "i=t.TarInfo('rsend.c'); "

/* Each is: what makes it; what is unpacked, or "refused"; what is told of it.
 */
static const struct {
    const char *name, *command, *file, *found, *problem;
} archives[] = {
    {"tar.gz", "tar czf a.tar.gz *.c *.h", "a.tar.gz", "p.h rsend.c", ""},
    {"tar.xz", "tar cJf a.tar.xz *.c *.h", "a.tar.xz", "p.h rsend.c", ""},
    {"tar.zst", "tar c --zstd -f a.tar.zst *.c *.h", "a.tar.zst", "p.h rsend.c",
     ""},
    {"zip", "zip -q a.zip *.c *.h", "a.zip", "p.h rsend.c", ""},
    {"a folder", "mkdir a && cp *.c *.h a", "a", "p.h rsend.c", ""},
    {"an archive in a folder", "mkdir a && zip -q a/lab.zip *.c *.h", "a",
     "p.h rsend.c", ""},
    {"a git bundle",
     "git init -q r && cp *.c *.h r && cd r && git add . && "
     "git -c user.name=a -c user.email=a@x commit -qm 1 && "
     "git bundle create -q ../a.bundle HEAD",
     "a.bundle", "p.h rsend.c", ""},
    {"a bundle of nothing", "echo x >a.bundle", "a.bundle", "refused",
     "no complete bundle"},
    {"the lab's folder",
     "mkdir -p l/tests l/__MACOSX && cp *.c *.h l && cp rsend.c l/tests/t.c && "
     "touch l/._x.c l/README.md && zip -qr a.zip l",
     "a.zip", "p.h rsend.c", "left out: l/README.md, l/tests/t.c"},
    {"a program in another language",
     "mkdir a && printf '#!/bin/sh' >a/rsend && touch a/rsend.py", "a", "rsend",
     "left out: rsend.py"},
    {"a link",
     TAR "i.type=b'2'; i.linkname='/etc/shadow'; f.addfile(i); "
         "i=t.TarInfo('x.c'); f.addfile(i)\"",
     "a.tar", "x.c", "'rsend.c' is a link: it is left out"},
    {"a hard link", TAR "i.type=b'1'; i.linkname='/etc/shadow'; f.addfile(i)\"",
     "a.tar", "refused", "none of the files that count"},
    {"a device", TAR "i.type=b'3'; f.addfile(i)\"", "a.tar", "refused",
     "none of the files"},
    {"a link in a folder", "mkdir a && cp rsend.c a && ln -s /etc/shadow a/x.c",
     "a", "rsend.c", "'x.c' is a link: it is left out"},
    {"a pipe in a folder", "mkdir a && cp rsend.c a && mkfifo a/x.c", "a",
     "rsend.c", "'x.c' is no file: it is left out"},
    {"..", ZIP PUT "'../rsend.c','x'); f.close()\"", "a.zip", "refused",
     "'../rsend.c' leads out of the submission"},
    {".. inside", ZIP PUT "'a/../../rsend.c','x'); f.close()\"", "a.zip",
     "refused", "leads out"},
    {"an absolute path", TAR "i.name='/tmp/rsend.c'; f.addfile(i)\"", "a.tar",
     "refused", "is an absolute path"},
    {"a line break in a name", ZIP PUT "'a\\nb.c','x'); f.close()\"", "a.zip",
     "refused", "'a?b.c' has a character"},
    {"a name twice", TAR "f.addfile(i); f.addfile(i)\"", "a.tar", "refused",
     "two files are called 'rsend.c'"},
    {"names that differ in case",
     ZIP PUT "'rsend.c','x'); " PUT "'Rsend.c','x'); f.close()\"", "a.zip",
     "refused", "differ only in case"},
    {"two that could be meant",
     "mkdir a b && cp rsend.c a && cp rsend.c b && zip -qr a.zip a b", "a.zip",
     "refused", "two that could be meant"},
    {"a bomb", "head -c 30000000 /dev/zero >z.c && zip -q a.zip z.c", "a.zip",
     "refused", "an archive bomb"},
    {"a bomb of a name that nobody wants",
     "head -c 30000000 /dev/zero >z && tar czf a.tar.gz z rsend.c", "a.tar.gz",
     "refused", "an archive bomb"},
    {"too large", "head -c 40000000 /dev/urandom >z.c && tar cf a.tar z.c",
     "a.tar", "refused", "larger than 32 MiB"},
    {"too many files", "mkdir a && for i in $(seq 101); do touch a/$i.c; done",
     "a", "refused", "more than 100 source files"},
    {"too many entries",
     ZIP "[f.writestr('%d.x'%i,'') for i in range(4001)]; f.close()\"", "a.zip",
     "refused", "more than 4000 files"},
    {"noise", "echo noise >a.zip", "a.zip", "refused", "cannot be read"},
    {"half an archive",
     "head -c 9000 /dev/urandom >n.c && tar czf b *.c && head -c 4000 b "
     ">a.tar.gz",
     "a.tar.gz", "refused", "cannot be read"},
    {"an encrypted zip", "zip -q -P x a.zip rsend.c", "a.zip", "refused",
     "is encrypted"},
    {"an empty folder", "mkdir a", "a", "refused", "none of the files"},
};
enum { ARCHIVES = sizeof(archives) / sizeof(archives[0]) };

static char *list_dir(const char *path)
{
    char *command = str_format("ls %s | tr '\\n' ' ' | sed 's/ $//'", path);
    char text[256] = "";
    FILE *pipe = popen(command, "re");
    ck_assert_ptr_nonnull(pipe);
    size_t n = fread(text, 1, sizeof(text) - 1, pipe);
    ck_assert_uint_lt(n, sizeof(text) - 1);
    ck_assert_int_eq(pclose(pipe), 0);
    free(command);
    return mem_strdup(text);
}

START_TEST(archives_are_unpacked_with_care)
{
    static const char *const programs[] = {"rsend", "rrecv"};
    make_dir();
    write_text("rsend.c", "int main(void)\n{\n}\n");
    write_text("p.h", "");
    shell(archives[_i].command);
    char path[32];
    (void)snprintf(path, sizeof(path), "%s", archives[_i].file);
    struct handin_file file = {.path = path, .name = path};
    const struct handin handin = {.files = &file, .file_count = 1};
    json_t *problems = json_array();
    int result = unpack_handin(&handin, "out", programs, 2, problems);
    size_t n = json_array_size(problems);
    const char *problem =
        n ? json_string_value(json_array_get(problems, n - 1)) : "";
    char *found = list_dir("out");
    ck_assert_msg(strstr(problem, archives[_i].problem) != NULL &&
                      (*problem == '\0') == (*archives[_i].problem == '\0'),
                  "it says '%s'", problem);
    if (strcmp(archives[_i].found, "refused") == 0) {
        ck_assert_int_eq(result, -EBADMSG);
        ck_assert_str_eq(found, "");
    } else {
        ck_assert_int_eq(result, 0);
        ck_assert_str_eq(found, archives[_i].found);
    }
    free(found);
    json_decref(problems);
    remove_dir();
}
END_TEST

/* The value of a line in /proc/PID/status; -1 if there is none. */
static int status_of(pid_t pid, const char *name)
{
    char path[64], line[256];
    int value = -1;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (value < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = atoi(line + strlen(name));
    }
    ck_assert_int_eq(fclose(file), 0);
    return value;
}

/* It says more than a pipe holds, and so waits for us in the midst of it. */
START_TEST(its_reader_has_no_rights)
{
    static const char *const programs[] = {"rsend"};
    enum { SECCOMP_FILTER = 2 };
    struct record record;
    int fds[2];
    make_dir();
    shell("head -c 300000 /dev/urandom >rsend.c && tar cf a.tar rsend.c");
    struct handin_file file = {.path = "a.tar", .name = "a.tar"};
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    struct unpack_order order = {.files = &file,
                                 .file_count = 1,
                                 .programs = programs,
                                 .program_count = 1,
                                 .out_fd = fds[1],
                                 .limits = {.entries = 9,
                                            .files = 9,
                                            .total_bytes = 1 << 20,
                                            .ratio = 9,
                                            .cpu_s = 20}};
    pid_t pid = fork();
    if (pid == 0)
        unpacker_run(&order);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(read(fds[0], &record, sizeof(record)), sizeof(record));
    ck_assert_int_eq(record.kind, RECORD_FILE);
    ck_assert_int_eq(status_of(pid, "Seccomp:"), SECCOMP_FILTER);
    ck_assert_int_eq(status_of(pid, "NoNewPrivs:"), 1);
    ck_assert_msg(geteuid() != 0 || status_of(pid, "Uid:") == 65534,
                  "it reads as root");
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    (void)close(fds[0]);
    (void)close(fds[1]);
    remove_dir();
}
END_TEST

START_TEST(a_bulk_download_keeps_folders_and_times)
{
    make_dir();
    shell("mkdir -p s/submission_1 && touch -d 2026-11-20T17:03:01Z "
          "s/submission_1/x.txt && zip -qr s.zip s");
    json_t *problems = json_array();
    struct stat st;
    ck_assert_int_eq(unpack_bulk_download("s.zip", "out", problems), 0);
    ck_assert_int_eq(stat("out/s/submission_1/x.txt", &st), 0);
    ck_assert_int_eq(st.st_mtime, 1795194181);
    json_decref(problems);
    remove_dir();
}
END_TEST

/* ---- Seeds ----------------------------------------------------------------
 */

START_TEST(seeds_depend_on_secret_lab_and_student)
{
    struct secret secret = {.bytes = "0123456789abcdef", .length = 16};
    const char *const ada[] = {"08", "ada", NULL};
    const char *const bob[] = {"08", "bob", NULL};
    const char *const other[] = {"04", "ada", NULL};
    const char *const shifted[] = {"08a", "da", NULL};
    uint64_t seed = secret_seed(&secret, ada);
    /* HMAC-SHA256 of "2 08\n3 ada\n", its first 63 bits, by openssl(1). */
    ck_assert_uint_eq(seed, 0x3d631e2038d36838);
    ck_assert_uint_ne(seed, secret_seed(&secret, bob));
    ck_assert_uint_ne(seed, secret_seed(&secret, other));
    ck_assert_uint_ne(seed, secret_seed(&secret, shifted));
    secret.bytes[0] = 'x';
    ck_assert_uint_ne(seed, secret_seed(&secret, ada));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("handin");
    TCase *tcase = tcase_create("handin");
    tcase_set_timeout(tcase, 60); /* tools are started */
    tcase_add_loop_test(tcase, tables_are_read_as_spreadsheets_write_them, 0,
                        TABLES);
    tcase_add_test(tcase, every_prefix_of_a_table_is_a_table_or_an_error);
    tcase_add_loop_test(tcase, rosters_of_all_systems_are_known, 0, ROSTERS);
    tcase_add_loop_test(tcase, layouts_are_recognised, 0, LAYOUTS);
    tcase_add_test(tcase, names_of_any_bytes_become_ids_that_can_be_told);
    tcase_add_loop_test(tcase, faulty_folders_are_told, 0, FAULTY);
    tcase_add_loop_test(tcase, archives_are_unpacked_with_care, 0, ARCHIVES);
    tcase_add_test(tcase, its_reader_has_no_rights);
    tcase_add_test(tcase, a_bulk_download_keeps_folders_and_times);
    tcase_add_test(tcase, seeds_depend_on_secret_lab_and_student);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
