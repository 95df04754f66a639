/* An autograder's output for Autolab ("Guide for Lab Authors", "Formatted
 * Feedback").
 *
 * Lines for the student come first.  The last line gives the score of one
 * problem, called "lab NN"; the one before it has Autolab draw a table of the
 * tests, a stage for each checkpoint.  The scoreboard, which everybody sees,
 * counts public tests only. */
#include <stdio.h>
#include <stdlib.h>

#include "grade/convert.h"

/* The stage of this name, begun if there is none. */
static json_t *stage_of(json_t *feedback, int checkpoint)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "checkpoint %d", checkpoint);
    json_t *stage = json_object_get(feedback, name);
    if (stage)
        return stage;
    stage = json_object();
    (void)json_array_append_new(json_object_get(feedback, "stages"),
                                json_string(name));
    (void)json_object_set_new(feedback, name, stage);
    return stage;
}

static void add_test(json_t *feedback, const struct mark *mark)
{
    json_t *test = json_pack("{s:b}", "passed", mark_passed(mark));
    if (*mark->text)
        (void)json_object_set_new(test, "hint", json_string(mark->text));
    (void)json_object_set_new(stage_of(feedback, mark->checkpoint), mark->name,
                              test);
}

static char *feedback_line(const struct marks *marks)
{
    json_t *feedback =
        json_pack("{s:s, s:[]}", "_presentation", "semantic", "stages");
    for (size_t i = 0; i < marks->count; i++) {
        if (mark_judged(&marks->list[i]))
            add_test(feedback, &marks->list[i]);
    }
    return convert_json(feedback, JSON_COMPACT);
}

char *to_autolab(const struct markbook *book, const struct marks *marks)
{
    char *problem = str_format("lab %s", book->lab);
    char *story = marks_story(book, marks);
    char *feedback = feedback_line(marks);
    char *scores = convert_json(json_pack("{s:{s:o}, s:[i]}", "scores", problem,
                                          convert_score(marks), "scoreboard",
                                          marks_public_points(marks)),
                                JSON_COMPACT);
    char *text = str_format("%s\n%s%s", story, feedback, scores);
    free(problem);
    free(story);
    free(feedback);
    free(scores);
    return text;
}
