/* The settings of functions as the check contract has them: null where unset, {"unknown": why} where they can't be known. */
#include "present/findings.h"

#include "source/app.h"

static void write_unknown(struct jsonw *json, const char *why)
{
    jsonw_object(json);
    jsonw_key_string(json, "unknown", str_of(why));
    jsonw_end(json);
}

static void write_value(struct jsonw *json, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
        jsonw_null(json);
        break;
    case VALUE_BOOL:
        jsonw_bool(json, value->truth);
        break;
    case VALUE_INT:
        jsonw_i64(json, value->integer);
        break;
    case VALUE_FLOAT:
        jsonw_f64(json, value->number);
        break;
    case VALUE_STR:
        jsonw_string(json, value->text);
        break;
    case VALUE_LIST:
        jsonw_array(json);
        for (size_t i = 0; i < value->len; i++)
            write_value(json, value->items[i]);
        jsonw_end(json);
        break;
    default:
        write_unknown(json, value->kind == VALUE_UNKNOWN && value->why ? value->why : "an object");
    }
}

/* The setting, or why it can't be known; `part` of a pair (request, limit). */
static void write_setting(struct jsonw *json, const struct app_function *function, const char *key,
                          enum setting setting, int part)
{
    const struct value *value = function->settings[setting].value;
    jsonw_key(json, key);
    if (!value && function->unknown_why)
        write_unknown(json, function->unknown_why);
    else if (!value || (part == 1 && value->kind != VALUE_LIST && value->kind != VALUE_UNKNOWN))
        jsonw_null(json);
    else if (part >= 0 && value->kind == VALUE_LIST && (size_t)part < value->len)
        write_value(json, value->items[part]);
    else
        write_value(json, value);
}

static void write_gpu(struct jsonw *json, struct arena *arena, const struct project *project,
                      const struct app_function *function)
{
    const struct value *value = function->settings[SETTING_GPU].value;
    struct str type;
    int64_t count;
    bool known = value && (value->kind == VALUE_STR || value->kind == VALUE_OBJECT || value->kind == VALUE_LIST) &&
                 app_gpu(arena, project, value, &type, &count);
    bool list_unknown = value && value->kind == VALUE_LIST && value->len && value->items[0]->kind == VALUE_UNKNOWN;
    if (known && !list_unknown) {
        jsonw_key_string(json, "gpu", type);
        jsonw_key(json, "gpu_count");
        jsonw_i64(json, count);
    } else {
        const char *why = value ? value->kind == VALUE_UNKNOWN ? value->why
                                  : list_unknown               ? value->items[0]->why
                                                               : "an object"
                                : function->unknown_why;
        bool unset = value ? value->kind == VALUE_NONE || (value->kind == VALUE_STR && !value->text.len) ||
                                 (value->kind == VALUE_BOOL && !value->truth)
                           : !function->unknown_why;
        for (int i = 0; i < 2; i++) {
            jsonw_key(json, i ? "gpu_count" : "gpu");
            if (unset)
                jsonw_null(json);
            else
                write_unknown(json, why);
        }
    }
    jsonw_key_array(json, "gpus");
    for (size_t i = 0; value && value->kind == VALUE_LIST && i < value->len; i++)
        write_value(json, value->items[i]);
    if (known && value->kind != VALUE_LIST)
        jsonw_string(json, count > 1 ? arena_printf(arena, "%.*s:%lld", STR_ARG(type), (long long)count) : type);
    jsonw_end(json);
}

static void write_volumes(struct jsonw *json, const struct app_function *function)
{
    const struct value *value = function->settings[SETTING_VOLUMES].value;
    jsonw_key(json, "volumes");
    if (value && value->kind == VALUE_UNKNOWN) {
        write_unknown(json, value->why);
        return;
    }
    jsonw_array(json);
    for (size_t i = 0; value && value->kind == VALUE_DICT && i < value->len; i++) {
        bool repeated = false;
        for (size_t k = 0; k < i && value->keys[i]->kind == VALUE_STR; k++)
            repeated |= value->keys[k]->kind == VALUE_STR && str_equals(value->keys[k]->text, value->keys[i]->text);
        if (!repeated)
            write_value(json, value->keys[i]);
    }
    jsonw_end(json);
}

static void write_settings(struct jsonw *json, struct arena *arena, const struct project *project,
                           const struct app_function *function)
{
    static const struct {
        const char *key;
        enum setting setting;
        int part;
    } rows[] = {
        {"cpu", SETTING_CPU, 0},
        {"cpu_limit", SETTING_CPU, 1},
        {"memory_mib", SETTING_MEMORY, 0},
        {"memory_limit_mib", SETTING_MEMORY, 1},
        {"ephemeral_disk", SETTING_EPHEMERAL_DISK, -1},
        {"max_containers", SETTING_MAX_CONTAINERS, -1},
        {"buffer_containers", SETTING_BUFFER_CONTAINERS, -1},
        {"timeout", SETTING_TIMEOUT, -1},
        {"startup_timeout", SETTING_STARTUP_TIMEOUT, -1},
        {"max_inputs", SETTING_MAX_INPUTS, -1},
        {"target_inputs", SETTING_TARGET_INPUTS, -1},
        {"max_batch_size", SETTING_MAX_BATCH_SIZE, -1},
        {"wait_ms", SETTING_WAIT_MS, -1},
        {"enable_memory_snapshot", SETTING_ENABLE_MEMORY_SNAPSHOT, -1},
        {"single_use_containers", SETTING_SINGLE_USE_CONTAINERS, -1},
        {"region", SETTING_REGION, -1},
        {"cloud", SETTING_CLOUD, -1},
        {"nonpreemptible", SETTING_NONPREEMPTIBLE, -1},
        {"min_containers", SETTING_MIN_CONTAINERS, -1},
        {"scaledown_window", SETTING_SCALEDOWN_WINDOW, -1},
        {"target_concurrency", SETTING_TARGET_CONCURRENCY, -1},
        {"max_concurrency", SETTING_MAX_CONCURRENCY, -1},
    };
    jsonw_key_object(json, "settings");
    write_gpu(json, arena, project, function);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        write_setting(json, function, rows[i].key, app_setting_name(function, rows[i].setting), rows[i].part);
    write_volumes(json, function);
    jsonw_end(json);
}

void functions_json(struct jsonw *json, struct arena *arena, const struct project *project, const struct app *app)
{
    static const char *const kinds[] = {"function", "class", "server"};
    for (size_t i = 0; i < app->functions.len; i++) {
        const struct app_function *function = &app->functions.items[i];
        if (function->call_module->index >= project->asked && function->module->index >= project->asked)
            continue;
        jsonw_object(json);
        jsonw_key_string(json, "file", function->call_module->path);
        jsonw_key_u64(json, "line",
                      tree_node(&function->module->tree, module_def(function->module, function->def)->node)->row + 1);
        jsonw_key_string(json, "function", function->name);
        jsonw_key_string(json, "kind", str_of(kinds[function->kind]));
        jsonw_key_string(json, "provider", function->provider == PROVIDER_LAMBDA ? STR("aws-lambda") : STR("modal"));
        write_settings(json, arena, project, function);
        jsonw_end(json);
    }
}
