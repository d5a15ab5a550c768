/* The field's targets: when a figure is good and when it is worth investigating.  docs/reference/run.md has them. */
#include "present/run_report.h"

static const struct {
    double good_from, good_to;
    double investigate_below, investigate_above;
    const char *good, *low, *high;
} targets[] = {
    [TARGET_INIT] = {0, 10, -1, 30, "good (< 10 s)", "", "investigate (> 30 s)"},
    [TARGET_WARM] = {0, 1, -1, 5, "good (< 1 s)", "", "investigate (> 5 s)"},
    [TARGET_GPU] = {0.8, 1e9, 0.5, 1e9, "good (> 80 %)", "investigate (< 50 %)", ""},
    [TARGET_MEMORY] = {0.6, 0.9, 0.4, 0.95, "good (60-90 %)", "investigate (< 40 %)", "investigate (> 95 %)"},
};

enum standing target_standing(enum target_metric metric, double value)
{
    if (value < targets[metric].investigate_below || value > targets[metric].investigate_above)
        return STANDING_INVESTIGATE;
    bool good = value >= targets[metric].good_from && value <= targets[metric].good_to;
    return good ? STANDING_GOOD : STANDING_BETWEEN;
}

struct str target_words(enum target_metric metric, double value)
{
    switch (target_standing(metric, value)) {
    case STANDING_GOOD:
        return str_of(targets[metric].good);
    case STANDING_INVESTIGATE:
        return str_of(value < targets[metric].investigate_below ? targets[metric].low : targets[metric].high);
    default:
        return STR("");
    }
}
