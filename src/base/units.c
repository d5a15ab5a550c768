/* Two tables of units, largest first: the first one that the value reaches prints it. */
#include "base/units.h"

#include <math.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
    bool printed; /* false: only understood when read */
};

static const struct unit durations[] = {
    {"d", 86400, false}, {"h", 3600, false}, {"min", 60, false}, {"m", 60, false},
    {"s", 1, true},      {"ms", 1e-3, true}, {"us", 1e-6, true}, {"ns", 1e-9, true},
};

static const struct unit sizes[] = {
    {"TiB", 0x1p40, true}, {"GiB", 0x1p30, true}, {"MiB", 0x1p20, true}, {"KiB", 0x1p10, true}, {"B", 1, true},
    {"TB", 1e12, false},   {"GB", 1e9, false},    {"MB", 1e6, false},    {"kB", 1e3, false},    {"KB", 1e3, false},
    {"T", 0x1p40, false},  {"G", 0x1p30, false},  {"M", 0x1p20, false},  {"K", 0x1p10, false},  {"k", 0x1p10, false},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool parse(struct str text, const struct unit *units, size_t n, double *out)
{
    text = str_trim(text);
    size_t digits = 0;
    while (digits < text.len && strchr("0123456789.eE+-", text.ptr[digits]) && text.ptr[digits])
        digits++;
    double value;
    if (!str_to_f64(str_slice(text, 0, digits), &value))
        return false;
    struct str name = str_trim(str_slice(text, digits, text.len));
    if (name.len == 0) {
        *out = value;
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_equals(name, str_of(units[i].name))) {
            *out = value * units[i].factor;
            return true;
        }
    }
    return false;
}

bool units_parse_duration(struct str text, double *seconds_out)
{
    return parse(text, durations, COUNT(durations), seconds_out);
}

bool units_parse_size(struct str text, double *bytes_out)
{
    return parse(text, sizes, COUNT(sizes), bytes_out);
}

/* Three significant figures from 1 on, two below; whole numbers from 100 on. */
static void add_figures(struct buf *out, double value, const char *unit)
{
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    buf_addf(out, "%.*f%s%s", decimals, value, unit[0] ? " " : "", unit);
}

static void add_scaled(struct buf *out, double value, const struct unit *units, size_t n, const char *suffix)
{
    if (value < 0) {
        buf_add_char(out, '-');
        value = -value;
    }
    const struct unit *unit = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!units[i].printed)
            continue;
        unit = &units[i];
        if (value >= units[i].factor * 0.9995)
            break;
    }
    struct buf name = {0};
    buf_addf(&name, "%s%s", unit->name, suffix);
    double scaled = value / unit->factor;
    bool whole = unit->factor == 1e-3 || unit->factor == 1e-6 || unit->factor == 1 || unit->factor == 1e-9;
    if (scaled == 0 || (whole && units == durations && unit->factor < 1 && scaled >= 9.95) ||
        (units == sizes && unit->factor == 1))
        buf_addf(out, "%.0f %s", scaled, buf_cstr(&name));
    else
        add_figures(out, scaled, buf_cstr(&name));
    buf_release(&name);
}

void units_add_duration(struct buf *out, double seconds)
{
    if (seconds == 0) {
        buf_add(out, STR("0 ms"));
        return;
    }
    double whole = round(fabs(seconds));
    if (whole >= 120) {
        const char *sign = seconds < 0 ? "-" : "";
        if (whole >= 7200)
            buf_addf(out, "%s%.0f h %02.0f min", sign, floor(whole / 3600), floor(fmod(whole, 3600) / 60));
        else
            buf_addf(out, "%s%.0f min %02.0f s", sign, floor(whole / 60), fmod(whole, 60));
        return;
    }
    add_scaled(out, seconds, durations, COUNT(durations), "");
}

void units_add_size(struct buf *out, double bytes)
{
    add_scaled(out, bytes, sizes, COUNT(sizes), "");
}

void units_add_rate(struct buf *out, double bytes_per_s)
{
    add_scaled(out, bytes_per_s, sizes, COUNT(sizes), "/s");
}

void units_add_count(struct buf *out, uint64_t n)
{
    if (n >= 1000) {
        units_add_count(out, n / 1000);
        buf_addf(out, ",%03u", (unsigned)(n % 1000));
    } else {
        buf_addf(out, "%u", (unsigned)n);
    }
}

void units_add_frequency_in(struct buf *out, double rate, const char *unit)
{
    if (rate >= 999.5)
        units_add_count(out, (uint64_t)llround(rate));
    else
        buf_addf(out, "%.3g", rate);
    buf_addf(out, "/%s", unit);
}

void units_add_frequency(struct buf *out, double per_s)
{
    static const struct {
        double seconds, least;
        const char *unit;
    } units[] = {{1, 0.1, "s"}, {60, 1, "min"}, {3600, 1, "h"}, {86400, 0, "day"}};
    size_t i = 0;
    while (i < 3 && !(per_s * units[i].seconds >= units[i].least))
        i++;
    units_add_frequency_in(out, per_s * units[i].seconds, units[i].unit);
}

void units_add_usd(struct buf *out, double usd)
{
    if (usd < 0)
        buf_add_char(out, '-');
    usd = fabs(usd);
    buf_add_char(out, '$');
    if (usd >= 99.95) {
        units_add_count(out, (uint64_t)llround(usd));
        return;
    }
    if (usd > 0 && usd < 0.99949e-7) {
        buf_addf(out, "%.2e", usd);
        return;
    }
    int decimals = 2;
    for (double floor = 0.9995; usd > 0 && usd < floor && decimals < 14; floor /= 10)
        decimals++;
    buf_addf(out, "%.*f", decimals, usd);
}

void units_add_share(struct buf *out, double fraction)
{
    double percent = fraction * 100;
    bool nearly_all = percent >= 98.95 && percent < 100;
    if (nearly_all && percent > 99.9)
        percent = 99.9;
    buf_addf(out, "%.*f %%", nearly_all ? 1 : 0, percent);
}
