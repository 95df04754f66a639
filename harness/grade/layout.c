/* The names that course systems give to what they pack; see layout.h. */
#include "grade/layout.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "base/strbuf.h"

enum { MAX_GROUPS = 8 };

/* ---- Names ----------------------------------------------------------------
 */

static bool match(const char *pattern, const char *text,
                  regmatch_t groups[MAX_GROUPS])
{
    regex_t regex;
    if (strlen(text) >= LAYOUT_NAME_BYTES ||
        regcomp(&regex, pattern, REG_EXTENDED) != 0)
        return false;
    bool found = regexec(&regex, text, MAX_GROUPS, groups, 0) == 0;
    regfree(&regex);
    return found;
}

static void copy_group(char *to, size_t size, const char *text,
                       const regmatch_t *group)
{
    (void)snprintf(to, size, "%.*s", (int)(group->rm_eo - group->rm_so),
                   text + group->rm_so);
}

/* "rsend-2.c" is the second resubmission of rsend.c. */
static void take_number(struct canvas_name *name)
{
    regmatch_t groups[MAX_GROUPS];
    char whole[LAYOUT_NAME_BYTES];
    (void)snprintf(whole, sizeof(whole), "%s", name->file);
    if (!match("^([^.]+)-([0-9]{1,4})(\\..*)?$", whole, groups))
        return;
    name->resubmission = atoi(whole + groups[2].rm_so);
    name->file[groups[1].rm_eo] = '\0';
    if (groups[3].rm_so >= 0)
        memmove(name->file + groups[1].rm_eo, whole + groups[3].rm_so,
                strlen(whole + groups[3].rm_so) + 1);
}

bool canvas_name_parse(struct canvas_name *name, const char *text)
{
    regmatch_t groups[MAX_GROUPS];
    *name = (struct canvas_name){0};
    if (!match("^([^_]+)_(LATE_)?([0-9]{1,20})_([0-9]{1,20})_(.+)$", text,
               groups))
        return false;
    copy_group(name->who, sizeof(name->who), text, &groups[1]);
    copy_group(name->user, sizeof(name->user), text, &groups[3]);
    copy_group(name->file, sizeof(name->file), text, &groups[5]);
    take_number(name);
    return true;
}

bool moodle_name_parse(struct moodle_name *name, const char *text)
{
    regmatch_t groups[MAX_GROUPS];
    *name = (struct moodle_name){0};
    if (!match("^([^_]+)_([0-9]{1,20})_assignsubmission_(file|onlinetext)_?"
               "(.*)$",
               text, groups))
        return false;
    copy_group(name->who, sizeof(name->who), text, &groups[1]);
    copy_group(name->participant, sizeof(name->participant), text, &groups[2]);
    copy_group(name->file, sizeof(name->file), text, &groups[4]);
    name->is_text = text[groups[3].rm_so] == 'o';
    return true;
}

/* ---- Entries --------------------------------------------------------------
 */

static int twice(const struct handin *before, const char *label, char *error)
{
    (void)snprintf(error, HANDIN_ERROR_BYTES,
                   "'%.100s' has handed in twice: '%.150s' and '%.150s'; keep "
                   "the one that counts",
                   before->id, before->label, label);
    return -EEXIST;
}

