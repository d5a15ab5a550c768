/* A command line, an argument a line: whatever is taken lies within its row's limits. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

struct args {
    bool flag;
    const char *text, *choice;
    struct opt_strs list;
    uint32_t count;
    double share, time_s;
};

static const struct opt own[] = {
    {'f', "flag", OPT_FLAG, offsetof(struct args, flag), NULL, "a flag", 0, 0},
    {'t', "text", OPT_STR, offsetof(struct args, text), "TEXT", "a text", 0, 0},
    {0, "list", OPT_STRS, offsetof(struct args, list), "TEXT", "texts", 0, 0},
    {'n', "count", OPT_U32, offsetof(struct args, count), "N", "a count", 1, 1000},
    {0},
};
static const struct opt shared[] = {
    {0, "share", OPT_F64, offsetof(struct args, share), "X", "a share", 0, 1},
    {0, "max-time", OPT_DURATION, offsetof(struct args, time_s), "TIME", "a time", 0.1, 604800},
    {0, "format", OPT_CHOICE, offsetof(struct args, choice), "text|json", "a choice", 0, 0},
    {0},
};

static void check(const struct args *args)
{
    bool right = args->count >= 1 && args->count <= 1000 && args->share >= 0 && args->share <= 1 &&
                 args->time_s >= 0.1 && args->time_s <= 604800;
    if (!right || (args->choice && strcmp(args->choice, "text") != 0 && strcmp(args->choice, "json") != 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 64 };
    struct arena arena = {0};
    struct err err = {0};
    char *text = arena_alloc(&arena, size + 1), *argv[MOST + 1] = {NULL};
    memcpy(text, data, size);
    text[size] = 0;
    int argc = 0;
    for (char *at = text; at && argc < MOST; argc++) {
        argv[argc] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = 0;
    }
    struct args args = {.count = 1, .time_s = 1};
    struct opt_group groups[] = {{NULL, own, &args}, {"Shared", shared, &args}};
    struct opt_words words;
    struct opt_givens givens = {0};
    opt_scan(&arena, groups, 2, argc, argv, &words, &givens, NULL);
    opt_parse(&arena, groups, 2, argc, argv, &words, &err);
    check(&args);
    for (int i = 0; i + 1 < argc; i++)
        opt_set(&arena, groups, 2, str_of(argv[i]), argv[i + 1], NULL);
    check(&args);
    err_release(&err);
    arena_release(&arena);
    return 0;
}
