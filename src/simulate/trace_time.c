#include "simulate/trace_time.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/units.h"

static bool take_digits(struct str *text, size_t n, int *value_out)
{
    int value = 0;
    if (text->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text->ptr[i]))
            return false;
        value = 10 * value + (text->ptr[i] - '0');
    }
    *text = str_slice(*text, n, text->len);
    *value_out = value;
    return true;
}

static bool take_char(struct str *text, const char *of)
{
    if (text->len == 0 || !strchr(of, text->ptr[0]))
        return false;
    *text = str_slice(*text, 1, text->len);
    return true;
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Z, or an offset such as +02:00; nothing is UTC. */
static bool take_zone(struct str *text, double *offset_out)
{
    *offset_out = 0;
    if (text->len == 0 || take_char(text, "Zz"))
        return text->len == 0;
    bool minus = text->ptr[0] == '-';
    int hours, minutes = 0;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours))
        return false;
    take_char(text, ":");
    if (text->len && !take_digits(text, 2, &minutes))
        return false;
    *offset_out = (minus ? -1 : 1) * (hours * 3600.0 + minutes * 60.0);
    return text->len == 0;
}

static bool parse_iso(struct str text, double *seconds_out)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (!take_digits(&text, 4, &year) || !take_char(&text, "-/") || !take_digits(&text, 2, &month) ||
        !take_char(&text, "-/") || !take_digits(&text, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    double fraction = 0, offset = 0;
    if (text.len && take_char(&text, "Tt ")) {
        if (!take_digits(&text, 2, &hour) || !take_char(&text, ":") || !take_digits(&text, 2, &minute))
            return false;
        if (take_char(&text, ":") && !take_digits(&text, 2, &second))
            return false;
        if (take_char(&text, ".,")) {
            double weight = 0.1;
            for (int digit; take_digits(&text, 1, &digit); weight /= 10)
                fraction += digit * weight;
        }
        text = str_trim(text);
        if (!take_zone(&text, &offset) || hour > 24 || minute > 59 || second > 60)
            return false;
    }
    if (text.len)
        return false;
    *seconds_out = (double)days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second + fraction - offset;
    return true;
}

/* What a number of this size is in, if it is a time since 1970. */
static double unit_of(double number)
{
    double size = fabs(number);
    return size > 1e17 ? 1e-9 : size > 1e14 ? 1e-6 : size > 1e11 ? 1e-3 : 1;
}

bool trace_parse_time(struct str text, double *seconds_out)
{
    double number;
    if (str_to_f64(text, &number)) {
        *seconds_out = number * unit_of(number);
        return true;
    }
    return parse_iso(text, seconds_out);
}
