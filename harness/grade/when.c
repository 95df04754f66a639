/* Moments and spans; see when.h. */
#include "grade/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Whether the text begins so, with any digit for each '0'. */
static bool has_form(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++) {
        if (*pattern == '0' ? !isdigit((unsigned char)*text)
                            : *text != *pattern)
            return false;
    }
    return true;
}

/* "Z" or "+01:00", and nothing behind it. */
static int parse_zone(const char *text, int64_t *offset_s)
{
    int hours, minutes;
    *offset_s = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return 0;
    if ((*text != '+' && *text != '-') || !has_form(text + 1, "00:00") ||
        strlen(text) != strlen("+01:00"))
        return -EINVAL;
    (void)sscanf(text + 1, "%2d:%2d", &hours, &minutes);
    if (hours > 23 || minutes > 59)
        return -EINVAL;
    *offset_s = hours * HOUR_S + minutes * MINUTE_S;
    if (*text == '-')
        *offset_s = -*offset_s;
    return 0;
}

int when_parse(const char *text, int64_t *unix_s)
{
    struct tm tm = {0}, again;
    int64_t offset_s;
    if (!has_form(text, "0000-00-00T00:00:00"))
        return -EINVAL;
    (void)sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon,
                 &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct tm normal = tm;
    time_t local_s = timegm(&normal);
    /* The 30th of February would have become a day in March. */
    if (gmtime_r(&local_s, &again) == NULL || again.tm_mon != tm.tm_mon ||
        again.tm_mday != tm.tm_mday || again.tm_hour != tm.tm_hour ||
        again.tm_min != tm.tm_min)
        return -EINVAL;
    const char *zone = text + strlen("2026-11-20T23:59:00");
    if (*zone == '.' && isdigit((unsigned char)zone[1]))
        zone += 1 + strspn(zone + 1, "0123456789");
    if (parse_zone(zone, &offset_s) < 0)
        return -EINVAL;
    *unix_s = (int64_t)local_s - offset_s;
    return 0;
}

void when_text(int64_t unix_s, char text[WHEN_TEXT_BYTES])
{
    struct tm utc;
    time_t time = (time_t)unix_s;
    text[0] = '\0';
    if (gmtime_r(&time, &utc))
        (void)strftime(text, WHEN_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void when_span(int64_t span_s, char text[WHEN_SPAN_BYTES])
{
    static const struct {
        int64_t s;
        const char *name;
    } units[] = {{DAY_S, "d"}, {HOUR_S, "h"}, {MINUTE_S, "min"}, {1, "s"}};
    int at = snprintf(text, WHEN_SPAN_BYTES, span_s == 0 ? "0 s" : "");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (span_s / units[i].s > 0)
            at += snprintf(text + at, (size_t)(WHEN_SPAN_BYTES - at),
                           "%s%lld %s", at ? " " : "",
                           (long long)(span_s / units[i].s), units[i].name);
        span_s %= units[i].s;
    }
}
