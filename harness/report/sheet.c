/* A page that is one file: a template with styles, a script and data put in. */
#include "report/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

/* ---- Text that cannot end the element it stands in ------------------------
 */

/* JSON in a script element: what could be taken for markup becomes an escape
 * of JSON, which stands only inside strings. */
static void add_json(struct strbuf *out, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII |
                                      JSON_PRESERVE_ORDER);
    for (const char *p = text; p && *p;) {
        size_t plain = strcspn(p, "<>&");
        strbuf_add(out, p, plain);
        p += plain;
        if (*p) {
            char escape[8];
            int n = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)*p++);
            strbuf_add(out, escape, (size_t)n);
        }
    }
    free(text);
}

size_t sheet_json_bytes(const json_t *json)
{
    struct strbuf text = {0};
    add_json(&text, json);
    size_t bytes = text.length;
    strbuf_fini(&text);
    return bytes;
}

static void add_escaped(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '<' || *text == '>' || *text == '&' || *text == '"')
            strbuf_printf(out, "&#%d;", *text);
        else
            strbuf_add(out, text, 1);
    }
}

/* The source expression by which the policy lets the script run. */
static void add_digest(struct strbuf *out, const char *script)
{
    unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned bytes = 0;
    if (EVP_Digest(script, strlen(script), digest, &bytes, EVP_sha256(), NULL))
        EVP_EncodeBlock(base64, digest, (int)bytes);
    else
        base64[0] = '\0'; /* a page whose script does not run says so */
    strbuf_printf(out, "%s", (const char *)base64);
}

/* ---- The page -------------------------------------------------------------
 */

static void add_styles(struct strbuf *page, const struct sheet *sheet)
{
    for (size_t i = 0; i < SHEET_STYLES && sheet->styles[i]; i++)
        strbuf_printf(page, "%s", sheet->styles[i]);
}

/* Copies the template, and puts something in for each @WORD@. */
void sheet_fill(struct strbuf *page, const struct sheet *sheet)
{
    const char *at = sheet->html;
    while (*at) {
        size_t bytes = strcspn(at, "@");
        strbuf_add(page, at, bytes);
        at += bytes;
        if (strncmp(at, "@TITLE@", 7) == 0)
            add_escaped(page, sheet->title);
        else if (strncmp(at, "@DIGEST@", 8) == 0)
            add_digest(page, sheet->script);
        else if (strncmp(at, "@STYLE@", 7) == 0)
            add_styles(page, sheet);
        else if (strncmp(at, "@DATA@", 6) == 0)
            add_json(page, sheet->data);
        else if (strncmp(at, "@SCRIPT@", 8) == 0)
            strbuf_printf(page, "%s", sheet->script);
        if (*at)
            at += 2 + strcspn(at + 1, "@");
    }
}
