/* Times, percentages, rates and sizes, written as tc(8) takes them.
 *
 * A number is read as digits and a power of ten, never through strtod: that one
 * obeys the locale and takes "inf", "nan" and hexadecimal. */
#include "link/scan.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MAX_DIGITS = 15 }; /* a double holds these exactly */

struct unit_name {
    const char *name;
    double factor;
};

static const struct unit_name times[] = {
    {"s", 1e9},     {"sec", 1e9},   {"secs", 1e9}, {"ms", 1e6},
    {"msec", 1e6},  {"msecs", 1e6}, {"us", 1e3},   {"usec", 1e3},
    {"usecs", 1e3}, {"ns", 1},      {"nsec", 1},   {"nsecs", 1},
};

static const struct unit_name percents[] = {{"%", 1}, {"", 1}};

/* In tc a trailing `bps` means bytes. */
static const struct unit_name rates[] = {
    {"", 1},
    {"bit", 1},
    {"kbit", 1e3},
    {"mbit", 1e6},
    {"gbit", 1e9},
    {"tbit", 1e12},
    {"kibit", 0x1p10},
    {"mibit", 0x1p20},
    {"gibit", 0x1p30},
    {"tibit", 0x1p40},
    {"bps", 8},
    {"kbps", 8e3},
    {"mbps", 8e6},
    {"gbps", 8e9},
    {"tbps", 8e12},
    {"kibps", 8 * 0x1p10},
    {"mibps", 8 * 0x1p20},
    {"gibps", 8 * 0x1p30},
    {"tibps", 8 * 0x1p40},
};

static const struct unit_name sizes[] = {
    {"", 1},
    {"b", 1},
    {"k", 0x1p10},
    {"kb", 0x1p10},
    {"m", 0x1p20},
    {"mb", 0x1p20},
    {"g", 0x1p30},
    {"gb", 0x1p30},
    {"kbit", 0x1p10 / 8},
    {"mbit", 0x1p20 / 8},
    {"gbit", 0x1p30 / 8},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reads digits with an optional point.  Returns how many bytes they took. */
static size_t read_digits(struct scan_word word, double *value,
                          const char **why)
{
    double number = 0, scale = 1;
    size_t i = 0, digits = 0;
    bool point = false;
    for (; i < word.length; i++) {
        char c = word.start[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!isdigit((unsigned char)c))
            break;
        number = number * 10 + (c - '0');
        scale = point ? scale * 10 : scale;
        digits += digits > 0 || c != '0';
    }
    if (i == 0 || (point && i == 1))
        *why = "is not a number";
    else if (digits > MAX_DIGITS || scale > 1e15)
        *why = "has too many digits";
    *value = number / scale;
    return i;
}

static int read_quantity(struct scan_word word, const struct unit_name *units,
                         size_t count, const char *bad_unit, double *value,
                         const char **why)
{
    *why = NULL;
    if (word.length > 0 && word.start[0] == '-') {
        *why = "is negative";
        return -EINVAL;
    }
    size_t digits = read_digits(word, value, why);
    if (*why != NULL)
        return -EINVAL;
    size_t left = word.length - digits;
    for (size_t i = 0; i < count; i++) {
        if (strlen(units[i].name) == left &&
            strncasecmp(units[i].name, word.start + digits, left) == 0) {
            *value *= units[i].factor;
            return 0;
        }
    }
    *why = left == 0 ? "has no unit (s, ms, us or ns)" : bad_unit;
    return -EINVAL;
}

static int too_large(const char **why, const char *text)
{
    *why = text;
    return -EINVAL;
}

int scan_time_ns(struct scan_word word, int64_t *time_ns, const char **why)
{
    const double day_ns = 86400e9;
    double value = 0;
    if (scan_is(word, "0")) {
        *time_ns = 0;
        return 0;
    }
    int rc = read_quantity(word, times, COUNT(times),
                           "is not a time (units are s, ms, us and ns)", &value,
                           why);
    if (rc < 0)
        return rc;
    if (value > day_ns)
        return too_large(why, "is longer than a day");
    *time_ns = llrint(value);
    return 0;
}

int scan_percent(struct scan_word word, double *percent, const char **why)
{
    double value = 0;
    int rc = read_quantity(word, percents, COUNT(percents),
                           "is not a percentage", &value, why);
    if (rc < 0)
        return rc;
    if (value > 100)
        return too_large(why, "is above 100%");
    *percent = round(value * 1e12) / 1e12; /* so that twelve places tell it */
    return 0;
}

int scan_rate_bps(struct scan_word word, uint64_t *bits_per_s, const char **why)
{
    double value = 0;
    int rc = read_quantity(
        word, rates, COUNT(rates),
        "is not a rate (units are bit, kbit, mbit, gbit, bps, kbps …)", &value,
        why);
    if (rc < 0)
        return rc;
    if (value > 1e15)
        return too_large(why, "is above 1000 tbit");
    if (value < 1)
        return too_large(why, "lets nothing pass");
    *bits_per_s = (uint64_t)llrint(value);
    return 0;
}

int scan_bytes(struct scan_word word, uint32_t *bytes, const char **why)
{
    double value = 0;
    int rc =
        read_quantity(word, sizes, COUNT(sizes),
                      "is not a size (units are b, kb, mb, gb)", &value, why);
    if (rc < 0)
        return rc;
    if (value > INT32_MAX)
        return too_large(why, "is 2 GiB or more");
    *bytes = (uint32_t)llrint(value);
    return 0;
}

int scan_integer(struct scan_word word, int64_t low, int64_t high,
                 int64_t *value, const char **why)
{
    bool negative = word.length > 0 && word.start[0] == '-';
    bool sign = negative || (word.length > 0 && word.start[0] == '+');
    struct scan_word digits = {.start = word.start + sign,
                               .length = word.length - sign};
    double number = 0;
    *why = NULL;
    if (read_digits(digits, &number, why) != digits.length && *why == NULL)
        *why = "is not a whole number";
    if (*why == NULL && memchr(digits.start, '.', digits.length) != NULL)
        *why = "is not a whole number";
    number = negative ? -number : number;
    if (*why == NULL && number < (double)low)
        *why = low <= 0 ? "is too small" : "must be at least 1";
    if (*why == NULL && number > (double)high)
        *why = "is too large";
    if (*why != NULL)
        return -EINVAL;
    *value = (int64_t)number;
    return 0;
}

int scan_seed(struct scan_word word, uint64_t *seed, const char **why)
{
    uint64_t value = 0;
    *why = "is not a whole number";
    for (size_t i = 0; i < word.length; i++) {
        if (!isdigit((unsigned char)word.start[i]))
            return -EINVAL;
        uint64_t digit = (uint64_t)(word.start[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return too_large(why, "does not fit into 64 bits");
        value = value * 10 + digit;
    }
    *seed = value;
    return word.length > 0 ? 0 : -EINVAL;
}

int time_format(int64_t time_ns, char *text, size_t size)
{
    static const struct {
        int64_t unit_ns;
        const char *name;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}};
    for (size_t i = 0; i < COUNT(units); i++) {
        int64_t unit_ns = units[i].unit_ns;
        if (time_ns >= unit_ns && time_ns % (unit_ns / 1000) == 0)
            return snprintf(text, size, "%.15g%s",
                            (double)time_ns / (double)unit_ns, units[i].name);
    }
    return snprintf(text, size, "%" PRId64 "%s", time_ns,
                    time_ns == 0 ? "ms" : "ns");
}
