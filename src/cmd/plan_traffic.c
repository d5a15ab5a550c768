/* The requests of a plan: traces, a rate or so many a day, and what a log says of starts. */
#include "base/units.h"
#include "cmd/plan.h"
#include "simulate/fit.h"

enum { ENOUGH_REQUESTS = 400000 };

/* "8.5/s", "3/min", "100/h"; a bare number is a second's. */
static int parse_rate(const char *text, double *rate_out, struct err *err)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"s", 1},       {"sec", 1},  {"second", 1},  {"m", 60},    {"min", 60},
                 {"minute", 60}, {"h", 3600}, {"hour", 3600}, {"d", 86400}, {"day", 86400}};
    struct str rest = str_of(text), number;
    double rate;
    str_cut(&rest, '/', &number);
    double seconds = rest.ptr ? 0 : 1;
    for (size_t i = 0; rest.ptr && i < sizeof(units) / sizeof(units[0]); i++) {
        if (str_equals(str_trim(rest), str_of(units[i].unit)))
            seconds = units[i].seconds;
    }
    if (!str_to_f64(str_trim(number), &rate) || seconds == 0)
        return err_set(err, ERR_USAGE, "--rate takes requests a time, such as 8.5/s or 200/min, not '%s'", text);
    if (!(rate > 0) || rate > 1e9)
        return err_set(err, ERR_USAGE, "--rate must be above 0 and at most 1e9 a second, not %s", text);
    *rate_out = rate / seconds;
    return 0;
}

static int parse_span(const struct plan_args *args, struct generator *generator, struct err *err)
{
    if (args->span && (!units_parse_duration(str_of(args->span), &generator->span_s) || !(generator->span_s > 0) ||
                       generator->span_s > 366 * 86400.0))
        return err_set(err, ERR_USAGE, "--span takes a duration of at most a year, such as 1h, not '%s'", args->span);
    if (args->requests > 0 && generator->span_s > 0)
        return err_set(err, ERR_USAGE, "--requests and --span exclude each other");
    if (args->requests > 0)
        generator->requests = (uint64_t)args->requests;
    return 0;
}

/* "Poisson arrivals, 8.5/s", "Poisson arrivals, 20,000/day", "Poisson 5/s + daily 3/s arrivals". */
static struct str describe_generators(struct arena *arena, const struct plan_args *args,
                                      const struct workload *workload)
{
    struct buf text = {0};
    for (size_t i = 0; i < workload->n_parts; i++) {
        buf_addf(&text, "%s%s ", i ? " + " : "", generator_words(&workload->parts[i]));
        units_add_frequency(&text, workload->parts[i].rate);
    }
    if (workload->n_parts == 0)
        buf_addf(&text, "%s", generator_words(&workload->generator));
    buf_add(&text, STR(" arrivals"));
    if (!args->rate) {
        buf_add(&text, STR(", "));
        units_add_frequency_in(&text, args->per_day, "day");
    } else if (workload->n_parts == 0) {
        buf_add(&text, STR(", "));
        units_add_frequency(&text, workload->generator.rate);
    }
    struct str words = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return words;
}

/* What --arrivals says: one kind, or the parts of a mix. */
static int set_kind(struct arena *arena, const struct plan_args *args, struct workload *workload, struct err *err)
{
    struct generator *whole = &workload->generator;
    if (!args->arrivals) {
        if (args->cv >= 0 && args->cv != 1)
            whole->kind = GENERATE_GAMMA;
        return 0;
    }
    struct generator *parts = arena_array(arena, struct generator, GENERATORS_MOST);
    size_t n;
    int rc = generator_parse_mix(str_of(args->arrivals), whole, parts, &n, err);
    if (rc)
        return rc;
    if (n == 1) {
        *whole = parts[0];
    } else {
        workload->parts = parts;
        workload->n_parts = n;
    }
    return 0;
}

