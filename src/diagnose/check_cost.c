/* Settings that multiply the price, and expensive functions that nobody measures. */
#include "diagnose/check.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/budget.h"

static void report_multipliers(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    const struct price_table *prices = checker->prices;
    if (app_flag(function, SETTING_NONPREEMPTIBLE)) {
        struct finding *finding = check_report_setting(
            checker, "nonpreemptible-cost", function, SETTING_NONPREEMPTIBLE,
            "nonpreemptible=True multiplies the price of CPU and memory by %g", prices ? prices->nonpreemptible : 3.0);
        if (finding)
            check_advice(checker, finding, "leave it out where a retry (retries=) is enough after an interruption");
    }
    enum setting region = function->kind == FUNCTION_SERVER ? SETTING_COMPUTE_REGION : SETTING_REGION;
    const struct value *value = app_setting(function, region);
    if (!value || (value->kind != VALUE_STR && value->kind != VALUE_LIST))
        return;
    struct str name = value->kind == VALUE_STR ? value->text
                      : value->len && value_likely(value->items[0])->kind == VALUE_STR
                          ? value_likely(value->items[0])->text
                          : STR("");
    bool broad = str_equals(name, STR("us")) || str_equals(name, STR("eu")) || str_equals(name, STR("ap")) ||
                 str_equals(name, STR("uk")) || str_equals(name, STR("ca"));
    double factor = prices ? (broad ? prices->region_broad : prices->region_narrow) : broad ? 1.5 : 1.75;
    struct finding *finding = check_report_setting(checker, "region-cost", function, region,
                                                   "a %s multiplies the price of everything by %g",
                                                   broad ? "region" : "narrow region", factor);
    if (finding)
        check_advice(
            checker, finding,
            "leave region= out where data and users do not demand it; a container in any region may also start sooner");
}

static void report_cpu_on_gpu(struct checker *checker, const struct about *about)
{
    double cpu = app_number(about->function, SETTING_CPU, 0);
    double per_core = checker->prices ? checker->prices->cpu.usd : 0.0000131;
    static const char *const reasons[] = {"load", "pool", "worker", "preprocess", "decod", "tokeni", NULL};
    if (!about->has_gpu || cpu < 8 || cpu > 1000 ||
        check_has_any(check_said_about(checker, about->function, SETTING_CPU), reasons))
        return;
    struct finding *finding = check_report_setting(
        checker, "cpu-on-gpu", about->function, SETTING_CPU, "%g cores beside %.*s are billed while the GPU works", cpu,
        STR_ARG(str_equals(about->gpu, STR("?")) ? STR("the GPU") : about->gpu));
    if (!finding)
        return;
    check_excerpt(checker, finding, "$%.2f an hour of each container", cpu * per_core * 3600);
    check_advice(checker, finding,
                 "ask for what it keeps busy (coldspot run measures it); do CPU work in a CPU function");
}

static void report_disk(struct checker *checker, const struct about *about)
{
    double disk = app_number(about->function, SETTING_EPHEMERAL_DISK, 0),
           memory = app_number(about->function, SETTING_MEMORY, 0);
    double ratio = checker->prices && checker->prices->disk_per_memory > 0 ? checker->prices->disk_per_memory : 20;
    double free_mib = checker->prices ? checker->prices->disk_free_mib : 0;
    if (disk <= free_mib || disk / ratio <= memory || disk / ratio < 1024)
        return;
    struct finding *finding = check_report_setting(
        checker, "ephemeral-disk-memory", about->function, SETTING_EPHEMERAL_DISK,
        "%g GiB of disk are billed as %.3g GiB of memory, and the function asks for %.3g GiB", disk / 1024,
        disk / ratio / 1024, memory / 1024);
    if (finding)
        check_advice(checker, finding, "ask for the disk that the work fills; large data can stay in a Volume");
}

/* ---- unmeasured */

struct str check_callable(const struct app_function *function)
{
    for (size_t i = 0; function->kind == FUNCTION_CLASS && i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        if (method->module == function->module &&
            (method->kind == METHOD_CALL || method->kind == METHOD_BATCHED || method->kind == METHOD_WEB))
            return module_def(method->module, method->def)->qualname;
    }
    return function->name;
}

static bool is_expensive(const struct about *about)
{
    bool warm = app_number(about->function, SETTING_MIN_CONTAINERS, 0) >= 1;
    return about->has_gpu && (about->gpu_usd_s >= 0.001 || warm);
}

/* What the rule advises was done. */
static bool is_budgeted(const struct checker *checker, const struct app_function *function)
{
    char real[PATH_MAX];
    return checker->budgets && realpath(arena_cstr(checker->arena, function->module->path), real) &&
           budget_exists(checker->budgets, str_of(real), function->name);
}

static bool is_unmeasured(const struct checker *checker, const struct about *about)
{
    static const char *const words[] = {
        "perf_counter",  "time.time()", "monotonic",  "coldspot",       "nvidia-smi", "pynvml",   "prometheus",
        "opentelemetry", "wandb",       "cuda.Event", "datadog",        "statsd",     "sentry",   "elapsed",
        "throughput",    "tensorboard", "mlflow",     "torch.profiler", "logfire",    "newrelic", "metrics"};
    const struct module *module = about->function->module;
    if (!is_expensive(about) || about->is_job || about->does & DOES_TIMING)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (check_mentions(checker, module, str_of(words[i])))
            return false;
    return !is_budgeted(checker, about->function);
}

/* Once a file: the first such function, and how many others there are. */
static void report_unmeasured(struct checker *checker, size_t first)
{
    const struct about *about = &checker->abouts[first];
    const struct module *module = about->function->module;
    size_t others = 0;
    for (size_t i = first + 1; i < checker->source->app.functions.len; i++) {
        if (checker->abouts[i].function->module != module)
            break;
        others += is_unmeasured(checker, &checker->abouts[i]);
    }
    struct str more = others ? arena_printf(checker->arena, " (and %zu other function%s here)", others,
                                            others > 1 ? "s" : "")
                             : STR("");
    struct finding *finding = check_report_function(
        checker, "expensive-unmeasured", about->function,
        "%.*s costs up to $%.2f an hour a container, and nothing measures or limits it%.*s",
        STR_ARG(about->function->name), about->gpu_usd_s * 3600, STR_ARG(more));
    if (finding)
        check_advice(checker, finding,
                     "coldspot run %.*s::%.*s shows where it goes; a budget in pyproject.toml keeps it there",
                     STR_ARG(module->path), STR_ARG(check_callable(about->function)));
}

void check_cost(struct checker *checker)
{
    const struct module *reported = NULL;
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct about *about = &checker->abouts[i];
        if (about->function->provider != PROVIDER_MODAL)
            continue;
        report_multipliers(checker, about);
        report_cpu_on_gpu(checker, about);
        report_disk(checker, about);
        if (about->function->module != reported && is_unmeasured(checker, about)) {
            report_unmeasured(checker, i);
            reported = about->function->module;
        }
    }
}
