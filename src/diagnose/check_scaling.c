/* Containers and calls: what stays warm, how long, how many at once, and who waits for whom. */
#include "diagnose/check.h"

#include <string.h>

#include "base/units.h"
#include "diagnose/api_fix.h"

enum { SECONDS_A_MONTH = 30 * 24 * 3600 };

static struct str usd(struct checker *checker, double amount)
{
    struct buf text = {0};
    units_add_usd(&text, amount);
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static struct str duration(struct checker *checker, double seconds)
{
    struct buf text = {0};
    units_add_duration(&text, seconds);
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static struct str gpu_name(struct checker *checker, const struct about *about)
{
    if (about->gpu_count > 1)
        return arena_printf(checker->arena, "%lld %.*s", (long long)about->gpu_count, STR_ARG(about->gpu));
    return about->gpu;
}

static bool loads_model(const struct about *about)
{
    return about->does & DOES_LOAD_MODEL;
}

/* ---- kept warm */

static double rate_of(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    struct price_settings settings = {.cpu = app_number(function, SETTING_CPU, 0),
                                      .memory_mib = app_number(function, SETTING_MEMORY, 0)};
    struct price_rate rate;
    if (!checker->catalogue || settings.cpu < 0 || settings.memory_mib < 0)
        return 0;
    settings.gpu = about->has_gpu && about->gpu_known ? about->gpu : (struct str){0};
    settings.gpu_count = (uint32_t)about->gpu_count;
    if (price_rate(checker->arena, checker->catalogue, &settings, NULL, &rate, NULL))
        return about->gpu_usd_s;
    return rate.usd_per_s;
}

/* min_containers=1 and max_containers=1: a service that keeps its state in the one container. */
static bool is_one_of_a_kind(const struct app_function *function)
{
    return app_number(function, SETTING_MIN_CONTAINERS, 0) == 1 && app_number(function, SETTING_MAX_CONTAINERS, 0) == 1;
}

static void report_warm(struct checker *checker, const struct about *about, enum setting setting)
{
    const struct app_function *function = about->function;
    double n = app_number(function, setting, 0);
    bool warm = setting == SETTING_MIN_CONTAINERS;
    setting = app_setting_name(function, setting);
    if (n < 1)
        return;
    double rate = rate_of(checker, about);
    if (about->has_gpu) {
        struct finding *finding =
            warm ? check_report_setting(checker, "min-containers-idle", function, setting,
                                        "%g container%s with %.*s stay%s warm all month", n, n > 1 ? "s" : "",
                                        STR_ARG(gpu_name(checker, about)), n > 1 ? "" : "s")
                 : check_report_setting(checker, "min-containers-idle", function, setting,
                                        "%g extra container%s with %.*s idle%s while the function is active", n,
                                        n > 1 ? "s" : "", STR_ARG(gpu_name(checker, about)), n > 1 ? "" : "s");
        if (!finding)
            return;
        double month = n * rate * SECONDS_A_MONTH;
        if (rate > 0) {
            check_excerpt(checker, finding,
                          "%.*s/mo idle at most; `coldspot plan` finds the cheapest setting for your traffic",
                          STR_ARG(usd(checker, month)));
            finding->estimate = (struct estimate){.known = true,
                                                  .usd_per_month = {true, -month, 0},
                                                  .confidence = "assumed",
                                                  .assumption = STR("no traffic at all saves most")};
            finding->evidence = arena_printf(
                checker->arena, "{\"containers\":%g,\"usd_per_s\":%.9g,\"usd_per_month_idle\":%.6g}", n, rate, month);
        }
        check_advice(checker, finding,
                     "measure first: how long a cold start takes (coldspot run), and how often calls come");
    } else if (warm && about->is_web && !(about->is_server_process && is_one_of_a_kind(function))) {
        struct finding *finding = check_report_setting(
            checker, "idle-web-server", function, setting,
            "%g container%s of this web endpoint run%s also when nobody asks", n, n > 1 ? "s" : "", n > 1 ? "" : "s");
        if (!finding)
            return;
        if (rate > 0)
            check_excerpt(checker, finding, "%.*s/mo idle at most", STR_ARG(usd(checker, n * rate * SECONDS_A_MONTH)));
        check_advice(checker, finding,
                     "without it the first request after a pause waits for a cold start: shorten that, and let it "
                     "scale to zero");
    }
}

/* ---- the window */

static void report_window(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    enum setting setting = app_setting_name(function, SETTING_SCALEDOWN_WINDOW);
    double window = app_number(function, setting, 0);
    if (window <= 0)
        return;
    if (window <= 15 && loads_model(about) && !about->is_job) {
        struct finding *finding = check_report_setting(
            checker, "window-short", function, setting,
            "containers go after %.*s idle, sooner than one with this model starts",
            STR_ARG(duration(checker, window)));
        if (finding)
            check_advice(checker, finding, "a window of several cold starts (the default is 60 s) spares most of them");
    } else if (window >= 600 && about->gpu_usd_s >= 0.0005) {
        struct finding *finding = check_report_setting(
            checker, "window-long", function, setting, "each burst leaves %.*s idle for up to %.*s",
            STR_ARG(gpu_name(checker, about)), STR_ARG(duration(checker, window)));
        if (!finding)
            return;
        check_excerpt(checker, finding, "%.*s idle after each burst, for each container",
                      STR_ARG(usd(checker, window * about->gpu_usd_s)));
        check_advice(checker, finding,
                     "shorten it to a few cold starts: coldspot plan compares windows over your traffic");
    }
}

static void report_other_containers(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    if (app_flag(function, SETTING_SINGLE_USE_CONTAINERS) && about->does & DOES_LOAD_MODEL && !about->is_job) {
        struct finding *finding = check_report_setting(
            checker, "single-use-slow-start", function, SETTING_SINGLE_USE_CONTAINERS,
            "%.*s loads its model and then serves one call only", STR_ARG(function->name));
        if (finding)
            check_advice(checker, finding,
                         "leave single_use_containers out, and reset what must not be shared between calls");
    }
    bool kept = app_number(function, SETTING_MIN_CONTAINERS, 0) >= 1 ||
                app_number(function, SETTING_BUFFER_CONTAINERS, 0) >= 1;
    bool given = function->settings[app_setting_name(function, SETTING_MIN_CONTAINERS)].value ||
                 function->settings[app_setting_name(function, SETTING_SCALEDOWN_WINDOW)].value;
    if (about->is_web && !about->is_server_process && !kept && !given &&
        !app_flag(function, SETTING_ENABLE_MEMORY_SNAPSHOT) && !function->unknown_why &&
        about->does_start & DOES_LOAD_MODEL) {
        struct finding *finding = check_report_function(
            checker, "nothing-warm", function, "requests that come after a pause wait while %.*s loads its model",
            STR_ARG(function->name));
        if (finding)
            check_advice(checker, finding, "whether a warm container pays needs traffic: coldspot plan");
    }
}

void check_containers(struct checker *checker)
{
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct about *about = &checker->abouts[i];
        if (about->function->provider != PROVIDER_MODAL)
            continue;
        report_warm(checker, about, SETTING_MIN_CONTAINERS);
        report_warm(checker, about, SETTING_BUFFER_CONTAINERS);
        report_window(checker, about);
        report_other_containers(checker, about);
    }
}

/* ---- time-outs */

static bool report_belief(struct checker *checker, const struct about *about)
{
    static const char *const words[] = {"keep warm",
                                        "keep it warm",
                                        "keeps warm",
                                        "keep the container",
                                        "keeps the container",
                                        "keep container",
                                        "stay warm",
                                        "stays warm",
                                        "stay alive",
                                        "stays alive",
                                        "keep alive",
                                        "keeps it alive",
                                        "keep it alive",
                                        "container dies",
                                        "container die",
                                        "containers die",
                                        "keep-alive",
                                        "kept alive",
                                        "kept warm",
                                        "before shutting down",
                                        "idle",
                                        "scale down",
                                        "scales down",
                                        "shut down after",
                                        "shuts down after",
                                        "stays up",
                                        "stay up",
                                        NULL};
    const struct app_function *function = about->function;
    const struct setting_value *setting = &function->settings[SETTING_TIMEOUT];
    if (!setting->value || app_setting(function, SETTING_SCALEDOWN_WINDOW))
        return false;
    struct str name = tree_text(&setting->module->tree, setting->node);
    bool named = str_contains(name, STR("IDLE")) || str_contains(name, STR("KEEP")) ||
                 str_contains(name, STR("WARM")) || str_contains(name, STR("ALIVE")) ||
                 str_contains(name, STR("idle")) || str_contains(name, STR("keep_alive"));
    if (!named && !check_has_any(check_said_about(checker, function, SETTING_TIMEOUT), words))
        return false;
    struct finding *finding = check_report_setting(
        checker, "timeout-keeps-nothing", function, SETTING_TIMEOUT,
        "timeout= ends a call that runs too long; it keeps no container alive");
    if (!finding)
        return true;
    check_advice(checker, finding,
                 "how long an idle container stays is scaledown_window= (60 s by default, at most 20 min)");
    finding->fix = FIX_MANUAL;
    return true;
}

/* The longest time that the function's own code says it takes: a sleep, a wait, a program's time-out. */
static double longest_said(const struct checker *checker, const struct about *about, const struct fact **fact_out)
{
    double longest = 0;
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        bool sleeps = str_equals(fact->path, STR("time.sleep")) || str_equals(fact->path, STR("asyncio.sleep"));
        bool program = str_starts_with(fact->path, STR("subprocess.")) ||
                       str_equals(fact->path, STR("asyncio.wait_for"));
        if (!sleeps && !program)
            continue;
        node_id argument = sleeps ? call_argument(&fact->module->tree, fact->node, 0) : 0;
        const struct value *value = argument ? check_fold(checker, fact->module, argument)
                                             : check_keyword(checker, fact->module, fact->node, "timeout");
        if (value && value_is_number(value) && value_number(value) > longest) {
            longest = value_number(value);
            *fact_out = fact;
        }
    }
    return longest;
}

