/* wirelab results gradescope, classroom, …: grades in other systems' formats.
 *
 * What is written may be shown to students, unless --for instructor is said;
 * the two never share a file: an instructor's is called ID.instructor.EXT. */
#include "cli/convert.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "base/tree.h"
#include "cli/cli.h"
#include "grade/convert.h"

struct conversion {
    const struct convert_format *format;
    const char *out, *audience, *roster;
    struct markbook book;
    size_t unjudged; /* of whom nothing could be judged */
};

static int write_file(const char *path, const char *text)
{
    int result = file_put(path, text, strlen(text));
    return result < 0
               ? infra_error("cannot write %s: %s", path, strerror(-result))
               : 0;
}

static int write_out(const struct conversion *conversion, const char *text)
{
    if (conversion->out)
        return write_file(conversion->out, text);
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        return infra_error("cannot write to stdout: %s", strerror(errno));
    return 0;
}

/* Says what a score may hide: of whom not all could be judged. */
static void tell_unjudged(struct conversion *conversion)
{
    const struct markbook *book = &conversion->book;
    size_t part = 0;
    for (size_t i = 0; i < book->count; i++) {
        const struct marks *marks = &book->list[i];
        part += marks->judged < marks->max && marks_score(marks) >= 0 &&
                !marks->is_set;
        if (marks_score(marks) >= 0)
            continue;
        conversion->unjudged++;
        (void)infra_error("%s%snothing could be judged: there is no score%s",
                          marks->id, *marks->id ? ": " : "",
                          conversion->format->of_one ? ", and no file" : "");
    }
    if (part > 0)
        (void)fprintf(stderr,
                      "wirelab: %zu of %zu: not all could be judged; the score "
                      "is the same part of all points\n",
                      part, book->count);
}

static int write_each(const struct conversion *conversion)
{
    const struct convert_format *format = conversion->format;
    const struct markbook *book = &conversion->book;
    const char *mark = book->audience == FOR_INSTRUCTORS ? ".instructor" : "";
    size_t written = 0;
    int status = 0;
    if (tree_make(conversion->out) < 0)
        return infra_error("cannot make %s: %s", conversion->out,
                           strerror(errno));
    for (size_t i = 0; i < book->count && status == 0; i++) {
        const struct marks *marks = &book->list[i];
        char *path = str_format("%s/%s%s.%s", conversion->out, marks->file_name,
                                mark, format->extension);
        if (marks_score(marks) < 0) {
            (void)unlink(path); /* an earlier one would be taken for it */
        } else {
            char *text = format->of_one(book, marks);
            status = write_file(path, text);
            written += status == 0;
            free(text);
        }
        free(path);
    }
    if (status == 0)
        printf("%zu files: %s/ID%s.%s\n", written, conversion->out, mark,
               format->extension);
    return status;
}

static int write_one(const struct conversion *conversion)
{
    const struct markbook *book = &conversion->book;
    if (conversion->unjudged)
        return 0;
    char *text = conversion->format->of_one(book, &book->list[0]);
    int status = write_out(conversion, text);
    free(text);
    return status;
}

static int write_table(const struct conversion *conversion)
{
    char *text = conversion->format->of_all(&conversion->book);
    int status = write_out(conversion, text);
    free(text);
    return status;
}

static int join_roster(struct conversion *conversion)
{
    char error[CSV_ERROR_BYTES];
    if (conversion->roster == NULL)
        return 0;
    int strangers = markbook_join(&conversion->book, conversion->roster, error);
    if (strangers < 0)
        return usage_error("--roster %s", error);
    if (strangers > 0)
        (void)fprintf(stderr, "wirelab: %d of %zu students are not in %s\n",
                      strangers, conversion->book.count, conversion->roster);
    return 0;
}

static int convert(struct conversion *conversion, const char *in)
{
    const struct convert_format *format = conversion->format;
    char error[MARKS_ERROR_BYTES];
    bool instructor =
        conversion->audience && strcmp(conversion->audience, "instructor") == 0;
    if (markbook_load(&conversion->book, in,
                      instructor ? FOR_INSTRUCTORS : FOR_STUDENTS, error) < 0)
        return usage_error("%s", error);
    const struct markbook *book = &conversion->book;
    if (format->wants_batch && !book->is_batch)
        return usage_error("%s is the result of one check, which is nobody's: "
                           "'results %s' wants OUT/results.json of wirelab "
                           "grade",
                           in, format->name);
    if (format->of_one && book->is_batch && conversion->out == NULL)
        return usage_error("--out DIR is needed: there is a file for each of "
                           "%zu students",
                           book->count);
    int status = join_roster(conversion);
    if (status)
        return status;
    tell_unjudged(conversion);
    if (format->of_all)
        status = write_table(conversion);
    else if (book->is_batch)
        status = write_each(conversion);
    else
        status = write_one(conversion);
    return status == 0 && conversion->unjudged ? EXIT_INFRA : status;
}

/* results.c asks for those that there are. */
static const struct convert_format *find_format(const char *name)
{
    size_t i = 0;
    while (i < convert_format_count &&
           strcmp(convert_formats[i].name, name) != 0)
        i++;
    assert(i < convert_format_count);
    return &convert_formats[i];
}

int cli_convert(int argc, char **argv)
{
    static const char *const audiences[] = {"student", "instructor", NULL};
    struct conversion conversion = {.format = find_format(argv[0])};
    const struct convert_format *format = conversion.format;
    const struct command_option options[] = {
        {"--out", OPTION_TEXT, &conversion.out, "PATH",
         format->of_one ? "a file, or a folder for a batch (default: stdout)"
                        : "a file (default: stdout)",
         NULL},
        {"--for", OPTION_TEXT, &conversion.audience, "WHOM",
         "student (default) or instructor, who sees hidden tests", audiences},
        {"--roster", OPTION_TEXT, &conversion.roster, "CSV",
         "the list that the system itself exports", NULL},
    };
    char *name = str_format("results %s", format->name);
    char *summary = str_format("Writes %s", format->product);
    const struct command command = {
        .name = name,
        .usage = format->wants_batch ? "IN [--out FILE] [--roster CSV]"
                                     : "IN [--out PATH] [--for WHOM]",
        .summary = summary,
        .text = format->text,
        .options = options,
        .option_count = format->wants_batch ? 3 : 2,
        .min_operands = 1,
        .max_operands = 1,
    };
    size_t operands;
    int status;
    if (command_parse(&command, argc, argv, &operands, &status))
        status = convert(&conversion, argv[1]);
    markbook_fini(&conversion.book);
    free(name);
    free(summary);
    return status;
}
