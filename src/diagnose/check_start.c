/* Memory snapshots and compilation: starts that could be restored, snapshots that hold what must not be in them, and compilers
 * that begin anew in every container. */
#include "diagnose/check.h"

#include <string.h>

/* Whether the call moves something to a GPU or names one: .cuda(), .to("cuda"), device="cuda", device_map=... */
static bool touches_gpu(const struct checker *checker, const struct fact *fact)
{
    ptrdiff_t dot = str_find_last(fact->path, '.');
    struct str last = dot >= 0 ? str_slice(fact->path, (size_t)dot + 1, fact->path.len) : fact->path;
    if (fact->flags & KNOWN_GPU)
        return !str_ends_with(fact->path, STR("is_available")) && !str_contains(fact->path, STR("vllm"));
    if (str_equals(last, STR("cuda")) && dot >= 0)
        return true;
    node_id argument = str_equals(last, STR("to")) ? call_argument(&fact->module->tree, fact->node, 0) : 0;
    const struct value *to = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
    if (to && to->kind == VALUE_STR && str_starts_with(to->text, STR("cuda")))
        return true;
    if (to && to->kind == VALUE_OBJECT && str_starts_with(to->ref.path, STR("torch.device")) && to->ref.made) {
        node_id name = call_argument(&to->ref.module->tree, to->ref.made, 0);
        const struct value *device = name ? value_likely(check_fold(checker, to->ref.module, name)) : NULL;
        return device && device->kind == VALUE_STR && str_starts_with(device->text, STR("cuda"));
    }
    const struct value *device = check_keyword(checker, fact->module, fact->node, "device");
    const struct value *map = check_keyword(checker, fact->module, fact->node, "device_map");
    if (device && fact->flags & KNOWN_LOAD)
        return (device->kind == VALUE_STR && str_starts_with(device->text, STR("cuda"))) ||
               (device->kind == VALUE_INT && device->integer >= 0);
    return map && map->kind == VALUE_STR && !str_equals(map->text, STR("cpu"));
}

/* A request to a server of the same container, as for warming it up: nothing of it leaves. */
static bool stays_inside(const struct checker *checker, const struct fact *fact)
{
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    if (!argument)
        argument = call_keyword(&fact->module->tree, fact->node, STR("url"));
    if (!argument)
        return false;
    const struct value *value = value_likely(check_fold(checker, fact->module, argument));
    struct str text = value->kind == VALUE_STR ? value->text : tree_text(&fact->module->tree, argument);
    return str_contains(text, STR("127.0.0.1")) || str_contains(text, STR("localhost")) ||
           str_contains(text, STR("0.0.0.0"));
}

/* A generator with a seed of its own: the same numbers in every container are what it is for. */
static bool is_seeded_generator(const struct fact *fact)
{
    static const char *const makers[] = {"random.Random", "numpy.random.default_rng", "numpy.random.RandomState"};
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
        if (str_equals(fact->path, str_of(makers[i])))
            return call_argument(&fact->module->tree, fact->node, 0) ||
                   call_keyword(&fact->module->tree, fact->node, STR("seed"));
    return false;
}

static bool snapshots_gpu(const struct about *about)
{
    const struct value *options = app_setting(about->function, SETTING_EXPERIMENTAL_OPTIONS);
    const struct value *gpu = options && options->kind == VALUE_DICT ? value_under(options, STR("enable_gpu_snapshot"))
                                                                     : NULL;
    return gpu && value_likely(gpu)->kind == VALUE_BOOL && value_likely(gpu)->truth;
}

static void report_unsafe(struct checker *checker, const struct fact *fact, const struct about *about)
{
    const char *what = NULL, *advice = "move it to an @modal.enter(snap=False) hook, which runs after the restore";
    if (about->has_gpu && !snapshots_gpu(about) && touches_gpu(checker, fact))
        what = "touches the GPU, which is not there while the snapshot is made";
    else if (!about->has_gpu && touches_gpu(checker, fact))
        what = "touches a GPU, and the function has none";
    else if (fact->flags & KNOWN_RANDOM && !is_seeded_generator(fact))
        what = "draws or seeds random numbers: every restored container continues with the same ones";
    else if (fact->flags & KNOWN_NET && !(fact->flags & KNOWN_DOWNLOAD) && !stays_inside(checker, fact))
        what = "uses the network: its connection or answer is frozen into the snapshot";
    if (!what)
        return;
    ptrdiff_t dot = str_find_last(fact->path, '.');
    struct str name = str_slice(fact->path, dot >= 0 && str_starts_with(fact->path, STR("?")) ? (size_t)dot + 1 : 0,
                                fact->path.len);
    struct finding *finding = check_report(checker, "snapshot-unsafe", fact->module, fact->node,
                                           "%.*s in enter(snap=True) of %.*s %s", STR_ARG(name),
                                           STR_ARG(about->function->name), what);
    if (finding)
        check_advice(checker, finding, "%s", advice);
}

