/* `coldspot plan`: what each setting costs and how long its users wait, for the traffic at hand; and the cheapest that keeps a
 * promise. */
#include "cmd/plan.h"

#include <string.h>

#include "base/file.h"
#include "cmd/progress.h"
#include "present/plan_report.h"
#include "simulate/policy.h"

#define FIELD(name) offsetof(struct plan_args, name)

static const struct opt traffic_opts[] = {
    {0, "trace", OPT_STRS, FIELD(traces), "FILE",
     "arrivals: CSV, JSON lines, one time a line, counts a minute (also .gz; -: stdin; several are mixed)", 0, 0},
    {0, "columns", OPT_STR, FIELD(columns), "MAP", "which column is what: time=A,service=B (A:ms where it is in ms)", 0,
     0},
    {0, "only", OPT_STR, FIELD(only), "COLUMN=VALUE", "the trace's rows that have this value", 0, 0},
    {0, "within-minute", OPT_CHOICE, FIELD(within_minute), "exponential|uniform|equidistant",
     "how requests lie in a minute of which only the count is known", 0, 0},
    {0, "rate", OPT_STR, FIELD(rate), "RATE", "arrivals made up: 8.5/s, 200/min", 0, 0},
    {0, "per-day", OPT_F64, FIELD(per_day), "N", "the same, as requests a day", 0, 1e12},
    {0, "cv", OPT_F64, FIELD(cv), "C", "coefficient of variation of the gaps (default 1: Poisson)", 0, 40},
    {0, "arrivals", OPT_STR, FIELD(arrivals), "KIND",
     "poisson, gamma(cv), weibull(cv), mmpp(peak,share,dwell), diurnal(peak,period), or a mix: '6*poisson + mmpp(...)'",
     0, 0},
    {0, "requests", OPT_F64, FIELD(requests), "N", "make so many requests", 1, 1e13},
    {0, "span", OPT_STR, FIELD(span), "TIME", "make requests for so long: 1h, 7d", 0, 0},
    {0, "scale-rate", OPT_F64, FIELD(scale_rate), "X", "so many times the requests", 0.001, 1000},
    {0, "scale-time", OPT_F64, FIELD(scale_time), "X", "all gaps so many times longer", 0.001, 1000},
    {0},
};

static const struct opt function_opts[] = {
    {0, "run", OPT_STR, FIELD(run), "ID", "start-up and calls as a run measured them", 0, 0},
    {0, "store", OPT_STR, FIELD(store), "DIR", "where runs are kept", 0, 0},
    {0, "service", OPT_STR, FIELD(service), "DIST",
     "how long a call takes: const(x), exp(mean), lognormal(mean,sd), ...", 0, 0},
    {0, "service-expr", OPT_STR, FIELD(service_expr), "FORMULA",
     "the same from the trace's columns: '0.03*Tokens + 20ms'", 0, 0},
    {0, "cold-time", OPT_STR, FIELD(cold_time), "DIST", "how long until a new container takes its first request", 0, 0},
    {0, "snapshot-time", OPT_STR, FIELD(snapshot_time), "DIST", "the same from a memory snapshot", 0, 0},
    {0, "batch-time", OPT_STR, FIELD(batch_time), "FORMULA", "how long a batch of b takes: '20ms + 4ms*b'", 0, 0},
    {0, "slowdown", OPT_STR, FIELD(slowdown), "FORMULA",
     "how many times longer a call takes with k at once: '1 + 0.2*(k-1)'", 0, 0},
    {0, "gpu", OPT_STR, FIELD(gpu), "NAME", "the GPU of a container", 0, 0},
    {0, "cpu", OPT_F64, FIELD(cpu), "N", "its cores", 0, 4096},
    {0, "memory", OPT_F64, FIELD(memory_mib), "MIB", "its memory", 0, 1e9},
    {0, "gpu-speed", OPT_STRS, FIELD(gpu_speeds), "GPU=X", "calls are X times faster on this GPU than on today's", 0,
     0},
    {0},
};