/* When the system's own file, and so what is in it, was written. */
static void set_submitted(struct handin *handin, const char *path)
{
    struct stat st;
    struct tm utc;
    if (stat(path, &st) < 0 || gmtime_r(&st.st_mtime, &utc) == NULL)
        return;
    char text[HANDIN_TIME_BYTES];
    (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (strcmp(text, handin->submitted) > 0) /* the newest of several */
        memcpy(handin->submitted, text, sizeof(text));
}

/* Of "lab08-ada" the student may be "ada" at GitHub. */
static const struct student *find_plain(const struct roster *roster,
                                        const char *name)
{
    const struct student *student = roster_find(roster, ROSTER_ID, name);
    if (student == NULL)
        student = roster_find(roster, ROSTER_EMAIL, name);
    for (const char *dash = strchr(name, '-'); dash && student == NULL;
         dash = strchr(dash + 1, '-'))
        student = roster_find(roster, ROSTER_GITHUB, dash + 1);
    return student;
}

static int read_plain(struct handins *handins, const char *dir,
                      const char *entry, const struct roster *roster,
                      char *error)
{
    char *path = str_format("%s/%s", dir, entry);
    char *name = mem_strdup(entry);
    struct stat st;
    int result = 0;
    bool is_dir = lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
    if (!is_dir && !handin_is_archive(entry)) {
        free(path); /* a roster, a README */
        free(name);
        return 0;
    }
    if (!is_dir) /* of "ada.tar.gz" the student is "ada" */
        *strrchr(name, '.') = '\0';
    size_t n = strlen(name);
    if (!is_dir && n > 4 && strcasecmp(name + n - 4, ".tar") == 0)
        name[n - 4] = '\0';
    const struct student *student = roster ? find_plain(roster, name) : NULL;
    const char *id = student ? student->id : name;
    struct handin *before = handins_get(handins, id);
    if (before) {
        result = twice(before, entry, error);
        free(path);
    } else {
        struct handin *handin = handins_add(handins, id, entry);
        handin_add_file(handin, path, entry);
        if (student)
            handin_be(handin, student);
    }
    free(name);
    return result;
}

/* The student of that name or number, made when first met. */
static struct handin *get_person(struct handins *handins, const char *number,
                                 const char *name,
                                 const struct student *student,
                                 const char *label)
{
    const char *id = student ? student->id : number;
    struct handin *handin = handins_get(handins, id);
    if (handin == NULL) {
        handin = handins_add(handins, id, label);
        free(handin->name);
        handin->name = mem_strdup(name);
        if (student)
            handin_be(handin, student);
    }
    return handin;
}

/* Of one file, resubmitted, Canvas may have packed several. */
static bool is_newest(const struct handin *handin,
                      const struct canvas_name *new)
{
    for (size_t i = 0; i < handin->file_count; i++) {
        struct canvas_name old;
        const char *base = strrchr(handin->files[i].path, '/') + 1;
        if (strcmp(handin->files[i].name, new->file) == 0 &&
            canvas_name_parse(&old, base) &&
            old.resubmission > new->resubmission)
            return false;
    }
    return true;
}

static void drop_file(struct handin *handin, const char *name)
{
    for (size_t i = 0; i < handin->file_count; i++) {
        if (strcmp(handin->files[i].name, name) != 0)
            continue;
        free(handin->files[i].path);
        free(handin->files[i].name);
        handin->files[i] = handin->files[--handin->file_count];
        return;
    }
}

static void read_canvas(struct handins *handins, const char *dir,
                        const char *entry, const struct roster *roster)
{
    struct canvas_name name;
    if (!canvas_name_parse(&name, entry))
        return;
    const struct student *student =
        roster ? roster_find(roster, ROSTER_CANVAS, name.user) : NULL;
    if (student == NULL && roster)
        student = roster_find(roster, ROSTER_ID, name.user);
    struct handin *handin =
        get_person(handins, name.user, name.who, student, entry);
    if (!is_newest(handin, &name))
        return;
    drop_file(handin, name.file);
    char *path = str_format("%s/%s", dir, entry);
    set_submitted(handin, path);
    handin_add_file(handin, path, name.file);
}

static void read_moodle(struct handins *handins, const char *dir,
                        const char *entry, const struct roster *roster)
{
    struct moodle_name name;
    if (!moodle_name_parse(&name, entry) || name.is_text)
        return;
    const struct student *student = NULL;
    if (roster)
        student = roster_find(roster, ROSTER_MOODLE, name.participant);
    if (student == NULL && roster)
        student = roster_find(roster, ROSTER_NAME, name.who);
    struct handin *handin =
        get_person(handins, name.participant, name.who, student, entry);
    char *path = str_format("%s/%s", dir, entry);
    set_submitted(handin, path);
    handin_add_file(handin, path, *name.file ? name.file : entry);
}

int handins_read_entry(struct handins *handins, const char *dir,
                       const char *entry, const struct roster *roster,
                       char *error)
{
    if (handins->layout == LAYOUT_PLAIN)
        return read_plain(handins, dir, entry, roster, error);
    if (handins->layout == LAYOUT_CANVAS)
        read_canvas(handins, dir, entry, roster);
    else
        read_moodle(handins, dir, entry, roster);
    return 0;
}