enum { DEFAULT_TIMEOUT_S = 300 };

static void report_short(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    const struct setting_value *setting = &function->settings[SETTING_TIMEOUT];
    const struct fact *longest = NULL;
    if (function->unknown_why || (setting->value && !value_is_number(setting->value)) ||
        function->kind == FUNCTION_SERVER)
        return;
    double timeout = setting->value ? value_number(setting->value) : DEFAULT_TIMEOUT_S;
    double said = longest_said(checker, about, &longest);
    struct finding *finding = NULL;
    if (said > timeout && longest)
        finding = check_report_setting(
            checker, "timeout-short", function, SETTING_TIMEOUT,
            "%.*s may take %.*s by itself (%.*sline %u), and the time-out is %.*s", STR_ARG(function->name),
            STR_ARG(duration(checker, said)),
            STR_ARG(longest->module == function->module
                        ? STR("")
                        : arena_printf(checker->arena, "%.*s, ", STR_ARG(longest->module->path))),
            tree_node(&longest->module->tree, longest->node)->row + 1, STR_ARG(duration(checker, timeout)));
    else if (!function->settings[SETTING_RETRIES].value && (about->does_call & (KNOWN_TRAIN | DOES_BACKWARD)) &&
             timeout <= DEFAULT_TIMEOUT_S && !(function->kind == FUNCTION_CLASS && setting->value))
        finding = check_report_setting(checker, "timeout-short", function, SETTING_TIMEOUT,
                                       "%.*s trains, and the time-out is %s%.*s", STR_ARG(function->name),
                                       setting->value ? "" : "the default of ", STR_ARG(duration(checker, timeout)));
    if (finding)
        check_advice(checker, finding, "give it a timeout= that the work fits in (at most 24 h)");
}

