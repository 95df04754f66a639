/* What programs have in common: the tokens of C, and what is made of sim_c's
 * words. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "grade/ctext.h"
#include "grade/similar.h"

static struct ctext text_of(const char *data)
{
    struct ctext text = {0};
    ctext_add(&text, "a.c", data, strlen(data));
    return text;
}

/* ---- Tokens ---------------------------------------------------------------
 */

static const struct {
    const char *name, *c, *tokens; /* with blanks between them */
} programs[] = {
    {"a declaration", "int  i=0;", "int i = 1 ;"},
    {"layout does not count", "int\n\ti\r\n=\f0\v;", "int i = 1 ;"},
    {"nor do comments", "int /* ; */ i // ;\n=0/**/;", "int i = 1 ;"},
    {"a comment that stays open", "int i; /* int j;", "int i ;"},
    {"an include is the library's", "#include <stdio.h>\n# include \"a.h\"\nx",
     "x"},
    {"a macro is the program's", "#define N 7\n", "define N 1"},
    {"a line goes on", "#define N \\\n 7", "define N 1"},
    {"all strings are one", "f(\"a\\\"b;\", \"\")", "f ( \"\" , \"\" )"},
    {"all characters are one", "c == '\\'' || c == ';'",
     "c == 'c' || c == 'c'"},
    {"a string ends with its line", "\"a\nb\"c", "\"\" b \"\""},
    {"all numbers are one", "0x1F + 1.5e3f + .5 + 07uLL", "1 + 1 + 1 + 1"},
    {"operators are whole", "a->b>>=c<=d...", "a -> b >>= c <= d ..."},
    {"other bytes are letters",
     "gr\xc3\xbc\xc3\x9f"
     "e=1",
     "gruuuue = 1"},
    {"a long name is cut", "x23456789x123456789x123456789x123456789x123456789",
     "x23456789x123456789x123456789x123456789x"},
    {"noise is passed over", "@ ` $ \x01 \x7f \\ ;", ";"},
    {"nothing", "", ""},
};
enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static char *joined(const struct ctext *text)
{
    char *lines = ctext_lines(text);
    size_t n = strlen(lines);
    for (size_t i = 0; i < n; i++)
        lines[i] = (char)(lines[i] == '\n' ? ' ' : lines[i]);
    if (n > 0)
        lines[n - 1] = '\0';
    return lines;
}

START_TEST(c_is_read_as_tokens)
{
    struct ctext text = text_of(programs[_i].c);
    char *tokens = joined(&text);
    ck_assert_msg(strcmp(tokens, programs[_i].tokens) == 0, "%s: %s",
                  programs[_i].name, tokens);
    free(tokens);
    ctext_fini(&text);
}
END_TEST

/* Nothing is read behind the end, whatever is cut off; and each token has a
 * line of its own. */
START_TEST(every_prefix_of_a_program_is_a_program)
{
    static const char c[] = "#include <a.h>\n#define X(a) \\\n a\nint f(void) "
                            "/* x */ { return g('\\'', \"\\n\") >>= 0x1; } //";
    for (size_t n = 0; n < sizeof(c); n++) {
        struct ctext text = {0};
        char *copy = mem_zalloc(n ? n : 1); /* sanitizers see its end */
        memcpy(copy, c, n);
        ctext_add(&text, "a.c", copy, n);
        char *lines = ctext_lines(&text);
        size_t found = 0;
        for (const char *at = lines; *at; at++)
            found += *at == '\n';
        ck_assert_uint_eq(found, text.count);
        free(lines);
        free(copy);
        ctext_fini(&text);
    }
}
END_TEST

START_TEST(a_token_knows_its_line)
{
    struct ctext text =
        text_of("a\n/* \n\n */ b \"x\ny\" // z\nc\n#include <d>\n  e");
    static const unsigned lines[] = {1, 4, 4, 5, 5, 6, 8};
    ck_assert_uint_eq(text.count, sizeof(lines) / sizeof(lines[0]));
    for (size_t i = 0; i < text.count; i++)
        ck_assert_msg(text.tokens[i].line == lines[i], "token %zu: line %u", i,
                      text.tokens[i].line);
    ctext_add(&text, "b.c", "f", 1);
    ck_assert_uint_eq(text.tokens[text.count - 1].file, 1);
    ck_assert_uint_eq(text.tokens[text.count - 1].line, 1);
    ctext_fini(&text);
}
END_TEST

START_TEST(a_flood_of_tokens_is_cut_off)
{
    size_t bytes = 2 * (size_t)CTEXT_MAX_TOKENS + 10;
    char *flood = mem_zalloc(bytes + 1);
    struct ctext text = {0};
    memset(flood, ';', bytes);
    ctext_add(&text, "a.c", flood, bytes);
    ck_assert(text.overflowed);
    ck_assert_uint_eq(text.count, CTEXT_MAX_TOKENS);
    ctext_add(&text, "b.c", flood, bytes);
    ck_assert_uint_eq(text.count, CTEXT_MAX_TOKENS);
    free(flood);
    ctext_fini(&text);
}
END_TEST

