/* The plan as people read it: the traffic, the model, a table of settings, what to change, and how sure that is. */
#include "present/plan_report.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "recommend/scaling.h"
#include "simulate/policy.h"

/* --- traffic and model --- */

/* A line of eight heights; the highest is `most`. */
static struct str spark(struct document *document, const double *values, size_t n, double most)
{
    static const char *const heights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    struct buf text = {0};
    for (size_t i = 0; i < n; i++) {
        double share_of = most > 0 ? values[i] / most : 0;
        int height = values[i] <= 0 ? 0 : (int)ceil(share_of * 8);
        buf_addf(&text, "%s", heights[height > 8 ? 8 : height]);
    }
    struct str line = arena_copy(document->arena, buf_str(&text));
    buf_release(&text);
    return line;
}

/* The shape of the day, hour by hour from the first request on. */
static void add_day(struct document *document, struct section *section, const struct traffic *traffic)
{
    double most = 0, least = 1;
    for (int i = 0; i < 24; i++) {
        most = fmax(most, traffic->hours[i]);
        least = fmin(least, traffic->hours[i]);
    }
    if (most * 24 > 1.3) /* a flat day is no news */
        section_line(
            document, section, true, STYLE_PLAIN,
            "day    %.*s  by hours from the first request; the busiest has %.2g times the mean, the quietest %.2g",
            STR_ARG(spark(document, traffic->hours, 24, most)), most * 24, least * 24);
}

static void add_traffic(const struct plan_report *report, struct document *document)
{
    const struct traffic *traffic = &report->plan->traffic;
    struct section *section = document_section(document, "Traffic");
    struct buf rate = {0};
    units_add_frequency(&rate, traffic->rate);
    section_head(document, section, STYLE_ANSWER, "%.*s request%s in %.*s: %s, busiest second %.*s, %s (CV %.1f)",
                 STR_ARG(document_count(document, traffic->requests)), traffic->requests == 1 ? "" : "s",
                 STR_ARG(document_duration(document, traffic->span_s)), buf_cstr(&rate),
                 STR_ARG(document_count(document, (uint64_t)traffic->peak_per_s)), traffic_word(traffic), traffic->cv);
    section_line(document, section, true, STYLE_DETAIL, "%.*s", STR_ARG(report->source));
    buf_release(&rate);
    if (traffic->dispersion > 1.5)
        section_line(document, section, true, STYLE_PLAIN,
                     "counts a minute vary %.3g times as much as by chance, up to %.*s", traffic->dispersion,
                     STR_ARG(document_count(document, (uint64_t)traffic->peak_per_minute)));
    add_day(document, section, traffic);
}

static void add_model(const struct plan_report *report, struct document *document)
{
    struct section *section = document_section(document, "Model");
    section_head(document, section, STYLE_PLAIN, "%.*s", STR_ARG(report->model));
    section_line(document, section, true, STYLE_DETAIL, "%.*s; policy %s", STR_ARG(report->basis),
                 report->plan->baseline.settings.policy->name);
    for (size_t i = 0; i < report->n_notes; i++)
        section_line(document, section, true, STYLE_INVESTIGATE, "Note: %.*s", STR_ARG(report->notes[i]));
}

/* --- the table --- */

/* A column of settings, shown where it is asked for or where the rows differ. */
static const struct {
    const char *key, *title;
    bool always;
} setting_columns[] = {
    {"gpu", "GPU", false},
    {"min_containers", "min", true},
    {"max_containers", "max", false},
    {"buffer_containers", "buffer", false},
    {"scaledown_window", "window", true},
    {"max_inputs", "inputs", false},
    {"target_inputs", "target", false},
    {"max_batch_size", "batch", false},
    {"wait_ms", "wait ms", false},
    {"enable_memory_snapshot", "snapshot", false},
};

enum { SETTING_COLUMNS = sizeof(setting_columns) / sizeof(setting_columns[0]), FIGURES = 7 };

struct rows {
    const char *labels[4];
    const struct result *results[4];
    size_t n;
    bool shown[SETTING_COLUMNS];
    const struct metric *latency;
};

static void add_row(struct rows *rows, const char *label, const struct searched *searched)
{
    if (!searched)
        return;
    rows->labels[rows->n] = label;
    rows->results[rows->n++] = &searched->result;
}

static bool is_searched(const struct plan_report *report, const char *key)
{
    for (size_t i = 0; i < report->question->n_axes; i++) {
        if (str_equals(report->question->axes[i].key, str_of(key)))
            return true;
    }
    return false;
}

