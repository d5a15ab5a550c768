/* `coldspot plan --fit LOG...`: what a platform does with idle containers, from logs that mark cold starts. */
#include "base/jsonw.h"
#include "cmd/plan.h"
#include "simulate/fit.h"

enum { LOGS_MOST = 64 };

static int open_logs(const struct plan_args *args, struct trace **traces, struct fit_log *logs, struct err *err)
{
    struct trace_options options = {.columns = args->columns, .only = args->only};
    if (args->logs.len > LOGS_MOST)
        return err_set(err, ERR_USAGE, "--fit: at most %d logs", LOGS_MOST);
    for (size_t i = 0; i < args->logs.len; i++) {
        const char *path = args->logs.items[i];
        int rc = trace_open(path, &options, &traces[i], err);
        if (rc)
            return rc;
        struct trace_arrays arrays;
        if (!trace_arrays(traces[i], &arrays) || !arrays.cold || !arrays.services) {
            err_set(err, ERR_INPUT, "'%s' does not say which requests were cold and how long each took", path);
            return err_hint(err, "--columns time=A,service=B,cold=C[,container=D]");
        }
        logs[i] = (struct fit_log){
            path, arrays.times, arrays.services, arrays.cold, arrays.containers, arrays.n_containers, arrays.n};
    }
    return 0;
}

static void write_time(struct jsonw *json, const char *key, const struct fit_time *time)
{
    if (time->mean_s <= 0) {
        jsonw_key_null(json, key);
        return;
    }
    jsonw_key_object(json, key);
    jsonw_key_f64(json, "mean_s", time->mean_s);
    jsonw_key_f64(json, "sd_s", time->mean_s * time->spread);
    jsonw_end(json);
}

static void write_guess(struct jsonw *json, const struct fit_guess *guess)
{
    write_time(json, "scaledown_window", &guess->window);
    write_time(json, "surplus_window", &guess->surplus);
    write_time(json, "lifetime", &guess->lifetime);
    jsonw_key_string(json, "dispatch", guess->dispatch == DISPATCH_NEWEST ? STR("newest") : STR("oldest"));
}

static void write_score(struct jsonw *json, const char *log, const struct fit_score *score)
{
    jsonw_key_string(json, "log", str_of(log));
    jsonw_key_f64(json, "cold_observed", score->observed);
    jsonw_key_f64(json, "cold_predicted", score->predicted);
    jsonw_key_f64(json, "cold_sd", score->spread);
    jsonw_key_f64(json, "p50_observed_s", score->observed_latency_s[0]);
    jsonw_key_f64(json, "p50_predicted_s", score->latency_s[0]);
    jsonw_key_f64(json, "p99_observed_s", score->observed_latency_s[1]);
    jsonw_key_f64(json, "p99_predicted_s", score->latency_s[1]);
}

static void print_time(struct document *document, struct table *table, const char *name, const struct fit_time *time)
{
    if (time->mean_s <= 0)
        return;
    table_add(document, table, STYLE_PLAIN, "%s", name);
    table_add_str(document, table, STYLE_ANSWER, document_duration(document, time->mean_s));
    table_add(document, table, STYLE_DETAIL, "sd %.0f s", time->mean_s * time->spread);
}

static const struct column time_columns[] = {{"", COLUMN_LEFT, 0}, {"", COLUMN_RIGHT, 0}, {"", COLUMN_RIGHT, 0}};

static const struct column score_columns[] = {
    {"log", COLUMN_LEFT, 40},       {"cold", COLUMN_RIGHT, 0},      {"predicted", COLUMN_RIGHT, 0},
    {"by chance", COLUMN_RIGHT, 0}, {"p50", COLUMN_RIGHT, 0},       {"predicted", COLUMN_RIGHT, 0},
    {"p99", COLUMN_RIGHT, 0},       {"predicted", COLUMN_RIGHT, 0},
};

static void add_score(struct document *document, struct table *table, const char *log, const struct fit_score *score)
{
    struct str path = path_base(str_of(log));
    table_add_str(document, table, STYLE_PLAIN, path);
    table_add(document, table, STYLE_PLAIN, "%.0f", score->observed);
    table_add(document, table, STYLE_ANSWER, "%.1f", score->predicted);
    table_add(document, table, STYLE_DETAIL, "+-%.1f", score->spread);
    for (int i = 0; i < 2; i++) {
        table_add_str(document, table, STYLE_PLAIN, document_duration(document, score->observed_latency_s[i]));
        table_add_str(document, table, STYLE_PLAIN, document_duration(document, score->latency_s[i]));
    }
}