void check_timeouts(struct checker *checker)
{
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct about *about = &checker->abouts[i];
        if (about->function->provider == PROVIDER_MODAL && !report_belief(checker, about))
            report_short(checker, about);
    }
}

/* ---- concurrency_limit in the belief that it means inputs */

/* A limit of 1 "per container": a container takes one call at a time anyway, and the limit holds all calls to one container. */
static void report_limit_of_one(struct checker *checker, const struct app_function *function, enum setting setting)
{
    static const char *const words[] = {"per container", "each container", "in one container", "same container", NULL};
    if (!check_has_any(check_said_about(checker, function, setting), words))
        return;
    struct finding *finding = check_report_setting(
        checker, "limit-is-containers", function, setting,
        "%s=1 lets one container run in all, and every other call wait for it", setting_names[setting]);
    if (finding)
        check_advice(checker, finding, "leave it out: without @modal.concurrent a container takes one call at a time");
}

static void report_limit_belief(struct checker *checker, const struct about *about)
{
    static const char *const words[] = {
        "per container",    "calls at once",    "concurrent call", "concurrent request", "concurrent input",
        "requests at once", "each container",   "same container",  "at the same time",   "simultaneous",
        "in one container", "parallel request", "inputs at once",  "concurrently",       NULL};
    const struct app_function *function = about->function;
    enum setting setting = app_setting_name(function, SETTING_MAX_CONTAINERS);
    const struct setting_value *value = &function->settings[setting];
    if (value->value && app_number(function, setting, 0) == 1 && !function->concurrent)
        report_limit_of_one(checker, function, setting);
    if (!value->value || app_number(function, setting, 0) <= 1 || function->concurrent ||
        !check_has_any(check_said_about(checker, function, setting), words))
        return;
    struct finding *finding = check_report_setting(
        checker, "limit-is-containers", function, setting,
        "%s= is how many containers run at most, not how many calls one of them takes", setting_names[setting]);
    if (!finding)
        return;
    check_advice(checker, finding, "inputs per container: @modal.concurrent(max_inputs=%g) under the app's decorator",
                 app_number(function, setting, 0));
    const struct tree *tree = &value->module->tree;
    if (setting != SETTING_CONCURRENCY_LIMIT || tree_kind(tree, value->node) != KIND_KEYWORD_ARGUMENT ||
        !function->decorator)
        return;
    struct str concurrent = api_name(checker, finding, function->module, "concurrent");
    if (!concurrent.len)
        return;
    api_replace(checker, finding, value->module, tree_field(tree, value->node, FIELD_NAME), STR("max_containers"));
    api_add_decorator(
        checker, finding, function,
        arena_printf(checker->arena, "%.*s(max_inputs=%g)", STR_ARG(concurrent), app_number(function, setting, 0)));
    finding->fix = FIX_UNSAFE;
}