static void choose_columns(const struct plan_report *report, struct rows *rows)
{
    struct settings plain = settings_default();
    for (size_t i = 0; i < SETTING_COLUMNS; i++) {
        rows->shown[i] = setting_columns[i].always || is_searched(report, setting_columns[i].key) ||
                         settings_differ(&plain, &rows->results[0]->settings, setting_columns[i].key);
    }
}

static void add_setting(struct document *document, struct table *table, const struct settings *settings,
                        const char *key)
{
    struct buf text = {0};
    if (strcmp(key, "scaledown_window") == 0)
        buf_addf(&text, "%.0f s", settings->scaledown_window.mean);
    else
        settings_print_one(settings, str_of(key), &text);
    struct str value = buf_str(&text);
    bool off = str_equals(value, STR("none")) ||
               (strcmp(key, "max_batch_size") == 0 && settings->max_batch_size == 1) ||
               (strcmp(key, "max_containers") == 0 && settings->max_containers == CONTAINERS_MOST);
    table_add_str(document, table, STYLE_PLAIN, off ? STR("-") : arena_copy(document->arena, value));
    buf_release(&text);
}

static struct str share(struct document *document, double fraction)
{
    if (fraction > 0 && fraction < 0.001)
        return STR("<0.1 %");
    return arena_printf(document->arena, "%.1f %%", fraction * 100);
}

/* "-30 %, meets it", "misses p99 < 2 s". */
static void add_verdict(const struct plan_report *report, struct document *document, struct table *table,
                        const struct result *result, bool is_best)
{
    const struct objective *objective = &report->question->objective;
    struct buf text = {0};
    bool met = objective_meets(objective, result);
    double base = report->plan->baseline.usd_per_month;
    if (is_best && base > 0) {
        double change = (result->usd_per_month - base) / base * 100;
        if (fabs(change) >= 0.5)
            buf_addf(&text, "%+.0f %%%s", change, objective->n ? ", " : "");
    }
    if (result->overloaded) {
        buf_addf(&text, "overloaded: needs %.0f containers", result->needs_containers);
    } else if (met && objective->n) {
        buf_addf(&text, "meets %s", objective->n == 1 ? "it" : "all");
    } else if (!met) {
        buf_add(&text, STR("misses "));
        bool first = true;
        for (size_t i = 0; i < objective->n; i++) {
            struct objective one = {.slos = {objective->slos[i]}, .n = 1};
            if (objective_meets(&one, result))
                continue;
            buf_add(&text, first ? STR("") : STR(", "));
            slo_print(&objective->slos[i], &text);
            first = false;
        }
    }
    table_add(document, table, met ? STYLE_GOOD : STYLE_INVESTIGATE, "%s", buf_cstr(&text));
    buf_release(&text);
}

static void add_latency(struct document *document, struct table *table, const struct result *result, double value)
{
    table_add_str(document, table, STYLE_PLAIN, result->overloaded ? STR("-") : document_duration(document, value));
}

static void fill_row(const struct plan_report *report, struct document *document, struct table *table,
                     const struct rows *rows, size_t i)
{
    const struct result *result = rows->results[i];
    table_add(document, table, STYLE_ANSWER, "%s", rows->labels[i]);
    for (size_t k = 0; k < SETTING_COLUMNS; k++) {
        if (rows->shown[k])
            add_setting(document, table, &result->settings, setting_columns[k].key);
    }
    table_add(document, table, STYLE_DETAIL, "|");
    add_latency(document, table, result, result->p50);
    add_latency(document, table, result, metric_value(rows->latency, result));
    table_add_str(document, table, STYLE_PLAIN, share(document, result->cold));
    table_add_str(document, table, STYLE_PLAIN, share(document, result->waited));
    struct str money = document_usd(document, result->usd_per_month);
    table_add_str(document, table, STYLE_ANSWER, str_slice(money, 1, money.len));
    add_verdict(report, document, table, result, i == 1);
    table_end_row(document, table);
}