static const struct opt plan_opts[] = {
    {0, "policy", OPT_STR, FIELD(policy), "NAME", "how the platform scales (default modal)", 0, 0},
    {0, "set", OPT_STRS, FIELD(sets), "K=V,...", "today's settings: min_containers=1,scaledown_window=60s", 0, 0},
    {0, "search", OPT_STRS, FIELD(searches), "K=VALUES",
     "values to try: min_containers=0..4, scaledown_window=60s,300s (default: min, window and buffer)", 0, 0},
    {0, "exhaustive", OPT_FLAG, FIELD(exhaustive), NULL, "simulate every setting", 0, 0},
    {0, "slo", OPT_STRS, FIELD(slos), "PROMISE", "what must hold: 'p99 < 2s', 'cold < 1%', 'errors < 0.1%'", 0, 0},
    {0, "minimize", OPT_STR, FIELD(minimize), "FIGURE", "cost (default), p50, p99, mean, cold, ...", 0, 0},
    {0, "no-search", OPT_FLAG, FIELD(no_search), NULL, "today's settings only", 0, 0},
    {0, "replications", OPT_U32, FIELD(replications), "N",
     "simulate each setting so often (default: 20 where it matters)", 1, 20},
    {0, "seed", OPT_F64, FIELD(seed), "N", "of all that is random (default 1)", 0, 9007199254740992.0},
    {0, "fit", OPT_STRS, FIELD(logs), "LOG", "find what a platform does, from logs that mark cold starts", 0, 0},
    {0, "shard", OPT_STR, FIELD(shard), "K/N", "simulate the K-th of N parts of the settings and write it as JSON", 0,
     0},
    {0, "merge", OPT_STRS, FIELD(merges), "FILE", "put such parts together (with the same options)", 0, 0},
    {0},
};

/* Takes files of one suffix off the list of -o; writes the text to them. */
static int write_files(struct cmd_output *output, const char *suffix, struct str text, bool *written, struct err *err)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < output->files.len; i++) {
        const char *path = output->files.items[i];
        if (!str_ends_with(str_of(path), str_of(suffix))) {
            output->files.items[kept++] = path;
            continue;
        }
        *written = true;
        if (!rc)
            rc = file_write(path, text, err);
    }
    output->files.len = kept;
    return rc;
}

static int answer(struct cmd_call *call, const struct plan_args *args, struct plan_report *report, struct err *err)
{
    struct document document;
    struct cmd_output output = args->output;
    struct buf svg = {0}, csv = {0};
    bool written = false;
    document_init(&document, call->arena);
    plan_report_svg(report, &svg);
    plan_report_csv(report, &csv);
    int rc = write_files(&output, ".svg", buf_str(&svg), &written, err);
    if (!rc)
        rc = write_files(&output, ".csv", buf_str(&csv), &written, err);
    bool is_done = written && output.files.len == 0 && !output.format && !output.json;
    if (!rc && !is_done) {
        plan_report_document(report, &document);
        plan_report_json(report, &document.json);
        rc = cmd_answer(&output, &document, err);
    }
    buf_release(&svg);
    buf_release(&csv);
    document_release(&document);
    return rc;
}

struct watch {
    struct progress progress;
};

static void show_progress(size_t done, size_t all, void *ctx)
{
    struct watch *watch = ctx;
    if (!progress_due(&watch->progress))
        return;
    struct buf line = {0};
    buf_addf(&line, "simulated %zu settings, of %zu there are", done, all);
    progress_show(&watch->progress, buf_str(&line));
    buf_release(&line);
}

/* A sweep's part goes to -o or stdout as it is: it is for --merge. */
static int write_shard(struct cmd_call *call, const struct plan_args *args, const struct plan_setup *setup,
                       const struct plan *plan, struct err *err)
{
    struct buf out = {0};
    plan_write_shard(setup, plan, call->arena, &out);
    int rc = args->output.files.len ? file_write(args->output.files.items[0], buf_str(&out), err)
                                    : file_write_fd(1, "stdout", buf_str(&out), err);
    buf_release(&out);
    return rc;
}

