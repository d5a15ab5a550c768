/* The picture of a plan: three panels in one SVG that needs nothing else and follows the reader's light or dark scheme. */
#include <math.h>

#include "base/units.h"
#include "present/plan_report.h"

enum {
    WIDTH = 860,
    PANEL_LEFT = 70,
    PANEL_WIDTH = 740,
    FRONTIER_TOP = 50,
    FRONTIER_HEIGHT = 260,
    TIME_TOP = 380,
    TIME_HEIGHT = 130
};

static const char style[] =
    "<style>text{font:13px system-ui,sans-serif;fill:#222}.dim{fill:#666}.axis{stroke:#999;fill:none}.dot{fill:#9aa7b4}"
    ".front{fill:none;stroke:#2563a8;stroke-width:2}.on{fill:#2563a8}.today{fill:#b45309}.best{fill:#15803d}"
    ".queue{fill:none;stroke:#b91c1c;stroke-width:1.2}.busy{fill:#2563a8}.idle{fill:#c9d6e3}.start{fill:#b45309}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.dim{fill:#aaa}.front{stroke:#7cb4ee}.on{fill:#7cb4ee}.today{"
    "fill:#f0a35e}"
    ".best{fill:#6fd08c}.busy{fill:#7cb4ee}.idle{fill:#3d4b59}.start{fill:#f0a35e}}</style>\n";

struct scale {
    double low, high, from, to; /* values and pixels; logarithmic */
};

static double place(const struct scale *scale, double value)
{
    double share = (log(value) - log(scale->low)) / (log(scale->high) - log(scale->low));
    return scale->from + share * (scale->to - scale->from);
}

static void widen(struct scale *scale, double value)
{
    if (!(value > 0))
        return;
    scale->low = fmin(scale->low, value);
    scale->high = fmax(scale->high, value);
}

static double latency_of(const struct plan_report *report, const struct result *result)
{
    return fmax(metric_value(objective_latency(&report->question->objective), result), 1e-9);
}

static void add_dot(const struct plan_report *report, struct buf *out, const struct scale *x, const struct scale *y,
                    const struct result *result, const char *class, double radius, const char *label)
{
    if (result->overloaded || !(result->usd_per_month > 0))
        return;
    double px = place(x, result->usd_per_month), py = place(y, latency_of(report, result));
    struct buf title = {0};
    units_add_usd(&title, result->usd_per_month);
    buf_add(&title, STR("/month, "));
    units_add_duration(&title, latency_of(report, result));
    buf_addf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>%s</title></circle>\n", class, px, py,
             radius, buf_cstr(&title));
    if (label)
        buf_addf(out, "<text x=\"%.1f\" y=\"%.1f\">%s: %s</text>\n", fmin(px + 9, WIDTH - 210), py - 8, label,
                 buf_cstr(&title));
    buf_release(&title);
}

static void add_axis_labels(const struct plan_report *report, struct buf *out, const struct scale *x,
                            const struct scale *y)
{
    struct buf low = {0}, high = {0};
    units_add_usd(&low, x->low);
    units_add_usd(&high, x->high);
    buf_addf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", PANEL_LEFT, FRONTIER_TOP,
             FRONTIER_TOP + FRONTIER_HEIGHT, PANEL_LEFT + PANEL_WIDTH);
    buf_addf(out,
             "<text class=\"dim\" x=\"%d\" y=\"%d\">%s a month</text><text class=\"dim\" x=\"%d\" y=\"%d\" "
             "text-anchor=\"end\">%s a month</text>\n",
             PANEL_LEFT, FRONTIER_TOP + FRONTIER_HEIGHT + 18, buf_cstr(&low), PANEL_LEFT + PANEL_WIDTH,
             FRONTIER_TOP + FRONTIER_HEIGHT + 18, buf_cstr(&high));
    buf_reset(&low);
    buf_reset(&high);
    units_add_duration(&low, y->low);
    units_add_duration(&high, y->high);
    buf_addf(out,
             "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><text class=\"dim\" x=\"%d\" y=\"%d\" "
             "text-anchor=\"end\">%s</text>\n",
             PANEL_LEFT - 6, FRONTIER_TOP + FRONTIER_HEIGHT, buf_cstr(&low), PANEL_LEFT - 6, FRONTIER_TOP + 12,
             buf_cstr(&high));
    buf_addf(out, "<text x=\"%d\" y=\"%d\">Cost against %s, logarithmic</text>\n", PANEL_LEFT, FRONTIER_TOP - 16,
             objective_latency(&report->question->objective)->name);
    buf_release(&low);
    buf_release(&high);
}

