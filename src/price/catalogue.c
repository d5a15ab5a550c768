/* All price tables at hand: those that the binary carries, then the user's.  Later ones replace earlier ones of the same
 * provider, so that a negotiated price or a newer list needs no new coldspot. */
#include "price/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/embedded.h"
#include "base/file.h"
#include "base/json.h"

extern const struct embedded price_files[];

enum { FILE_BYTES_MOST = 1 << 20 };

static bool equals_ignoring_case(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr ? a.ptr : "", b.ptr ? b.ptr : "", a.len) == 0;
}

const struct price_table *catalogue_table(const struct catalogue *catalogue, struct str provider)
{
    for (size_t i = 0; i < catalogue->tables.len; i++) {
        if (equals_ignoring_case(catalogue->tables.items[i]->provider, provider.len ? provider : STR("modal")))
            return catalogue->tables.items[i];
    }
    return NULL;
}

const struct gpu *catalogue_gpu(const struct catalogue *catalogue, struct str name)
{
    struct str maker = STR("NVIDIA ");
    if (equals_ignoring_case(str_slice(name, 0, maker.len), maker))
        name = str_slice(name, maker.len, name.len);
    for (size_t i = 0; i < catalogue->gpus.len; i++) {
        const struct gpu *gpu = &catalogue->gpus.items[i];
        if (equals_ignoring_case(gpu->name, name))
            return gpu;
        for (size_t a = 0; a < gpu->aliases.len; a++) {
            if (equals_ignoring_case(gpu->aliases.items[a], name))
                return gpu;
        }
    }
    return NULL;
}

const struct gpu_bracket *catalogue_bracket(const struct catalogue *catalogue, double needed_gb)
{
    for (size_t i = 0; i < catalogue->brackets.len; i++) {
        const struct gpu_bracket *bracket = &catalogue->brackets.items[i];
        if (bracket->below_gb <= 0 || needed_gb < bracket->below_gb)
            return bracket;
    }
    return NULL;
}

bool price_age_days(struct str date, double now_s, int64_t *days_out)
{
    struct str rest = date, part;
    uint64_t numbers[3];
    for (size_t i = 0; i < 3; i++) {
        if (!str_cut(&rest, '-', &part) || part.len != (i ? 2 : 4) || !str_to_u64(part, &numbers[i]))
            return false;
    }
    if (rest.ptr || numbers[0] < 1970 || numbers[1] < 1 || numbers[1] > 12 || numbers[2] < 1 || numbers[2] > 31)
        return false;
    struct tm day = {.tm_year = (int)numbers[0] - 1900, .tm_mon = (int)numbers[1] - 1, .tm_mday = (int)numbers[2]};
    *days_out = ((int64_t)now_s - (int64_t)timegm(&day)) / 86400;
    return true;
}

static void read_gpu(struct arena *arena, struct catalogue *catalogue, const char *name, json_t *value)
{
    struct gpu *gpu = array_push(arena, &catalogue->gpus);
    gpu->name = arena_copy(arena, str_of(name));
    gpu->memory_bytes = (uint64_t)(json_get_f64(value, "memory_gb", 0) * 1e9);
    size_t i;
    json_t *alias;
    json_array_foreach(json_object_get(value, "aliases"), i, alias)
    {
        *array_push(arena, &gpu->aliases) = arena_copy(arena, str_of(json_string_value(alias)));
    }
}

static void read_bracket(struct arena *arena, struct catalogue *catalogue, json_t *value)
{
    struct gpu_bracket *bracket = array_push(arena, &catalogue->brackets);
    bracket->below_gb = json_get_f64(value, "below_gb", 0);
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(value, "gpus"), i, name)
    {
        *array_push(arena, &bracket->gpus) = arena_copy(arena, str_of(json_string_value(name)));
    }
}

static int read_gpus(struct arena *arena, struct catalogue *catalogue, struct str text, struct err *err)
{
    json_t *root = NULL, *value;
    const char *name;
    int rc = json_parse(text, "gpus.json", &root, err);
    if (rc)
        return rc;
    json_object_foreach(json_object_get(root, "gpus"), name, value)
    {
        read_gpu(arena, catalogue, name, value);
    }
    size_t i;
    json_array_foreach(json_object_get(root, "brackets"), i, value)
    {
        read_bracket(arena, catalogue, value);
    }
    json_array_foreach(json_object_get(root, "batch_sizes"), i, value)
    {
        *array_push(arena, &catalogue->batches) = (struct gpu_batch){json_get_f64(value, "from_gb", 0),
                                                                     (int)json_get_f64(value, "size", 1)};
    }
    json_decref(root);
    return 0;
}

