/* The functions of a serverless app: what a file registers with Modal (or would with Lambda), each with its settings. */
#ifndef COLDSPOT_SOURCE_APP_H
#define COLDSPOT_SOURCE_APP_H

#include "source/value.h"

enum setting {
#define SETTING(name, text) SETTING_##name,
#include "source/settings.def"
#undef SETTING
    SETTINGS
};

extern const char *const setting_names[SETTINGS];

enum provider { PROVIDER_MODAL, PROVIDER_LAMBDA };
enum function_kind { FUNCTION_FUNCTION, FUNCTION_CLASS, FUNCTION_SERVER };

/* What a method of a registered class, or the function itself, is to the platform. */
enum method_kind {
    METHOD_PLAIN, /* a helper: nobody calls it from outside */
    METHOD_ENTER,
    METHOD_ENTER_SNAP, /* enter(snap=True) */
    METHOD_EXIT,
    METHOD_CALL, /* modal.method, or the function itself */
    METHOD_BATCHED,
    METHOD_WEB,        /* fastapi_endpoint, web_endpoint: runs per request */
    METHOD_WEB_APP,    /* asgi_app, wsgi_app: runs once, gives back the app */
    METHOD_WEB_SERVER, /* web_server: runs once, starts a server */
};

struct method {
    enum method_kind kind;
    const struct module *module; /* differs from the function's for methods of a base class */
    def_id def;
};

/* A setting as given: the place of its name or value, and its value; node 0: not given. */
struct setting_value {
    const struct value *value; /* NULL: not given */
    const struct module *module;
    node_id node;       /* the keyword argument, or what stands for it */
    bool from_app;      /* given to modal.App */
    bool is_max_inputs; /* single_use_containers, under its old name max_inputs=1 */
};

struct app_function {
    const struct module *module;
    def_id def;
    enum provider provider;
    enum function_kind kind;
    struct str name; /* as it is registered */
    node_id call;    /* of app.function(...), app.cls(...); 0 where there is none */
    const struct module *call_module;
    node_id decorator;       /* the decorator, 0 for app.function(...)(f) */
    const char *unknown_why; /* some settings can't be known: **something; NULL */
    struct setting_value settings[SETTINGS];
    array_of(struct method) methods; /* for a function: itself */
    bool custom_init;                /* a class with an __init__ of its own */
    node_id concurrent;              /* the @modal.concurrent decorator's call, 0: none */
};

struct app {
    array_of(struct app_function) functions;
    array_of(struct method) local; /* local_entrypoint functions; module and def */
};

/* All functions that the project's modules register, in the order of modules and lines.  After project_link(). */
void app_find(struct arena *arena, const struct project *project, struct app *app_out);

/* A GPU as Modal reads it: type in capitals and how many; false where value is none. */
bool app_gpu(struct arena *arena, const struct project *project, const struct value *value, struct str *type_out,
             int64_t *count_out);

/* The setting itself, or the older name that it is given under: keep_warm for min_containers. */
enum setting app_setting_name(const struct app_function *function, enum setting setting);

/* Whether a path is that of a decorator which registers functions: "modal.App().function". */
bool app_is_registration(struct str path);

/* The setting's value (also under its older name), or what it likely is; NULL where it is not given (or None). */
const struct value *app_setting(const struct app_function *function, enum setting setting);

/* A number of the setting, fallback where there is none. */
double app_number(const struct app_function *function, enum setting setting, double fallback);
bool app_flag(const struct app_function *function, enum setting setting);

/* Whether the function has a GPU; type "?" where it can't be known which. */
bool app_has_gpu(struct arena *arena, const struct project *project, const struct app_function *function,
                 struct str *type_out, int64_t *count_out);

#endif