static void print_fit(struct document *document, const struct fit *fit, const struct fit_log *logs, size_t n)
{
    struct section *section = document_section(document, "Fitted");
    section_head(document, section, STYLE_ANSWER, "%s idle container first",
                 fit->guess.dispatch == DISPATCH_NEWEST ? "newest" : "longest");
    section_head(document, section, STYLE_PLAIN, "from %zu idle periods in %zu log%s", fit->observations, n,
                 n == 1 ? "" : "s");
    struct table *times = section_table(document, section, false, time_columns, 3);
    print_time(document, times, "idle window", &fit->guess.window);
    print_time(document, times, "idle window with other containers alive", &fit->guess.surplus);
    print_time(document, times, "lifetime of a container", &fit->guess.lifetime);
    section = document_section(document, "Explains");
    section_head(document, section, STYLE_ANSWER, "cold starts within %.1f %%", fit->error * 100);
    section_head(document, section, STYLE_PLAIN, "chance alone would leave %.1f %%", fit->floor * 100);
    struct table *scores = section_table(document, section, false, score_columns, 8);
    scores->show_titles = true;
    for (size_t i = 0; i < n; i++)
        add_score(document, scores, logs[i].name, &fit->scores[i]);
}

static void print_leave_one_out(struct document *document, const struct fit *fits, const struct fit_log *logs, size_t n,
                                double error)
{
    struct section *section = document_section(document, "Left out");
    section_head(document, section, STYLE_ANSWER, "cold starts within %.1f %%", error * 100);
    section_head(document, section, STYLE_PLAIN, "each log predicted from the others alone");
    struct table *scores = section_table(document, section, false, score_columns, 8);
    scores->show_titles = true;
    for (size_t i = 0; i < n; i++)
        add_score(document, scores, logs[i].name, fits[i].scores);
}

static void print_use(struct document *document, const struct fit_guess *guess)
{
    struct settings settings = settings_default();
    struct buf text = {0};
    static const char *const keys[] = {"scaledown_window", "surplus_window", "lifetime", "dispatch"};
    fit_apply(guess, &settings);
    for (size_t i = 0; i < 4; i++) {
        buf_addf(&text, "%s%s=", i ? "," : "", keys[i]);
        settings_print_one(&settings, str_of(keys[i]), &text);
    }
    struct section *section = document_section(document, "");
    section_line(document, section, false, STYLE_PLAIN, "Use it: --set '%s'", buf_cstr(&text));
    buf_release(&text);
}

static int answer(struct cmd_call *call, const struct plan_args *args, const struct fit *fit, const struct fit *others,
                  const struct fit_log *logs, size_t n, struct err *err)
{
    struct document document;
    struct jsonw json;
    double error = 0;
    document_init(&document, call->arena);
    jsonw_init(&json, &document.json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_object(&json, "fit");
    write_guess(&json, &fit->guess);
    jsonw_key_f64(&json, "cold_error", fit->error);
    jsonw_key_f64(&json, "cold_error_by_chance", fit->floor);
    jsonw_key_array(&json, "logs");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(&json);
        write_score(&json, logs[i].name, &fit->scores[i]);
        jsonw_end(&json);
        error += others ? others[i].error / (double)n : 0;
    }
    jsonw_end(&json);
    jsonw_end(&json);
    print_fit(&document, fit, logs, n);
    if (others) {
        jsonw_key_object(&json, "leave_one_out");
        jsonw_key_f64(&json, "cold_error", error);
        jsonw_key_array(&json, "logs");
        for (size_t i = 0; i < n; i++) {
            jsonw_object(&json);
            write_score(&json, logs[i].name, others[i].scores);
            write_guess(&json, &others[i].guess);
            jsonw_end(&json);
        }
        jsonw_end(&json);
        jsonw_end(&json);
        print_leave_one_out(&document, others, logs, n, error);
    }
    jsonw_end(&json);
    print_use(&document, &fit->guess);
    int rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    return rc;
}

int plan_fit(struct cmd_call *call, const struct plan_args *args, struct err *err)
{
    struct trace *traces[LOGS_MOST] = {0};
    struct fit_log logs[LOGS_MOST] = {0};
    struct fit fit, others[LOGS_MOST];
    size_t n = args->logs.len;
    int rc = open_logs(args, traces, logs, err);
    if (!rc)
        rc = fit_logs(call->arena, logs, n, (uint64_t)args->seed, &fit, err);
    if (!rc && n > 1)
        rc = fit_leave_one_out(call->arena, logs, n, (uint64_t)args->seed, others, err);
    if (!rc)
        rc = answer(call, args, &fit, n > 1 ? others : NULL, logs, n, err);
    for (size_t i = 0; i < n && i < LOGS_MOST; i++)
        trace_close(traces[i]);
    return rc ? rc : EXIT_FINE;
}
