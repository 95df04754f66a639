/* Gradescope's bulk download: folders submission_NNN, and one YAML file that
 * says whose they are.
 *
 *      submission_301:
 *        :submitters:
 *        - :name: Ada Lovelace
 *          :sid: '1001'
 *          :email: ada@example.edu
 *        :created_at: 2026-11-20 17:03:01.123456789 Z
 *
 * A group's members each get the whole submission. */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "base/strbuf.h"
#include "grade/layout.h"

struct metadata {
    yaml_document_t yaml;
    struct handins *handins;
    const char *dir;
    const struct roster *roster;
    char *error;
};

static const char *scalar(const yaml_node_t *node)
{
    return node && node->type == YAML_SCALAR_NODE
               ? (const char *)node->data.scalar.value
               : "";
}

static yaml_node_t *member(struct metadata *metadata, const yaml_node_t *node,
                           const char *key)
{
    if (node == NULL || node->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name =
            yaml_document_get_node(&metadata->yaml, pair->key);
        if (strcmp(scalar(name), key) == 0)
            return yaml_document_get_node(&metadata->yaml, pair->value);
    }
    return NULL;
}

/* "2026-11-20 17:03:01.123 Z", as RFC 3339 writes it; "" if it is no time. */
static void copy_time(char to[HANDIN_TIME_BYTES], const char *text)
{
    regex_t regex;
    regmatch_t at[5];
    to[0] = '\0';
    if (regcomp(&regex,
                "^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]"
                "([0-9]{2}:[0-9]{2}:[0-9]{2})(\\.[0-9]*)? ?"
                "(Z|UTC|[+-][0-9]{2}:?[0-9]{2})$",
                REG_EXTENDED) != 0)
        return;
    if (regexec(&regex, text, 5, at, 0) == 0) {
        const char *zone = text + at[4].rm_so;
        bool utc = *zone == 'Z' || *zone == 'U';
        (void)snprintf(to, HANDIN_TIME_BYTES, "%.10sT%.8s%.3s%s%.2s",
                       text + at[1].rm_so, text + at[2].rm_so, utc ? "Z" : zone,
                       utc ? "" : ":", utc ? "" : zone + strlen(zone) - 2);
    }
    regfree(&regex);
}

static int add_submitter(struct metadata *metadata, const yaml_node_t *who,
                         const char *folder, const char *created)
{
    const struct student *student = NULL;
    const char *sid = scalar(member(metadata, who, ":sid"));
    const char *email = scalar(member(metadata, who, ":email"));
    const char *name = scalar(member(metadata, who, ":name"));
    if (metadata->roster) {
        student = roster_find(metadata->roster, ROSTER_ID, sid);
        if (student == NULL)
            student = roster_find(metadata->roster, ROSTER_EMAIL, email);
    }
    const char *id = student ? student->id : *sid ? sid : email;
    if (*id == '\0')
        id = folder;
    if (handins_get(metadata->handins, id)) {
        (void)snprintf(metadata->error, HANDIN_ERROR_BYTES,
                       "'%.100s' has handed in twice, the second time as "
                       "%.100s: keep the one that counts",
                       id, folder);
        return -EEXIST;
    }
    struct handin *handin = handins_add(metadata->handins, id, folder);
    free(handin->name);
    free(handin->email);
    handin->name = mem_strdup(name);
    handin->email = mem_strdup(email);
    if (student)
        handin_be(handin, student);
    copy_time(handin->submitted, created);
    handin_add_file(handin, str_format("%s/%s", metadata->dir, folder), folder);
    return 0;
}

static int add_submission(struct metadata *metadata, const char *folder,
                          const yaml_node_t *about)
{
    char *path = str_format("%s/%s", metadata->dir, folder);
    bool there = strchr(folder, '/') == NULL && access(path, F_OK) == 0;
    free(path);
    if (!there) {
        (void)snprintf(metadata->error, HANDIN_ERROR_BYTES,
                       "%s names %.100s, and there is no such folder",
                       GRADESCOPE_METADATA, folder);
        return -ENOENT;
    }
    const yaml_node_t *all = member(metadata, about, ":submitters");
    const char *created = scalar(member(metadata, about, ":created_at"));
    if (all == NULL || all->type != YAML_SEQUENCE_NODE)
        return 0;
    int result = 0;
    for (const yaml_node_item_t *item = all->data.sequence.items.start;
         item < all->data.sequence.items.top && result == 0; item++)
        result = add_submitter(metadata,
                               yaml_document_get_node(&metadata->yaml, *item),
                               folder, created);
    return result;
}

static int add_submissions(struct metadata *metadata)
{
    const yaml_node_t *root = yaml_document_get_root_node(&metadata->yaml);
    int result = 0;
    if (root == NULL || root->type != YAML_MAPPING_NODE) {
        (void)snprintf(metadata->error, HANDIN_ERROR_BYTES,
                       "%s does not list submissions", GRADESCOPE_METADATA);
        return -EBADMSG;
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top && result == 0; pair++)
        result = add_submission(
            metadata,
            scalar(yaml_document_get_node(&metadata->yaml, pair->key)),
            yaml_document_get_node(&metadata->yaml, pair->value));
    return result;
}

static int parse(struct metadata *metadata, FILE *file)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_file(&parser, file);
    int result = 0;
    if (!yaml_parser_load(&parser, &metadata->yaml)) {
        (void)snprintf(metadata->error, HANDIN_ERROR_BYTES, "%s, line %zu: %s",
                       GRADESCOPE_METADATA, parser.problem_mark.line + 1,
                       parser.problem ? parser.problem : "it is no YAML");
        result = -EBADMSG;
    } else {
        result = add_submissions(metadata);
        yaml_document_delete(&metadata->yaml);
    }
    yaml_parser_delete(&parser);
    return result;
}

int handins_read_gradescope(struct handins *handins, const char *dir,
                            const struct roster *roster, char *error)
{
    struct metadata metadata = {
        .handins = handins, .dir = dir, .roster = roster, .error = error};
    char *path = str_format("%s/%s", dir, GRADESCOPE_METADATA);
    FILE *file = fopen(path, "re");
    int result = file ? parse(&metadata, file) : -errno;
    if (file)
        (void)fclose(file);
    else
        (void)snprintf(error, HANDIN_ERROR_BYTES, "%.300s: %s", path,
                       strerror(-result));
    free(path);
    return result;
}
