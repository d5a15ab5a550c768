/* Which settings file counts.
 *
 * The search begins in the directory of the file (or in the directory) that the first argument names, and goes up.  In each
 * directory pyproject.toml counts if it has a table [tool.coldspot], else coldspot.toml; the first one found is the only one.
 * It ends after a directory with .git, or at the root.  Where it finds nothing, it is made again from the working directory. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cmd/config.h"

enum { FILE_MOST = 4 << 20 };

static struct str real_path(struct arena *arena, const char *path)
{
    char real[PATH_MAX];
    return realpath(path, real) ? arena_copy(arena, str_of(real)) : STR("");
}

static const char *join(struct arena *arena, struct str dir, const char *name)
{
    return arena_printf(arena, "%.*s%s%s", STR_ARG(dir), str_equals(dir, STR("/")) ? "" : "/", name).ptr;
}

/* Relative to the working directory where it lies below it. */
static const char *shown(struct str cwd, const char *path)
{
    struct str whole = str_of(path);
    bool below = str_starts_with(whole, cwd) && whole.len > cwd.len && whole.ptr[cwd.len] == '/';
    return below ? path + cwd.len + 1 : path;
}

/* Reads the file; config_out->settings stays NULL where a pyproject.toml says nothing about coldspot. */
static int read_file(struct arena *arena, const char *path, struct config *config_out, struct err *err)
{
    struct str cwd = real_path(arena, "."), text;
    struct str dir = real_path(arena, arena_cstr(arena, path_dir(str_of(path))));
    bool is_pyproject = str_equals(path_base(str_of(path)), STR("pyproject.toml"));
    struct config config = {.path = shown(cwd, path), .prefix = is_pyproject ? "tool.coldspot." : ""};
    config.dir = str_equals(dir, cwd) ? STR("") : dir;
    int rc = file_read(arena, path, FILE_MOST, &text, err);
    if (!rc)
        rc = toml_parse(arena, text, config.path, &config.toml, err);
    if (rc)
        return rc;
    config.settings = config.toml.root;
    if (is_pyproject)
        config.settings = json_object_get(json_object_get(config.toml.root, "tool"), "coldspot");
    *config_out = config;
    if (!config.settings || json_is_object(config.settings))
        return 0;
    config_release(config_out);
    return err_set(err, ERR_USAGE, "%s: tool.coldspot is no table", config.path);
}

int config_open(struct arena *arena, const char *path, struct config *config_out, struct err *err)
{
    int rc = read_file(arena, path, config_out, err);
    if (rc || config_out->settings)
        return rc;
    rc = err_set(err, ERR_USAGE, "%s has no table [tool.coldspot]", config_out->path);
    config_release(config_out);
    return rc;
}

void config_release(struct config *config)
{
    toml_release(&config->toml);
    config->settings = NULL;
}

/* A file that anybody may have put above the app says nothing: it must belong to us, to root, or to who owns the directory
 * where the search began. */
static bool is_trusted(const char *path, const struct stat *start, bool quiet)
{
    struct stat status;
    if (stat(path, &status) || !S_ISREG(status.st_mode))
        return false;
    if (status.st_uid == geteuid() || status.st_uid == 0 || status.st_uid == start->st_uid)
        return true;
    cmd_note(quiet, "%s belongs to somebody else: not read (--config %s reads it)", path, path);
    return false;
}

static int search_up(struct arena *arena, struct str start, bool quiet, struct config *config_out, struct err *err)
{
    static const char *const names[] = {"pyproject.toml", "coldspot.toml"};
    struct stat status;
    if (!start.len || stat(start.ptr, &status))
        return 0;
    for (struct str dir = start;; dir = arena_copy(arena, path_dir(dir))) {
        for (size_t i = 0; i < 2; i++) {
            const char *path = join(arena, dir, names[i]);
            int rc = is_trusted(path, &status, quiet) ? read_file(arena, path, config_out, err) : 0;
            if (rc)
                return err_hint(err, "--no-config runs without it");
            if (config_out->settings)
                return 0;
            config_release(config_out);
        }
        if (file_exists(join(arena, dir, ".git")) || str_equals(dir, STR("/")))
            return 0;
    }
}

/* The directory of what the first word names; empty: it names no file. */
static struct str target_dir(struct arena *arena, const struct opt_words *words)
{
    if (!words->len)
        return STR("");
    struct str word = str_of(words->items[0]);
    ptrdiff_t colons = str_find(word, STR("::"));
    const char *path = arena_cstr(arena, str_slice(word, 0, colons < 0 ? word.len : (size_t)colons));
    if (!file_exists(path))
        return STR("");
    return real_path(arena, file_is_dir(path) ? path : arena_cstr(arena, path_dir(str_of(path))));
}

int config_find(struct arena *arena, const struct opt_words *words, bool quiet, struct config *config_out,
                struct err *err)
{
    *config_out = (struct config){0};
    int rc = search_up(arena, target_dir(arena, words), quiet, config_out, err);
    if (!rc && !config_out->settings)
        rc = search_up(arena, real_path(arena, "."), quiet, config_out, err);
    if (!rc && config_out->settings)
        log_debug("settings from %s", config_out->path);
    return rc;
}
