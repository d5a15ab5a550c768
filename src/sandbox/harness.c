/* Writing the harness's request and reading its events: the two ends of docs/reference/harness.md that are C. */
#include "sandbox/harness.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "sandbox/sandbox.h"

enum { RESULT_MOST = 256 << 20, NAMES_SHOWN = 12, NEAR_MOST = 3 };

const char *const *harness_argv(struct arena *arena, const struct python *python, const char *package_dir)
{
    const char **argv = arena_array(arena, const char *, 4);
    argv[0] = python->executable;
    argv[1] = arena_printf(arena, "%s/coldspot/harness.py", package_dir).ptr;
    argv[2] = SANDBOX_REQUEST_PATH;
    return argv;
}

static void write_text(struct jsonw *json, const char *key, const char *text)
{
    if (text)
        jsonw_key_string(json, key, str_of(text));
}

static void write_value(struct jsonw *json, const char *key, const json_t *value)
{
    if (!value)
        return;
    jsonw_key(json, key);
    jsonw_value(json, value);
}

static void write_target(struct jsonw *json, const struct target *target)
{
    jsonw_key_object(json, "target");
    write_text(json, "file", target->file);
    write_text(json, "module", target->module);
    write_text(json, "name", target->name);
    write_text(json, "app_dir", target->app_dir);
    jsonw_end(json);
}