static void add_table(const struct plan_report *report, struct document *document)
{
    const struct plan *plan = report->plan;
    struct rows rows = {.labels = {"today"}, .results = {&plan->baseline}, .n = 1};
    rows.latency = objective_latency(&report->question->objective);
    if (strcmp(rows.latency->name, "p50") == 0)
        rows.latency = metric_find(STR("p99"));
    add_row(&rows, plan->meets ? "best" : "nearest", plan->best);
    add_row(&rows, "cheapest", plan->cheapest);
    add_row(&rows, "fastest", plan->fastest);
    choose_columns(report, &rows);
    struct column *columns = arena_array(document->arena, struct column, SETTING_COLUMNS + 2 + FIGURES);
    size_t n = 0;
    columns[n++] = (struct column){"", COLUMN_LEFT, 0};
    for (size_t i = 0; i < SETTING_COLUMNS; i++) {
        if (rows.shown[i])
            columns[n++] = (struct column){setting_columns[i].title, COLUMN_RIGHT, 0};
    }
    const struct column figures[] = {
        {"|", COLUMN_RIGHT, 0, 0},    {"p50", COLUMN_RIGHT, 0, 1},    {rows.latency->name, COLUMN_RIGHT, 0, 0},
        {"cold", COLUMN_RIGHT, 0, 2}, {"waited", COLUMN_RIGHT, 0, 3}, {"$/month", COLUMN_RIGHT, 0, 0}};
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        columns[n++] = figures[i];
    columns[n++] = (struct column){"", COLUMN_LEFT, 0};
    struct section *section = document_section(document, "");
    struct table *table = section_table(document, section, false, columns, n);
    table->show_titles = true;
    for (size_t i = 0; i < rows.n; i++)
        fill_row(report, document, table, &rows, i);
}

/* --- charts --- */

enum { SPARK = SERIES_BINS / 2 };

static void add_curve(struct document *document, struct section *section, const char *label,
                      const struct series *series, double most)
{
    double containers[SPARK], top = 0, waiting = 0;
    if (series->bin_s <= 0)
        return;
    for (size_t i = 0; i < SPARK; i++) {
        containers[i] = 0;
        for (size_t k = 2 * i; k < 2 * i + 2; k++) {
            double here = series->starting[k] + series->busy[k] + series->idle[k];
            containers[i] = fmax(containers[i], here);
            waiting = fmax(waiting, series->waiting[k]);
        }
        top = fmax(top, containers[i]);
    }
    section_line(document, section, true, STYLE_PLAIN, "%-7s %.*s  up to %.3g, queue up to %.0f", label,
                 STR_ARG(spark(document, containers, SPARK, most)), top, waiting);
}

static double most_containers(const struct series *series)
{
    double most = 0;
    for (size_t i = 0; i < SERIES_BINS && series->bin_s > 0; i++)
        most = fmax(most, series->starting[i] + series->busy[i] + series->idle[i]);
    return most;
}

/* The most that waited in each part of the time. */
static void add_queue(struct document *document, struct section *section, const char *label,
                      const struct series *series, double most)
{
    double waiting[SPARK];
    for (size_t i = 0; i < SPARK; i++)
        waiting[i] = fmax(series->waiting[2 * i], series->waiting[2 * i + 1]);
    if (series->bin_s > 0 && most >= 1)
        section_line(document, section, true, STYLE_PLAIN, "%-7s %.*s", label,
                     STR_ARG(spark(document, waiting, SPARK, most)));
}

static double most_waiting(const struct series *series)
{
    double most = 0;
    for (size_t i = 0; i < SERIES_BINS && series->bin_s > 0; i++)
        most = fmax(most, series->waiting[i]);
    return most;
}

static void add_charts(const struct plan_report *report, struct document *document)
{
    if (report->baseline_series.bin_s <= 0)
        return;
    double most = fmax(most_containers(&report->baseline_series), most_containers(&report->best_series));
    struct section *section = document_section(document, "Containers");
    add_curve(document, section, "today", &report->baseline_series, most);
    const char *best = report->plan->meets ? "best" : "nearest";
    add_curve(document, section, best, &report->best_series, most);
    most = fmax(most_waiting(&report->baseline_series), most_waiting(&report->best_series));
    if (most < 1)
        return;
    section = document_section(document, "Queue");
    add_queue(document, section, "today", &report->baseline_series, most);
    add_queue(document, section, best, &report->best_series, most);
}

static void add_parts(struct document *document, struct section *section, const char *label,
                      const struct result *result)
{
    double all = result->start_usd + result->busy_usd + result->idle_usd;
    if (all <= 0)
        return;
    section_line(document, section, true, STYLE_PLAIN,
                 "%-7s start-up %.*s, calls %.*s, idle %.*s; %.*s in use on average", label,
                 STR_ARG(document_share(document, result->start_usd / all)),
                 STR_ARG(document_share(document, result->busy_usd / all)),
                 STR_ARG(document_share(document, result->idle_usd / all)),
                 STR_ARG(arena_printf(document->arena, "%.3g containers", result->mean_containers)));
}