START_TEST(what_is_given_leaves_an_empty_line)
{
    struct ctext text = text_of("a b c d e");
    ctext_give(&text, 1, 2);
    ctext_give(&text, 4, 100);
    char *lines = ctext_lines(&text);
    ck_assert_str_eq(lines, "a\n\n\nd\n\n");
    ck_assert_uint_eq(ctext_own(&text), 2);
    free(lines);
    ctext_fini(&text);
}
END_TEST

/* ---- What sim_c says ------------------------------------------------------
 */

enum { LENGTH = 200 };

/* Three programs of LENGTH tokens. */
static void make_texts(struct ctext texts[3])
{
    struct strbuf c = {0};
    for (int i = 0; i < LENGTH; i++)
        strbuf_printf(&c, "x ");
    for (int i = 0; i < 3; i++)
        texts[i] = text_of(c.text);
    strbuf_fini(&c);
}

static void fini_texts(struct ctext texts[3])
{
    for (int i = 0; i < 3; i++)
        ctext_fini(&texts[i]);
}

#define HEAD "Total input: 3 files (3 new, 0 old), 600 tokens\n\n"

static const char *const unread[] = {
    "",
    "sim_c: cannot open file\n",
    HEAD "0: line 1-50   |3: line 1-50   [50]\n", /* there are but three */
    HEAD "0: line 0-50   |1: line 1-50   [50]\n", /* lines are from 1 */
    HEAD "0: line 1-201   |1: line 1-50   [50]\n",
    HEAD "0: line 50-1   |1: line 1-50   [50]\n",
    HEAD "0: line 1-50   |0: line 51-100   [50]\n",
    HEAD "0: line 1-50   |1: line 1-50\n",
    HEAD "0: line 1-50   |1: line 1-50   [50]\nout of memory\n",
};
enum { UNREAD = sizeof(unread) / sizeof(unread[0]) };

START_TEST(what_sim_c_never_says_is_not_believed)
{
    struct ctext texts[3];
    struct similar_run *runs;
    size_t n;
    make_texts(texts);
    ck_assert_int_eq(similar_read(unread[_i], texts, 3, &runs, &n), -EBADMSG);
    ck_assert_ptr_null(runs);
    ck_assert_uint_eq(n, 0);
    fini_texts(texts);
}
END_TEST

START_TEST(pairs_are_judged_by_own_tokens_in_common_each_counted_once)
{
    struct ctext texts[3];
    struct similar_run *runs;
    size_t run_count, n;
    make_texts(texts);
    ctext_give(&texts[1], 90, 189);
    /* 0 and 1 share 60 tokens and, overlapping in 1, 20 more; 0 and 2 too few;
     * 2 and 1 come in the other order. */
    ck_assert_int_eq(similar_read(HEAD
                                  "0: line 1-60   |1: line 21-80   [60]\n\n"
                                  "2: line 101-200  |1: line 1-100  [100]\n\n"
                                  "0: line 81-100   |1: line 71-90   [20]\n\n"
                                  "0: line 1-39   |2: line 1-39   [39]\n\n",
                                  texts, 3, &runs, &run_count),
                     0);
    ck_assert_uint_eq(run_count, 4);
    struct similar_pair *pairs = similar_judge(texts, runs, run_count, 50, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(pairs[0].a, 1); /* the most alike first */
    ck_assert_uint_eq(pairs[0].b, 2);
    ck_assert_int_eq(pairs[0].percent, 90); /* what is given is not own */
    ck_assert_int_eq(pairs[0].a_percent, 90);
    ck_assert_int_eq(pairs[0].b_percent, 50);
    ck_assert_uint_eq(pairs[1].a, 0);
    ck_assert_uint_eq(pairs[1].b, 1);
    ck_assert_uint_eq(pairs[1].run_count, 2);
    ck_assert_uint_eq(pairs[1].runs[0].a_from, 0);
    ck_assert_uint_eq(pairs[1].a_common, 80);
    ck_assert_uint_eq(pairs[1].b_common, 70); /* 21 to 90 */
    ck_assert_uint_eq(pairs[1].b_own, 100);
    ck_assert_int_eq(pairs[1].percent, 70);
    free(pairs);
    pairs = similar_judge(texts, runs, run_count, 71, &n);
    ck_assert_uint_eq(n, 1);
    free(pairs);
    pairs = similar_judge(texts, runs, run_count, 0, &n);
    ck_assert_uint_eq(n, 2); /* 39 tokens are too few */
    free(pairs);
    free(runs);
    fini_texts(texts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("similar");
    TCase *tokens = tcase_create("tokens"), *pairs = tcase_create("pairs");
    tcase_add_loop_test(tokens, c_is_read_as_tokens, 0, PROGRAMS);
    tcase_add_test(tokens, every_prefix_of_a_program_is_a_program);
    tcase_add_test(tokens, a_token_knows_its_line);
    tcase_add_test(tokens, a_flood_of_tokens_is_cut_off);
    tcase_add_test(tokens, what_is_given_leaves_an_empty_line);
    tcase_add_loop_test(pairs, what_sim_c_never_says_is_not_believed, 0,
                        UNREAD);
    tcase_add_test(pairs,
                   pairs_are_judged_by_own_tokens_in_common_each_counted_once);
    suite_add_tcase(suite, tokens);
    suite_add_tcase(suite, pairs);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
