/* A page of submissions that are alike; see similarpage.h. */
#include "report/similarpage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replace.h"
#include "report/pagefiles.h"
#include "report/sheet.h"
#include "run/output.h"

static json_t *safe_text(const char *text)
{
    char *safe = output_as_utf8(text, strlen(text));
    json_t *json = json_string(safe);
    free(safe);
    return json;
}

/* Where tokens lie, as lines: [[file, from, to], ...]. */
static json_t *spans(const struct ctext *text, size_t from, size_t to)
{
    json_t *all = json_array();
    while (from <= to) {
        const struct ctoken *first = &text->tokens[from];
        while (from < to && text->tokens[from + 1].file == first->file)
            from++;
        (void)json_array_append_new(
            all, json_pack("[i, i, i]", (int)first->file, (int)first->line,
                           (int)text->tokens[from++].line));
    }
    return all;
}

static json_t *runs_of(const struct similarpage *page,
                       const struct similar_pair *pair)
{
    json_t *runs = json_array();
    for (size_t i = 0; i < pair->run_count; i++) {
        const struct similar_run *run = &pair->runs[i];
        (void)json_array_append_new(
            runs,
            json_pack("{s:o, s:o}", "a",
                      spans(&page->texts[pair->a], run->a_from, run->a_to), "b",
                      spans(&page->texts[pair->b], run->b_from, run->b_to)));
    }
    return runs;
}

static json_t *pair_json(const struct similarpage *page,
                         const struct similar_pair *pair)
{
    return json_pack("{s:I, s:I, s:i, s:i, s:i, s:I, s:I, s:o}", "a",
                     (json_int_t)pair->a, "b", (json_int_t)pair->b, "percent",
                     pair->percent, "a_percent", pair->a_percent, "b_percent",
                     pair->b_percent, "a_own", (json_int_t)pair->a_own, "b_own",
                     (json_int_t)pair->b_own, "runs", runs_of(page, pair));
}

static json_t *files_of(const struct ctext *text)
{
    json_t *files = json_array();
    for (size_t i = 0; i < text->file_count; i++)
        (void)json_array_append_new(
            files,
            json_pack("{s:o, s:o}", "name", safe_text(text->files[i].name),
                      "text", safe_text(text->files[i].text)));
    return files;
}

/* Those that pairs name, with their code as long as there is room. */
static json_t *texts_json(const struct similarpage *page, size_t room)
{
    json_t *texts = json_object();
    for (size_t i = 0; i < 2 * page->pair_count; i++) {
        const struct similar_pair *pair = &page->pairs[i / 2];
        size_t number = i % 2 ? pair->b : pair->a;
        char key[24];
        (void)snprintf(key, sizeof(key), "%zu", number);
        if (json_object_get(texts, key))
            continue;
        json_t *files = files_of(&page->texts[number]);
        json_t *text =
            json_pack("{s:o}", "id", safe_text(page->labels[number]));
        size_t bytes = sheet_json_bytes(files);
        if (bytes <= room)
            (void)json_object_set(text, "files", files);
        room -= bytes <= room ? bytes : 0;
        json_decref(files);
        (void)json_object_set_new(texts, key, text);
    }
    return texts;
}

int similarpage_write(const struct similarpage *page, const char *path)
{
    json_t *pairs = json_array();
    for (size_t i = 0; i < page->pair_count; i++)
        (void)json_array_append_new(pairs, pair_json(page, &page->pairs[i]));
    json_t *data = json_pack("{s:s, s:s, s:i, s:I, s:o, s:O}", "lab", page->lab,
                             "title", page->title, "threshold", page->threshold,
                             "compared", (json_int_t)page->compared, "pairs",
                             pairs, "left_out", page->left_out);
    struct strbuf title = {0}, text = {0};
    strbuf_printf(&title, "Alike in lab %s", page->lab);
    struct sheet sheet = {.html = similar_html,
                          .styles = {page_css, similar_css},
                          .script = similar_js,
                          .title = title.text,
                          .data = data};
    sheet_fill(&text, &sheet); /* to know how much room there is */
    size_t taken = text.length;
    size_t room =
        taken < SIMILARPAGE_MAX_BYTES ? SIMILARPAGE_MAX_BYTES - taken : 0;
    strbuf_fini(&text);
    (void)json_object_set_new(data, "texts", texts_json(page, room));
    sheet_fill(&text, &sheet);
    int result = file_replace(path, text.text, text.length);
    strbuf_fini(&text);
    strbuf_fini(&title);
    json_decref(data);
    return result;
}