static void add_frontier(const struct plan_report *report, struct buf *out)
{
    const struct plan *plan = report->plan;
    struct scale x = {HUGE_VAL, 0, PANEL_LEFT + 20, PANEL_LEFT + PANEL_WIDTH - 20};
    struct scale y = {HUGE_VAL, 0, FRONTIER_TOP + FRONTIER_HEIGHT - 15, FRONTIER_TOP + 25};
    const struct result *base = &plan->baseline;
    widen(&x, base->usd_per_month);
    if (!base->overloaded)
        widen(&y, latency_of(report, base));
    for (size_t i = 0; i < plan->searched.found.len; i++) {
        const struct result *result = &plan->searched.found.items[i].result;
        if (result->overloaded)
            continue;
        widen(&x, result->usd_per_month);
        widen(&y, latency_of(report, result));
    }
    if (!(x.high > 0) || !(y.high > 0))
        return;
    x.high = fmax(x.high, x.low * 1.01);
    y.high = fmax(y.high, y.low * 1.01);
    add_axis_labels(report, out, &x, &y);
    for (size_t i = 0; i < plan->searched.found.len && i < 5000; i++)
        add_dot(report, out, &x, &y, &plan->searched.found.items[i].result, "dot", 2.5, NULL);
    if (plan->n_frontier > 1) {
        buf_add(out, STR("<path class=\"front\" d=\""));
        for (size_t i = 0; i < plan->n_frontier; i++)
            buf_addf(out, "%s%.1f %.1f", i ? "L" : "M", place(&x, fmax(plan->frontier[i]->result.usd_per_month, x.low)),
                     place(&y, latency_of(report, &plan->frontier[i]->result)));
        buf_add(out, STR("\"/>\n"));
    }
    for (size_t i = 0; i < plan->n_frontier; i++)
        add_dot(report, out, &x, &y, &plan->frontier[i]->result, "on", 3.5, NULL);
    add_dot(report, out, &x, &y, base, "today", 5.5, "today");
    if (plan->best)
        add_dot(report, out, &x, &y, &plan->best->result, "best", 5.5, plan->meets ? "best" : "nearest");
}

/* A line of how many waited, on a scale of its own that its label names. */
static void add_queue(struct buf *out, const struct series *series, int top)
{
    double most = 0, width = (double)PANEL_WIDTH / SERIES_BINS;
    for (size_t i = 0; i < SERIES_BINS; i++)
        most = fmax(most, series->waiting[i]);
    if (most < 1)
        return;
    buf_add(out, STR("<path class=\"queue\" d=\""));
    for (size_t i = 0; i < SERIES_BINS; i++)
        buf_addf(out, "%s%.1f %.1f", i ? "L" : "M", PANEL_LEFT + ((double)i + 0.5) * width,
                 top + TIME_HEIGHT - series->waiting[i] / most * TIME_HEIGHT);
    buf_addf(out, "\"/>\n<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">line: queue, up to %.0f</text>\n",
             PANEL_LEFT + PANEL_WIDTH, top - 8, most);
}