/* ---- concurrency on code that shares */

/* Notes, for each function, the first place where a call writes to an attribute of its object or a global name. */
static void find_shared_writes(struct checker *checker)
{
    const struct graph *graph = &checker->source->graph;
    for (size_t k = 0; k < checker->source->project.modules.len; k++) {
        const struct module *module = checker->source->project.modules.items[k];
        for (size_t i = 0; i < module->bindings.len; i++) {
            const struct binding *binding = &module->bindings.items[i];
            def_id scope = module->scopes[binding->node], unit = module_unit_of(module, scope);
            const struct unit *at = &graph->units[graph_unit(graph, module, unit)];
            bool attribute = tree_kind(&module->tree, binding->node) == KIND_ATTRIBUTE;
            if (!unit || !(at->when & WHEN_PER_CALL) || (at->when & (WHEN_ENTER | WHEN_ENTER_SNAP)) ||
                (module->where[binding->node] & (WHERE_LOCK | WHERE_GUARD)) ||
                (binding->kind != BIND_VALUE && binding->kind != BIND_CHANGED) ||
                (!attribute && (binding->scope || !scope)))
                continue;
            uint32_t owner = attribute
                                 ? graph->units[graph_unit(graph, module, module_class_of(module, scope))].function
                                 : at->function;
            if (owner != NO_UNIT && checker->abouts[owner].function->module == module &&
                !checker->abouts[owner].shared_write)
                checker->abouts[owner].shared_write = binding->node;
        }
    }
}

static bool has_async_method(const struct app_function *function)
{
    for (size_t i = 0; i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        bool call = method->kind == METHOD_CALL || method->kind == METHOD_WEB || method->kind == METHOD_BATCHED ||
                    method->kind == METHOD_WEB_APP;
        if (call && module_def(method->module, method->def)->is_async)
            return true;
    }
    return false;
}