static void add_money(const struct plan_report *report, struct document *document)
{
    struct section *section = document_section(document, "Money");
    const struct result *base = &report->plan->baseline;
    section_head(document, section, STYLE_PLAIN, "%.*s for this traffic today, %.*s per 1,000 requests",
                 STR_ARG(document_usd(document, base->cost_usd)), STR_ARG(document_usd(document, base->cost_per_1k)));
    add_parts(document, section, "today", base);
    if (report->plan->best)
        add_parts(document, section, report->plan->meets ? "best" : "nearest", &report->plan->best->result);
}

/* Where the mean latency comes from. */
static void add_waits(struct document *document, struct section *section, const char *label,
                      const struct result *result)
{
    if (result->overloaded)
        return;
    struct buf text = {0};
    const struct {
        const char *name;
        double seconds;
    } parts[] = {
        {"queue", result->queue_s}, {"cold start", result->cold_wait_s}, {"batch filling", result->batch_wait_s}};
    buf_add(&text, STR("call "));
    units_add_duration(&text, result->service_s);
    for (int i = 0; i < 3; i++) {
        if (parts[i].seconds < 0.0005)
            continue;
        buf_addf(&text, ", %s ", parts[i].name);
        units_add_duration(&text, parts[i].seconds);
    }
    section_line(document, section, true, STYLE_PLAIN, "%-7s %.*s mean: %s", label,
                 STR_ARG(document_duration(document, result->mean)), buf_cstr(&text));
    buf_release(&text);
}

static void add_latencies(const struct plan_report *report, struct document *document)
{
    struct section *section = document_section(document, "Latency");
    add_waits(document, section, "today", &report->plan->baseline);
    if (report->plan->best)
        add_waits(document, section, report->plan->meets ? "best" : "nearest", &report->plan->best->result);
}

/* --- how sure --- */

static struct str outcome_words(const struct plan_report *report, struct document *document,
                                const struct result *result)
{
    const struct metric *latency = objective_latency(&report->question->objective);
    struct buf text = {0};
    if (result->overloaded) {
        buf_addf(&text, "overloaded, needs %.0f containers", result->needs_containers);
    } else {
        buf_addf(&text, "%s ", latency->name);
        metric_print(latency, metric_value(latency, result), &text);
        buf_add(&text, STR(", "));
        units_add_usd(&text, result->usd_per_month);
        buf_add(&text, STR("/month"));
        if (report->question->objective.n)
            buf_addf(&text, "%s", objective_meets(&report->question->objective, result) ? "" : ", misses the promise");
    }
    struct str words = arena_copy(document->arena, buf_str(&text));
    buf_release(&text);
    return words;
}

static void add_doubts(const struct plan_report *report, struct document *document, struct section *section)
{
    const struct plan *plan = report->plan;
    if (plan->has_holdout)
        section_line(document, section, false, STYLE_PLAIN, "On the part of the trace it was not tuned on: %.*s%s.",
                     STR_ARG(outcome_words(report, document, &plan->holdout)),
                     plan->holdout_is_best ? "" : " (the first part alone would choose another setting)");
    if (plan->has_doubled)
        section_line(document, section, false, STYLE_PLAIN, "At twice the load: %.*s.",
                     STR_ARG(outcome_words(report, document, &plan->doubled)));
    struct buf text = {0};
    buf_addf(&text, "%llu of %llu settings simulated in ", (unsigned long long)plan->searched.evaluated,
             (unsigned long long)plan->searched.grid);
    units_add_duration(&text, report->took_s);
    buf_addf(&text, "%s.", plan->searched.proven ? "" : "; the best is not proven (--exhaustive tries all)");
    if (isfinite(plan->bound_usd_per_month)) {
        buf_add(&text, STR(" Lowest cost any policy could reach: "));
        units_add_usd(&text, plan->bound_usd_per_month);
        buf_add(&text, STR("/month."));
    }
    section_line(document, section, false, STYLE_PLAIN, "%s", buf_cstr(&text));
    buf_release(&text);
}

/* How near the nearest setting came, and what is in the way. */
static void add_infeasible(const struct plan_report *report, struct document *document, struct section *section)
{
    const struct result *nearest = &report->plan->best->result;
    const struct objective *objective = &report->question->objective;
    for (size_t i = 0; i < objective->n; i++) {
        struct objective one = {.slos = {objective->slos[i]}, .n = 1};
        if (objective_meets(&one, nearest) || nearest->overloaded)
            continue;
        struct buf text = {0};
        const struct metric *metric = objective->slos[i].metric;
        slo_print(&objective->slos[i], &text);
        buf_addf(&text, " is out of reach of these settings: the nearest has %s ", metric->name);
        metric_print(metric, metric_value(metric, nearest), &text);
        if (metric->unit == METRIC_SECONDS && nearest->service_s > objective->slos[i].limit)
            buf_add(&text, STR("; a call alone takes longer on average"));
        else if (metric->unit == METRIC_SECONDS && nearest->cold_wait_s > nearest->queue_s)
            buf_add(
                &text,
                STR("; most of the waiting is for cold starts: a larger min or buffer, or a faster start, would help"));
        else if (metric->unit == METRIC_SECONDS)
            buf_add(&text,
                    STR("; most of the waiting is in the queue: a larger max, or more inputs at once, would help"));
        section_line(document, section, false, STYLE_INVESTIGATE, "%s.", buf_cstr(&text));
        buf_release(&text);
    }
}