static void write_web(struct jsonw *json, const struct harness_request *request)
{
    bool is_text = json_is_string(request->web_body);
    write_text(json, "request", request->web);
    write_value(json, is_text ? "request_body" : "request_json", request->web_body);
    if (!request->web_header_count)
        return;
    jsonw_key_array(json, "request_headers");
    for (size_t i = 0; i < request->web_header_count; i++) {
        jsonw_array(json);
        jsonw_string(json, request->web_headers[i].name);
        jsonw_string(json, request->web_headers[i].value);
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_sizes(struct jsonw *json, const char *key, const uint32_t *sizes, size_t n)
{
    jsonw_key_array(json, key);
    for (size_t i = 0; i < n; i++)
        jsonw_u64(json, sizes[i]);
    jsonw_end(json);
}

static void write_curve(struct jsonw *json, const struct harness_curve *curve)
{
    jsonw_key_object(json, "curve");
    write_sizes(json, "batch", curve->batch.items, curve->batch.len);
    write_sizes(json, "concurrency", curve->concurrency.items, curve->concurrency.len);
    jsonw_key_u64(json, "rounds", curve->rounds);
    jsonw_end(json);
}

struct str harness_write_request(struct arena *arena, const struct harness_request *request)
{
    struct buf out = {0};
    struct jsonw json;
    jsonw_init(&json, &out, false);
    jsonw_object(&json);
    write_target(&json, request->target);
    write_text(&json, "result", request->result);
    jsonw_key_bool(&json, "has_input", request->input != NULL);
    write_value(&json, "input", request->input);
    write_value(&json, "inputs", request->inputs);
    write_text(&json, "input_from", request->input_from);
    write_web(&json, request);
    if (request->batch)
        jsonw_key_u64(&json, "batch", request->batch);
    if (request->curve)
        write_curve(&json, request->curve);
    write_value(&json, "params", request->params);
    jsonw_key_u64(&json, "calls", request->calls ? request->calls : 1);
    jsonw_key_string(&json, "remote", request->remote_is_error ? STR("error") : STR("local"));
    jsonw_key_bool(&json, "import_modal", request->import_modal);
    jsonw_key_bool(&json, "list", request->list);
    jsonw_end(&json);
    struct str bytes = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return bytes;
}

static void keep(json_t **slot, json_t *value)
{
    json_decref(*slot);
    *slot = json_incref(value);
}

static void take_call(struct arena *arena, struct harness_result *result, const json_t *event)
{
    int64_t index = json_get_i64(event, "index", -1), wall_ns = json_get_i64(event, "wall_ns", 0);
    if (index == (int64_t)result->call_wall_ns.len && wall_ns >= 0)
        *array_push(arena, &result->call_wall_ns) = (uint64_t)wall_ns;
}

static void take_point(struct arena *arena, struct harness_result *result, const json_t *event)
{
    int64_t size = json_get_i64(event, "size", 0), wall_ns = json_get_i64(event, "wall_ns", -1);
    if (size >= 1 && size <= UINT32_MAX && wall_ns >= 0)
        *array_push(arena, &result->points) = (struct harness_point){
            str_equals(json_get_str(event, "kind", STR("")), STR("batch")), (uint32_t)size, (uint64_t)wall_ns};
}

static void take_event(struct arena *arena, struct harness_result *result, json_t *event)
{
    struct str kind = json_get_str(event, "event", STR(""));
    if (str_equals(kind, STR("target")))
        keep(&result->target, event);
    else if (str_equals(kind, STR("functions")))
        keep(&result->listing, json_object_get(event, "names"));
    else if (str_equals(kind, STR("call")))
        take_call(arena, result, event);
    else if (str_equals(kind, STR("point")))
        take_point(arena, result, event);
    else if (str_equals(kind, STR("error")))
        keep(&result->error, event);
    else if (str_equals(kind, STR("done")))
        result->done = true;
}

int harness_read_result(struct arena *arena, const char *path, struct harness_result *result_out, struct err *err)
{
    struct harness_result result = {0};
    struct str text, line;
    int rc = file_read(arena, path, RESULT_MOST, &text, err);
    if (rc)
        return err_wrap(err, "the results of the harness");
    while (str_cut(&text, '\n', &line)) {
        json_t *event = NULL;
        if (!line.len || !text.ptr || json_parse(line, "an event of the harness", &event, NULL))
            continue; /* without a newline after it, it was cut short by a kill */
        take_event(arena, &result, event);
        json_decref(event);
    }
    *result_out = result;
    return 0;
}

void harness_result_release(struct harness_result *result)
{
    json_decref(result->target);
    json_decref(result->listing);
    json_decref(result->error);
    *result = (struct harness_result){0};
}

/* --- an "error" event in words --- */

/* Which command-line side of things an error is on; what has no row is wrong with the app. */
static const struct {
    const char *kind;
    enum err_code code;
} codes[] = {
    {"function_exception", ERR_FUNCTION},
    {"exited", ERR_FUNCTION},
    {"remote_called", ERR_FUNCTION},
    {"bad_status", ERR_FUNCTION},
    {"no_such_function", ERR_USAGE},
    {"no_such_module", ERR_USAGE},
    {"ambiguous", ERR_USAGE},
    {"not_callable", ERR_USAGE},
    {"needs_argument", ERR_USAGE},
    {"bad_input", ERR_USAGE},
    {"bad_input_from", ERR_USAGE},
    {"bad_param", ERR_USAGE},
    {"needs_param", ERR_USAGE},
    {"needs_request", ERR_USAGE},
    {"bad_request", ERR_USAGE},
};

static enum err_code code_of(const json_t *error)
{
    struct str kind = json_get_str(error, "kind", STR("")), during = json_get_str(error, "during", STR(""));
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (str_equals(kind, str_of(codes[i].kind)))
            return codes[i].code;
    }
    bool running = str_equals(during, STR("call")) || str_equals(during, STR("enter")) ||
                   str_equals(during, STR("exit"));
    return running ? ERR_FUNCTION : ERR_INPUT;
}

static struct str shown_file(const json_t *error, const char *key)
{
    return path_base(json_get_str(error, key, STR("")));
}

/* The target that was given, with another name in it. */
static void hint_did_you_mean(const struct target *target, struct str name, struct err *err)
{
    struct str text = str_of(target ? target->text : NULL);
    ptrdiff_t separator = str_find(text, STR("::"));
    bool is_module = separator < 0 && target && target->module;
    struct str app = separator >= 0 ? str_slice(text, 0, (size_t)separator) : str_of(is_module ? target->module : NULL);
    if (app.len)
        err_hint(err, "did you mean: coldspot run %.*s%s%.*s", STR_ARG(app), is_module ? ":" : "::", STR_ARG(name));
    else
        err_hint(err, "did you mean: %.*s", STR_ARG(name));
}

/* "it has: a, b, c" and the name nearest to the one that was asked for. */
static void hint_names(const json_t *error, const struct target *target, struct err *err)
{
    const json_t *names = json_object_get(error, "names"), *name;
    struct str asked = json_get_str(error, "name", STR("")), near = {0};
    struct buf list = {0};
    size_t i, count = json_array_size(names);
    unsigned nearest = NEAR_MOST + 1;
    if (!count)
        return;
    json_array_foreach(names, i, name)
    {
        struct str text = str_of(json_string_value(name));
        if (i < NAMES_SHOWN)
            buf_addf(&list, "%s%.*s", i ? ", " : "", STR_ARG(text));
        unsigned distance = str_distance(asked, text);
        ptrdiff_t dot = str_find_last(text, '.');
        if (dot >= 0 && str_distance(asked, str_slice(text, (size_t)dot + 1, text.len)) < distance)
            distance = str_distance(asked, str_slice(text, (size_t)dot + 1, text.len));
        if (asked.len && distance < nearest && distance < asked.len) {
            nearest = distance;
            near = text;
        }
    }
    if (count > NAMES_SHOWN)
        buf_addf(&list, " and %zu more", count - NAMES_SHOWN);
    err_hint(err, "it has: %s", buf_cstr(&list));
    if (near.len)
        hint_did_you_mean(target, near, err);
    buf_release(&list);
}

static void hint_example(const json_t *error, struct err *err)
{
    struct str example = json_get_str(error, "example", STR(""));
    bool is_input = str_starts_with(example, STR("--input"));
    if (example.len)
        err_hint(err, "give it: %.*s%s", STR_ARG(example),
                 is_input ? "          (a JSON list of arguments, or an object of keywords)" : "");
}

static void hint_package(const json_t *error, struct err *err)
{
    struct str command = json_get_str(error, "command", STR("")), line = json_get_str(error, "image_text", STR(""));
    struct str image = shown_file(error, "image_file");
    if (line.len)
        err_hint(err, "the image installs it at %.*s:%lld: %.*s", STR_ARG(image),
                 (long long)json_get_i64(error, "image_line", 0), STR_ARG(line));
    if (command.len)
        err_hint(err, "install it here too: %.*s", STR_ARG(command));
}

int harness_error(const json_t *error, const struct target *target, const struct python *python, struct err *err)
{
    struct str message = json_get_str(error, "message", STR("the harness gave no reason"));
    struct str signature = json_get_str(error, "signature", STR("")), file = shown_file(error, "file");
    struct str kind = json_get_str(error, "kind", STR(""));
    int64_t line = json_get_i64(error, "line", 0);
    err_set(err, code_of(error), "%.*s%s%.*s", STR_ARG(message), signature.len ? ": " : "", STR_ARG(signature));
    if (file.len && line && !str_equals(kind, STR("syntax_error")))
        err_hint(err, "at %.*s:%lld", STR_ARG(file), (long long)line);
    hint_names(error, target, err);
    hint_example(error, err);
    hint_package(error, err);
    if (str_equals(kind, STR("no_functions")) && target->file)
        err_hint(err, "a script is measured as a command: coldspot run -- python3 %s", target->file);
    if (str_equals(kind, STR("no_modal")) && python)
        err_hint(err, "this Python was found by %s; another is named by --python", python_from_name(python->from));
    if (str_equals(kind, STR("web_server")))
        err_hint(err, "measure the server it starts: coldspot run -- COMMAND");
    return -(int)code_of(error);
}