/* Takes the place of a table of the same provider. */
static void put_table(struct arena *arena, struct catalogue *catalogue, struct price_table *table)
{
    for (size_t i = 0; i < catalogue->tables.len; i++) {
        if (equals_ignoring_case(catalogue->tables.items[i]->provider, table->provider)) {
            catalogue->tables.items[i] = table;
            return;
        }
    }
    *array_push(arena, &catalogue->tables) = table;
}

static int add_table(struct arena *arena, struct catalogue *catalogue, struct price_table *table,
                     const struct price_problems *problems, struct err *err)
{
    for (size_t i = 0; i < problems->len; i++) {
        if (problems->items[i].is_warning)
            continue;
        err_set(err, ERR_INPUT, "cannot use the prices of '%.*s': %.*s", STR_ARG(table->file),
                STR_ARG(problems->items[i].text));
        return err_hint(err, "coldspot prices check %.*s", STR_ARG(table->file));
    }
    put_table(arena, catalogue, table);
    return 0;
}

int price_read_file(struct arena *arena, const struct catalogue *base, const char *path, struct price_table **table_out,
                    struct price_problems *problems, struct err *err)
{
    struct str text;
    int rc = file_read(arena, path, FILE_BYTES_MOST, &text, err);
    if (rc)
        return rc;
    *table_out = price_read(arena, base, text, path, problems);
    return 0;
}

static int add_file(struct arena *arena, struct catalogue *catalogue, const char *path, struct err *err)
{
    struct price_problems problems = {0};
    struct price_table *table;
    int rc = price_read_file(arena, catalogue, path, &table, &problems, err);
    if (rc)
        return rc;
    return add_table(arena, catalogue, table, &problems, err);
}

static int is_table(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && str_ends_with(str_of(entry->d_name), STR(".json"));
}

int catalogue_list(struct arena *arena, const char *directory, struct price_paths *paths_out, struct err *err)
{
    struct dirent **entries;
    struct price_paths paths = {0};
    int n = scandir(directory, &entries, is_table, alphasort);
    if (n < 0 && errno != ENOENT && errno != ENOTDIR)
        return err_set(err, ERR_SYSTEM, "cannot read the directory of prices '%s': %s", directory, strerror(errno));
    for (int i = 0; i < n; i++) {
        *array_push(arena, &paths) = arena_printf(arena, "%s/%s", directory, entries[i]->d_name).ptr;
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    *paths_out = paths;
    return 0;
}

static int add_directory(struct arena *arena, struct catalogue *catalogue, const char *directory, struct err *err)
{
    struct price_paths paths;
    int rc = catalogue_list(arena, directory, &paths, err);
    for (size_t i = 0; !rc && i < paths.len; i++)
        rc = add_file(arena, catalogue, paths.items[i], err);
    return rc;
}

static int add_built_in(struct arena *arena, struct catalogue *catalogue, struct err *err)
{
    int rc = 0;
    for (const struct embedded *file = price_files; file->name && !rc; file++) {
        struct str text = str_from((const char *)file->bytes, file->len);
        if (strcmp(file->name, "gpus.json") == 0) {
            rc = read_gpus(arena, catalogue, text, err);
            continue;
        }
        struct price_problems problems = {0};
        const char *name = arena_printf(arena, "built in: %s", file->name).ptr;
        rc = add_table(arena, catalogue, price_read(arena, catalogue, text, name, &problems), &problems, err);
    }
    return rc;
}

const char *catalogue_user_directory(struct arena *arena)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        return arena_printf(arena, "%s/coldspot/prices", config).ptr;
    if (home && home[0] == '/')
        return arena_printf(arena, "%s/.config/coldspot/prices", home).ptr;
    return NULL;
}

int catalogue_load(struct arena *arena, const char *directory, const char *file, struct catalogue *catalogue_out,
                   struct err *err)
{
    struct catalogue catalogue = {0};
    int rc = add_built_in(arena, &catalogue, err);
    if (!rc && directory)
        rc = add_directory(arena, &catalogue, directory, err);
    if (!rc && file)
        rc = add_file(arena, &catalogue, file, err);
    if (!rc)
        *catalogue_out = catalogue;
    return rc;
}