/* The curves over time of today's settings and the best. */
static int add_series(struct plan_report *report, struct err *err)
{
    const struct plan *plan = report->plan;
    struct evaluation evaluation = plan_evaluation(report->question);
    if (plan->traffic.requests > 2000000 || plan->baseline.settings.policy->scaling == SCALE_BOUND)
        return 0;
    struct evaluator *evaluator;
    int rc = evaluator_new(&evaluation, &evaluator, err);
    if (rc)
        return rc;
    const struct series *series;
    rc = evaluator_series(evaluator, &plan->baseline.settings, plan->traffic.span_s, &series, err);
    if (!rc)
        report->baseline_series = *series;
    if (!rc && plan->best) {
        rc = evaluator_series(evaluator, &plan->best->result.settings, plan->traffic.span_s, &series, err);
        if (!rc)
            report->best_series = *series;
    }
    evaluator_free(evaluator);
    return rc;
}

static int make(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct watch watch;
    struct search_outcome merged;
    struct plan plan;
    uint64_t from_ns = clock_monotonic_ns(call->clock);
    int rc = 0;
    if (args->merges.len) {
        rc = plan_read_shards(call->arena, setup, &args->merges, &merged, err);
        setup->question.merged = &merged;
    }
    progress_init(&watch.progress, call->clock, args->output.quiet);
    setup->question.progress = show_progress;
    setup->question.ctx = &watch;
    if (!rc)
        rc = plan_make(call->arena, &setup->question, &plan, err);
    progress_clear(&watch.progress);
    if (rc)
        return rc;
    if (setup->question.shards)
        return write_shard(call, args, setup, &plan, err);
    bool any_cold = plan.baseline.cold > 0 || (plan.best && plan.best->result.cold > 0);
    if (!setup->has_cold && any_cold)
        plan_note(call->arena, setup,
                  "no --cold-time and no run: cold starts are counted, but take no time and cost nothing");
    struct plan_report *report = plan_report_of(call->arena, setup, &plan);
    report->took_s = (double)(clock_monotonic_ns(call->clock) - from_ns) / 1e9;
    rc = add_series(report, err);
    return rc ? rc : answer(call, args, report, err);
}

static int run_plan(struct cmd_call *call, struct err *err)
{
    struct plan_args args = {.cv = -1, .seed = 1};
    struct opt_words words;
    int rc = cmd_parse(call, (void *[]){&args, &args, &args, &args.money, &args.output}, 5, &words, err);
    if (rc)
        return rc;
    if (args.logs.len) {
        for (size_t i = 0; i < words.len; i++)
            *array_push(call->arena, &args.logs) = words.items[i];
        return plan_fit(call, &args, err);
    }
    if (words.len)
        return err_set(err, ERR_USAGE, "plan takes options only, not '%s'", words.items[0]);
    struct plan_setup setup;
    rc = plan_setup(call, &args, &setup, err);
    if (rc)
        return rc;
    rc = make(call, &args, &setup, err);
    plan_release(&setup);
    return rc ? rc : EXIT_FINE;
}

const struct command command_plan = {
    .name = "plan",
    .summary = "find the settings: what each would cost and how long its users would wait",
    .usage = "[OPTIONS] (--trace FILE | --rate RATE | --per-day N) [--run ID | --service DIST]",
    .details =
        "Simulates the traffic under today's settings (--set) and under those to be tried (--search), and prints the\n"
        "cheapest that keep the promises (--slo).  DIST: const(x), exp(mean), lognormal(mean,sd), gamma(mean,sd),\n"
        "weibull(mean,sd), uniform(a,b), normal(mean,sd), empirical(@file); times take units (20ms), bare numbers are\n"
        "seconds.  Policies: modal, modal-flash, aws-lambda, knative-kpa, hybrid-histogram, fixed-ttl, scale-to-zero,\n"
        "clairvoyant.  -o FILE.svg draws the frontier, -o FILE.csv lists every setting.",
    .examples = "  coldspot plan --rate 3/s --service 'exp(0.5s)' --cold-time 'lognormal(4s,1s)' \\\n"
                "    --search min_containers=0..4 --search scaledown_window=60s,300s --slo 'p99 < 3s'\n"
                "  coldspot plan --per-day 20000 --service 'exp(0.5s)' --cold-time 4s --no-search --json",
    .tables = {{"Traffic", traffic_opts},
               {"Function", function_opts},
               {NULL, plan_opts},
               {"Money", cmd_money_opts},
               {"Output", cmd_output_opts}},
    .run = run_plan,
};