/* Whether the model is one of the call's own. */
static bool is_made_per_call(const struct checker *checker, const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    bool method = tree_kind(tree, function) == KIND_ATTRIBUTE && !str_ends_with(fact->path, STR("()"));
    struct ref ref = resolve(&checker->source->project, checker->arena, fact->module,
                             method ? tree_field(tree, function, FIELD_OBJECT) : function);
    return ref.made && graph_when(&checker->source->graph, ref.module, ref.made) & WHEN_PER_CALL;
}

/* A call of a model per call, on a GPU, that neither takes a lock nor is batched. */
static const struct fact *bare_model_call(const struct checker *checker, const struct about *about)
{
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        if (fact->where & WHERE_LOCK)
            continue;
        bool torch = str_starts_with(fact->path, STR("transformers.")) ||
                     str_starts_with(fact->path, STR("diffusers.")) || str_starts_with(fact->path, STR("torch")) ||
                     str_starts_with(fact->path, STR("sentence_transformers.")) ||
                     str_starts_with(fact->path, STR("whisper."));
        bool runs = str_ends_with(fact->path, STR("()")) || str_ends_with(fact->path, STR(".generate")) ||
                    str_ends_with(fact->path, STR("().encode")) || str_ends_with(fact->path, STR("().transcribe"));
        bool tokenizer = str_contains(fact->path, STR("Tokenizer")) || str_contains(fact->path, STR("Processor"));
        ptrdiff_t call = str_find(fact->path, STR("()"));
        bool made = call > 0 && known_call(checker->known, str_slice(fact->path, 0, (size_t)call)) & KNOWN_MODEL;
        if (torch && runs && made && !tokenizer && !is_made_per_call(checker, fact))
            return fact;
    }
    return NULL;
}

static void report_unsafe_concurrency(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    if (app_number(function, SETTING_MAX_INPUTS, 0) <= 1 ||
        (about->does & DOES_GUARDED_LOCK && check_mentions(checker, function->module, STR("Lock("))))
        return;
    node_id write = about->shared_write;
    if (write && !has_async_method(function)) {
        struct finding *finding = check_report(checker, "concurrency-unsafe", function->module, write,
                                               "%.*s is set by each call, and up to %g calls share this container",
                                               STR_ARG(tree_text(&function->module->tree, write)),
                                               app_number(function, SETTING_MAX_INPUTS, 0));
        if (finding)
            check_advice(checker, finding, "keep it in a local variable, or take a lock around it");
        return;
    }
    const struct fact *model = about->has_gpu && !app_setting(function, SETTING_MAX_BATCH_SIZE)
                                   ? bare_model_call(checker, about)
                                   : NULL;
    if (!model)
        return;
    struct finding *finding = check_report(
        checker, "concurrency-one-model", model->module, model->node,
        "up to %g calls run this one model at the same time, without a lock or batching",
        app_number(function, SETTING_MAX_INPUTS, 0));
    if (finding)
        check_advice(checker, finding, "use @modal.batched, which gathers calls into one, or a lock around the model");
}

/* ---- async functions that wait for others */

/* A route of the app that asgi_app gives back, as a coroutine. */
static bool is_async_route(const struct about *about, const struct fact *fact)
{
    def_id unit = module_unit_of(fact->module, fact->scope);
    bool app = false;
    for (size_t i = 0; i < about->function->methods.len; i++)
        app = app || about->function->methods.items[i].kind == METHOD_WEB_APP;
    return app && unit && module_def(fact->module, unit)->is_async;
}

/* Whether the unit awaits a library's I/O. */
static bool awaits_io(const struct checker *checker, const struct about *about)
{
    static const char *const clients[] = {"httpx.*",
                                          "aiohttp.*",
                                          "openai.AsyncOpenAI*",
                                          "anthropic.AsyncAnthropic*",
                                          "asyncpg.*",
                                          "aioboto3.*",
                                          "motor.*",
                                          "redis.asyncio.*",
                                          "aiofiles.*",
                                          "aiobotocore.*",
                                          "databases.*",
                                          "websockets.*",
                                          "groq.AsyncGroq*"};
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        for (size_t k = 0; k < sizeof(clients) / sizeof(clients[0]); k++)
            if (known_matches(str_of(clients[k]), fact->path) &&
                (has_async_method(about->function) || is_async_route(about, fact)))
                return true;
    }
    return false;
}