/* Stacked bars over time. */
static void add_series(struct buf *out, const char *label, const struct series *series, double most, int top)
{
    if (series->bin_s <= 0 || most <= 0)
        return;
    double width = (double)PANEL_WIDTH / SERIES_BINS;
    double own = 0; /* `most` is the scale that both pictures have */
    for (size_t i = 0; i < SERIES_BINS; i++)
        own = fmax(own, series->starting[i] + series->busy[i] + series->idle[i]);
    buf_addf(out,
             "<text x=\"%d\" y=\"%d\">Containers over time, %s: up to %.3g  <tspan class=\"busy\">■</tspan> calling "
             "<tspan class=\"start\">■</tspan> starting <tspan class=\"idle\">■</tspan> idle</text>\n",
             PANEL_LEFT, top - 8, label, own);
    const double *parts[] = {series->busy, series->starting, series->idle};
    const char *const classes[] = {"busy", "start", "idle"};
    for (int part = 0; part < 3; part++) {
        buf_addf(out, "<path class=\"%s\" d=\"", classes[part]);
        for (size_t i = 0; i < SERIES_BINS; i++) {
            double below = 0;
            for (int k = 0; k < part; k++)
                below += parts[k][i];
            double height = parts[part][i] / most * TIME_HEIGHT,
                   bottom = top + TIME_HEIGHT - below / most * TIME_HEIGHT;
            if (height > 0.05)
                buf_addf(out, "M%.1f %.1fh%.1fv-%.1fh-%.1fz", PANEL_LEFT + (double)i * width, bottom, width, height,
                         width);
        }
        buf_add(out, STR("\"/>\n"));
    }
    add_queue(out, series, top);
    buf_addf(out, "<path class=\"axis\" d=\"M%d %dH%d\"/>\n", PANEL_LEFT, top + TIME_HEIGHT, PANEL_LEFT + PANEL_WIDTH);
}

static double most_of(const struct series *series)
{
    double most = 0;
    for (size_t i = 0; i < SERIES_BINS && series->bin_s > 0; i++)
        most = fmax(most, series->starting[i] + series->busy[i] + series->idle[i]);
    return most;
}

static void add_split(struct buf *out, const char *label, const struct result *result, int top)
{
    double parts[] = {result->busy_usd, result->start_usd, result->idle_usd}, all = parts[0] + parts[1] + parts[2],
           x = PANEL_LEFT;
    const char *const classes[] = {"busy", "start", "idle"};
    if (!(all > 0))
        return;
    for (int i = 0; i < 3; i++) {
        double width = parts[i] / all * PANEL_WIDTH;
        buf_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"16\"/>\n", classes[i], x, top,
                 width);
        x += width;
    }
    buf_addf(out, "<text class=\"dim\" x=\"%d\" y=\"%d\">%s: calls %.0f %%, start-up %.0f %%, idle %.0f %%</text>\n",
             PANEL_LEFT, top + 31, label, parts[0] / all * 100, parts[1] / all * 100, parts[2] / all * 100);
}

void plan_report_svg(const struct plan_report *report, struct buf *out)
{
    const struct plan *plan = report->plan;
    bool has_best = report->best_series.bin_s > 0;
    int split_top = TIME_TOP + (has_best ? 2 : 1) * (TIME_HEIGHT + 40) - 10,
        height = split_top + (plan->best ? 120 : 70);
    buf_addf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n"
        "<title>Cost against latency of the settings that were simulated</title>\n",
        WIDTH, height, WIDTH, height);
    buf_add(out, str_of(style));
    add_frontier(report, out);
    double most = fmax(most_of(&report->baseline_series), most_of(&report->best_series));
    add_series(out, "today", &report->baseline_series, most, TIME_TOP);
    add_series(out, plan->meets ? "best" : "nearest", &report->best_series, most, TIME_TOP + TIME_HEIGHT + 40);
    buf_addf(out, "<text x=\"%d\" y=\"%d\">Where the money goes</text>\n", PANEL_LEFT, split_top);
    add_split(out, "today", &plan->baseline, split_top + 10);
    if (plan->best)
        add_split(out, plan->meets ? "best" : "nearest", &plan->best->result, split_top + 55);
    buf_add(out, STR("</svg>\n"));
}