static void report_missing(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    bool enter = false;
    for (size_t i = 0; i < function->methods.len; i++)
        enter |= function->methods.items[i].kind == METHOD_ENTER ||
                 function->methods.items[i].kind == METHOD_ENTER_SNAP;
    if (function->kind != FUNCTION_CLASS || !enter || about->has_gpu ||
        function->settings[SETTING_ENABLE_MEMORY_SNAPSHOT].value || function->unknown_why ||
        !(about->does_start & DOES_LOAD_MODEL) || !(about->does & (DOES_HEAVY_IMPORT | KNOWN_DOWNLOAD)) ||
        about->is_job)
        return;
    struct finding *finding = check_report_function(
        checker, "no-snapshot", function,
        "%.*s loads its model anew in every container; a memory snapshot restores it loaded", STR_ARG(function->name));
    if (finding)
        check_advice(checker, finding, "enable_memory_snapshot=True, and load in @modal.enter(snap=True)");
}

/* Puts the setting at the end of the decorator's arguments. */
static void add_snapshot_setting(struct checker *checker, struct finding *finding, const struct app_function *function)
{
    const struct module *module = function->call_module;
    node_id list = function->call ? tree_field(&module->tree, function->call, FIELD_ARGUMENTS) : 0, last = 0;
    for (node_id child = list ? module->tree.nodes[list].child : 0; child; child = module->tree.nodes[child].next)
        last = child;
    if (!list)
        return;
    uint32_t at = last ? module->tree.nodes[last].end : module->tree.nodes[list].start + 1;
    check_edit(checker, finding, module, at, at,
               last ? STR(", enable_memory_snapshot=True") : STR("enable_memory_snapshot=True"));
    finding->fix = FIX_UNSAFE;
}

static void report_unused_snap(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    const struct setting_value *setting = &function->settings[SETTING_ENABLE_MEMORY_SNAPSHOT];
    for (size_t i = 0; i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        if (method->kind != METHOD_ENTER_SNAP || function->unknown_why ||
            (setting->value && setting->value->kind != VALUE_BOOL && setting->value->kind != VALUE_NONE) ||
            app_flag(function, SETTING_ENABLE_MEMORY_SNAPSHOT))
            continue;
        struct finding *finding = check_report_function(
            checker, "no-snapshot", function,
            "%.*s has enter(snap=True) but no enable_memory_snapshot: no snapshot is made", STR_ARG(function->name));
        if (!finding)
            break;
        check_advice(checker, finding, "add enable_memory_snapshot=True");
        add_snapshot_setting(checker, finding, function);
        break;
    }
}

void check_snapshots(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (!(fact->when & WHEN_ENTER_SNAP) || fact->where & WHERE_CONDITIONAL)
            continue;
        const struct about *about = check_owner(checker, fact, WHEN_ENTER_SNAP);
        if (about && app_flag(about->function, SETTING_ENABLE_MEMORY_SNAPSHOT))
            report_unsafe(checker, fact, about);
    }
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        report_missing(checker, &checker->abouts[i]);
        report_unused_snap(checker, &checker->abouts[i]);
    }
}

static bool has_compile_cache(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    static const char *const words[] = {"TORCHINDUCTOR",       "TRITON_CACHE_DIR", "load_cache_artifacts",
                                        "TORCH_COMPILE_CACHE", "inductor_cache",   "mega_cache",
                                        "engine_cache",        "aot_compile",      "export"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_contains(about->image->text, str_of(words[i])) ||
            check_mentions(checker, fact->module, str_of(words[i])))
            return true;
    return snapshots_gpu(about);
}

void check_compiles(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        uint32_t times = WHEN_ENTER | WHEN_ENTER_SNAP | WHEN_CALL | WHEN_ITEM | WHEN_ONCE;
        if (!(fact->flags & KNOWN_COMPILE) || !(fact->when & times))
            continue;
        const struct about *about = check_owner(checker, fact, times);
        if (!about || about->is_job || has_compile_cache(checker, fact, about))
            continue;
        bool per_call = fact->when & WHEN_PER_CALL;
        struct finding *finding = check_report(checker, "compile-uncached", fact->module, fact->node,
                                               "%.*s compiles the model anew %s: nothing keeps what it compiled",
                                               STR_ARG(fact->path), per_call ? "during calls" : "in every container");
        if (finding)
            check_advice(
                checker, finding,
                "point TORCHINDUCTOR_CACHE_DIR into a Volume (image.env), or take a GPU snapshot after compiling");
    }
}