/* ---- requests that wait one by one */

static bool is_request_handler(const struct about *about)
{
    static const char *const words[] = {"handle", "handler", "request", "webhook", "serve", "proxy", "endpoint", NULL};
    for (size_t i = 0; i < about->function->methods.len; i++)
        if (about->function->methods.items[i].kind == METHOD_WEB)
            return true;
    return check_has_word(about->function->name, words);
}

/* Whether a call does nothing that we see but hand its input to names that nothing here defines. */
static bool only_hands_over(const struct checker *checker, const struct about *about)
{
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next)
        if (!check_is_undefined(checker->facts[i].path) || checker->facts[i].flags)
            return false;
    return about->first_fact != NO_UNIT;
}

/* Why the function could take several calls at a time, though no coroutine says so; NULL: nothing tells. */
static const char *why_together(struct checker *checker, const struct about *about)
{
    static const char *const said[] = {
        "one call per container",  "1 call per container",  "one request per container", "1 request per container",
        "one input per container", "1 input per container", "single call per container", NULL};
    const uint32_t busy = KNOWN_LOAD | KNOWN_DATA | KNOWN_TRAIN | KNOWN_SETUP | DOES_READ_TABLE | DOES_SUBPROCESS |
                          DOES_THREADS | DOES_COMMIT | DOES_GPU_IMPORT;
    if (about->does & busy)
        return NULL;
    if (check_has_any(check_said_in(checker, about->function), said))
        return "takes one call per container, as its comment says";
    if (!is_request_handler(about))
        return NULL;
    if (about->does_call & KNOWN_NET)
        return "waits for the network, but its containers take one call at a time";
    return only_hands_over(checker, about) ? "answers requests, and its containers take one at a time" : NULL;
}

static void report_one_call(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    if (function->concurrent || function->unknown_why || function->kind != FUNCTION_FUNCTION || about->has_gpu ||
        about->is_job || about->shared_write || app_setting(function, SETTING_MAX_INPUTS) ||
        app_setting(function, SETTING_MAX_BATCH_SIZE) || app_flag(function, SETTING_SINGLE_USE_CONTAINERS) ||
        app_number(function, SETTING_MAX_CONTAINERS, 0) == 1 || function->settings[SETTING_CONCURRENCY_LIMIT].value ||
        has_async_method(function))
        return;
    const char *why = why_together(checker, about);
    struct finding *finding = why ? check_report_function(checker, "one-call-per-container", function, "%.*s %s",
                                                          STR_ARG(function->name), why)
                                  : NULL;
    if (finding)
        check_advice(
            checker, finding,
            "@modal.concurrent(max_inputs=...) runs calls in threads of one container, where the code allows it");
}

static void report_missing_concurrency(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    if (function->concurrent || function->unknown_why || function->kind == FUNCTION_SERVER || about->has_gpu ||
        about->is_job || app_setting(function, SETTING_MAX_INPUTS) || app_setting(function, SETTING_MAX_BATCH_SIZE) ||
        app_flag(function, SETTING_SINGLE_USE_CONTAINERS) || !awaits_io(checker, about))
        return;
    struct finding *finding = check_report_function(
        checker, "async-without-concurrency", function,
        "%.*s is async and waits for the network, but its containers take one call at a time", STR_ARG(function->name));
    if (!finding)
        return;
    check_advice(checker, finding, "@modal.concurrent(max_inputs=...) lets one container wait for many");
}

void check_concurrency(struct checker *checker)
{
    find_shared_writes(checker);
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct about *about = &checker->abouts[i];
        if (about->function->provider != PROVIDER_MODAL)
            continue;
        report_limit_belief(checker, about);
        report_unsafe_concurrency(checker, about);
        report_missing_concurrency(checker, about);
        report_one_call(checker, about);
    }
}