static int set_generator(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct workload *workload = &setup->question.workload;
    workload->generator = (struct generator){.kind = GENERATE_POISSON, .cv = args->cv >= 0 ? args->cv : 1};
    int rc = args->rate ? parse_rate(args->rate, &workload->generator.rate, err) : 0;
    if (!args->rate)
        workload->generator.rate = args->per_day / 86400;
    if (!rc)
        rc = parse_span(args, &workload->generator, err);
    if (!rc)
        rc = set_kind(call->arena, args, workload, err);
    if (rc)
        return rc;
    struct generator generator = workload->generator;
    if (generator.requests == 0 && generator.span_s == 0) {
        double most = ENOUGH_REQUESTS / generator.rate;
        if (!args->rate && most > 86400)
            generator.span_s = 86400;
        else
            generator.requests = ENOUGH_REQUESTS;
    }
    workload->generator = generator;
    setup->source = describe_generators(call->arena, args, workload);
    struct arrivals *trial;
    return workload_open(call->arena, workload, &trial, err);
}

/* Logs whose cold requests are marked: their service times hold the start, which is taken out and becomes the start-up time. */
static int separate_starts(struct arena *arena, struct trace *trace, struct plan_setup *setup, struct err *err)
{
    struct trace_arrays arrays;
    if (!trace_arrays(trace, &arrays) || !arrays.cold || !arrays.services)
        return 0;
    size_t n_cold = 0;
    for (size_t i = 0; i < arrays.n; i++)
        n_cold += arrays.cold[i];
    if (n_cold == 0 || n_cold == arrays.n)
        return 0;
    struct fit_log log = {"trace",           arrays.times,        arrays.services, arrays.cold,
                          arrays.containers, arrays.n_containers, arrays.n};
    struct fit_times times;
    int rc = fit_times(arena, &log, &times, err);
    if (rc)
        return rc;
    trace_set_services(trace, times.services);
    setup->question.model.cold = times.cold;
    setup->n_cold = times.cold.n;
    setup->has_cold = true;
    return 0;
}

static void note_unordered(struct arena *arena, struct plan_setup *setup, size_t n, const char *path)
{
    plan_note(arena, setup, "%zu row%s of %s %s out of order and %s been sorted", n, n == 1 ? "" : "s", path,
              n == 1 ? "was" : "were", n == 1 ? "has" : "have");
}

static int set_traces(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct workload *workload = &setup->question.workload;
    struct trace_options options = {
        .columns = args->columns,
        .service_expr = args->service_expr,
        .only = args->only,
        .within_minute = args->within_minute,
        .no_service = args->service || args->batch_time || args->run,
    };
    struct buf source = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < args->traces.len; i++) {
        if (i == WORKLOAD_TRACES_MOST)
            return err_set(err, ERR_USAGE, "--trace: at most %d traces are mixed", WORKLOAD_TRACES_MOST);
        struct trace *trace;
        rc = trace_open(args->traces.items[i], &options, &trace, err);
        if (rc)
            break;
        workload->traces[workload->n_traces++] = trace;
        buf_add(&source, i ? STR(" and ") : STR(""));
        trace_describe(trace, &source);
        if (trace_unordered(trace))
            note_unordered(call->arena, setup, trace_unordered(trace), args->traces.items[i]);
        rc = args->service_expr ? 0 : separate_starts(call->arena, trace, setup, err);
    }
    setup->source = arena_copy(call->arena, buf_str(&source));
    buf_release(&source);
    return rc;
}

int plan_set_traffic(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    int kinds = (args->traces.len > 0) + (args->rate != NULL) + (args->per_day > 0);
    if (kinds != 1) {
        err_set(err, ERR_USAGE,
                kinds ? "--trace, --rate and --per-day exclude each other"
                      : "plan needs the traffic that the function gets");
        return err_hint(err, "--trace FILE, --rate 8.5/s or --per-day 20000");
    }
    if (!args->traces.len && (args->columns || args->only || args->service_expr))
        return err_set(err, ERR_USAGE, "%s needs a trace: --trace FILE",
                       args->service_expr ? "--service-expr"
                       : args->columns    ? "--columns"
                                          : "--only");
    setup->question.workload.rate_scale = args->scale_rate;
    setup->question.workload.time_scale = args->scale_time;
    return args->traces.len ? set_traces(call, args, setup, err) : set_generator(call, args, setup, err);
}