static void add_conclusion(const struct plan_report *report, struct document *document)
{
    const struct plan *plan = report->plan;
    struct section *section = document_section(document, "");
    if (!plan->meets)
        add_infeasible(report, document, section);
    add_doubts(report, document, section);
    struct str change = scaling_change(report->arena, &plan->baseline.settings, &plan->best->result.settings,
                                       report->is_method);
    section = document_section(document, "");
    if (change.len == 0)
        section_line(document, section, false, STYLE_ANSWER,
                     "Nothing to change: today's settings are the best of these.");
    else if (!plan->is_worth_it)
        section_line(document, section, false, STYLE_ANSWER,
                     "Nothing to change: no setting is better by more than its noise.");
    else
        section_line(document, section, false, STYLE_ANSWER, "%s: %.*s", plan->meets ? "Change" : "Nearest",
                     STR_ARG(change));
}

static struct str brief_words(const struct plan_report *report, struct document *document, const struct result *result)
{
    struct str words = outcome_words(report, document, result);
    return arena_printf(document->arena, "%.*s, %.*s cold", STR_ARG(words), STR_ARG(share(document, result->cold)));
}

void plan_report_brief(const struct plan_report *report, const char *command, struct document *document)
{
    const struct plan *plan = report->plan;
    struct section *section = document_section(document, "Traffic");
    section_head(document, section, STYLE_PLAIN, "%.*s calls in %.*s, busiest second %.0f, %s: %.*s",
                 STR_ARG(document_count(document, plan->traffic.requests)),
                 STR_ARG(document_duration(document, plan->traffic.span_s)), plan->traffic.peak_per_s,
                 traffic_word(&plan->traffic), STR_ARG(report->source));
    section_line(document, section, true, STYLE_PLAIN, "today's settings: %.*s",
                 STR_ARG(brief_words(report, document, &plan->baseline)));
    struct str change = STR("");
    if (plan->best && plan->meets && plan->is_worth_it)
        change = scaling_change(report->arena, &plan->baseline.settings, &plan->best->result.settings,
                                report->is_method);
    if (change.len)
        section_line(document, section, true, STYLE_ANSWER, "%.*s: %.*s  (simulated)", STR_ARG(change),
                     STR_ARG(brief_words(report, document, &plan->best->result)));
    else if (plan->best)
        section_line(document, section, true, STYLE_PLAIN, "%s",
                     plan->meets ? "no other minimum, buffer or window is better (simulated)"
                                 : "no minimum, buffer or window keeps the promise (simulated)");
    section_line(document, section, true, STYLE_DETAIL, "%s", command);
}

static void add_overload(const struct plan_report *report, struct document *document)
{
    const struct result *base = &report->plan->baseline;
    if (!base->overloaded)
        return;
    struct section *section = document_section(document, "");
    section_line(document, section, false, STYLE_INVESTIGATE,
                 "Today's settings are overloaded: more work arrives than %u container%s can do, the queue only grows, "
                 "and there is no "
                 "latency to tell. At least %.0f would be busy all the time.",
                 base->settings.max_containers, base->settings.max_containers == 1 ? "" : "s", base->needs_containers);
}

void plan_report_document(const struct plan_report *report, struct document *document)
{
    add_traffic(report, document);
    add_model(report, document);
    add_table(report, document);
    add_overload(report, document);
    if (!report->plan->baseline.overloaded || report->plan->best)
        add_latencies(report, document);
    add_charts(report, document);
    add_money(report, document);
    if (report->plan->best) {
        add_conclusion(report, document);
        return;
    }
    if (isfinite(report->plan->bound_usd_per_month)) {
        struct section *section = document_section(document, "");
        section_line(document, section, false, STYLE_PLAIN, "Lowest cost any policy could reach: %.*s/month.",
                     STR_ARG(document_usd(document, report->plan->bound_usd_per_month)));
    }
}
