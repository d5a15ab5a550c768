/* Patterns are found through the last name of a path, so that a call costs a look-up and a comparison or two. */
#include "diagnose/known.h"

#include <string.h>

enum {
    LOAD = KNOWN_LOAD,
    DOWNLOAD = KNOWN_DOWNLOAD,
    FETCH = KNOWN_FETCH,
    SETUP = KNOWN_SETUP,
    MODEL = KNOWN_MODEL,
    TORCH = KNOWN_TORCH,
    BLOCKING = KNOWN_BLOCKING,
    DATA = KNOWN_DATA,
    TRAIN = KNOWN_TRAIN,
    COMPILE = KNOWN_COMPILE,
    GPU = KNOWN_GPU,
    NET = KNOWN_NET,
    RANDOM = KNOWN_RANDOM,
    LIGHT = KNOWN_LIGHT,
};

static const struct call_row {
    struct str pattern;
    uint32_t flags;
} call_rows[] = {
#define CALL(pattern, flags) {{pattern, sizeof(pattern) - 1}, flags},
#include "diagnose/calls.def"
#undef CALL
};

static const struct known_module module_rows[] = {
#define MODULE(name, ms, flags) {{name, sizeof(name) - 1}, ms, flags},
#include "diagnose/modules.def"
#undef MODULE
};

enum {
    CALL_ROWS = sizeof(call_rows) / sizeof(call_rows[0]),
    MODULE_ROWS = sizeof(module_rows) / sizeof(module_rows[0])
};

static struct str last_name(struct str path)
{
    ptrdiff_t dot = str_find_last(path, '.');
    return dot >= 0 ? str_slice(path, (size_t)dot + 1, path.len) : path;
}

/* Under which name a pattern is kept: its last one, "*" where that has a star. */
static struct str key_of(struct str pattern)
{
    struct str last = last_name(pattern);
    return str_contains(last, STR("*")) ? STR("*") : last;
}

void known_init(struct arena *arena, struct known *known)
{
    *known = (struct known){.next = arena_array(arena, uint32_t, CALL_ROWS)};
    for (uint32_t i = 0; i < CALL_ROWS; i++) {
        uint64_t *first = map_put(arena, &known->by_last, key_of(call_rows[i].pattern), NULL);
        known->next[i] = (uint32_t)*first;
        *first = i + 1;
    }
    for (uint32_t i = 0; i < MODULE_ROWS; i++)
        *map_put(arena, &known->modules, module_rows[i].name, NULL) = i + 1;
}

bool known_matches(struct str pattern, struct str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* The longest pattern that matches wins. */
static void best_row(const struct known *known, struct str key, struct str path, size_t *longest, uint32_t *flags)
{
    const uint64_t *first = map_get(&known->by_last, key);
    for (uint64_t i = first ? *first : 0; i; i = known->next[i - 1]) {
        const struct call_row *row = &call_rows[i - 1];
        /* What a library's function gave back is not the library: "torchvision.models.*" is no method of a model. */
        bool of_result = str_contains(path, STR("(")) && !str_contains(row->pattern, STR("(")) &&
                         row->pattern.ptr[0] != '*';
        bool methods = str_ends_with(row->pattern, STR("().*"));
        ptrdiff_t last = str_find_last(path, '(');
        of_result = of_result || (methods && (size_t)last > row->pattern.len - STR("().*").len);
        if (row->pattern.len > *longest && !of_result && known_matches(row->pattern, path)) {
            *longest = row->pattern.len;
            *flags = row->flags;
        }
    }
}

uint32_t known_call(const struct known *known, struct str path)
{
    uint32_t flags = 0;
    size_t longest = 0;
    if (!path.len)
        return 0;
    best_row(known, last_name(path), path, &longest, &flags);
    best_row(known, STR("*"), path, &longest, &flags);
    return flags;
}

const struct known_module *known_module(const struct known *known, struct str module)
{
    while (module.len) {
        const uint64_t *row = map_get(&known->modules, module);
        if (row)
            return &module_rows[*row - 1];
        ptrdiff_t dot = str_find_last(module, '.');
        if (dot < 0)
            break;
        module = str_slice(module, 0, (size_t)dot);
    }
    return NULL;
}

static const char *const stdlib[] = {
    "abc",       "argparse",    "array",       "ast",        "asyncio",      "base64",     "bisect",      "builtins",
    "bz2",       "calendar",    "collections", "concurrent", "configparser", "contextlib", "contextvars", "copy",
    "csv",       "dataclasses", "datetime",    "decimal",    "difflib",      "email",      "enum",        "fnmatch",
    "fractions", "functools",   "gc",          "getpass",    "glob",         "gzip",       "hashlib",     "heapq",
    "hmac",      "html",        "http",        "importlib",  "inspect",      "io",         "ipaddress",   "itertools",
    "json",      "logging",     "lzma",        "math",       "mimetypes",    "operator",   "os",          "pathlib",
    "pickle",    "platform",    "pprint",      "queue",      "random",       "re",         "secrets",     "shutil",
    "signal",    "smtplib",     "socket",      "sqlite3",    "ssl",          "statistics", "string",      "struct",
    "sys",       "tarfile",     "tempfile",    "textwrap",   "threading",    "time",       "tomllib",     "traceback",
    "types",     "typing",      "unicodedata", "urllib",     "uuid",         "warnings",   "weakref",     "xml",
    "zipfile",   "zlib",        "zoneinfo",    "__future__"};

bool known_is_stdlib(struct str module)
{
    struct str rest = module, first = module;
    str_cut(&rest, '.', &first);
    for (size_t i = 0; i < sizeof(stdlib) / sizeof(stdlib[0]); i++)
        if (str_equals(first, str_of(stdlib[i])))
            return true;
    return false;
}
