/* TARGET, taken apart and looked for.  What is in the file is the harness's to say. */
#include "sandbox/target.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
    SHOWN_MOST = 8,      /* names in a hint */
    FILES_MOST = 64,     /* of the app's own that are read for its imports */
    TEXT_MOST = 4 << 20, /* of one of them */
};

static const char *absolute(struct arena *arena, struct str path)
{
    char real[PATH_MAX];
    if (realpath(arena_cstr(arena, path), real))
        return arena_cstr(arena, str_of(real));
    return arena_cstr(arena, path);
}

/* "a.py, b.py" of a directory, the nearest to `like` first when that is given. */
static void list_python_files(struct arena *arena, const char *directory, struct str like, struct buf *out)
{
    array_of(struct str) names = {0};
    DIR *dir = opendir(directory);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct str name = str_of(entry->d_name);
        if (str_ends_with(name, STR(".py")) && name.ptr[0] != '.')
            *array_push(arena, &names) = arena_copy(arena, name);
    }
    if (dir)
        closedir(dir);
    for (size_t shown = 0; shown < names.len && shown < SHOWN_MOST; shown++) {
        size_t best = shown;
        for (size_t i = shown + 1; i < names.len; i++) {
            unsigned a = str_distance(names.items[i], like), b = str_distance(names.items[best], like);
            if (like.len ? a < b : str_compare(names.items[i], names.items[best]) < 0)
                best = i;
        }
        struct str name = names.items[best];
        names.items[best] = names.items[shown];
        names.items[shown] = name;
        buf_addf(out, "%s%.*s", shown ? ", " : "", STR_ARG(name));
    }
    if (names.len > SHOWN_MOST)
        buf_addf(out, " and %zu more", names.len - SHOWN_MOST);
}

static int no_such_file(struct arena *arena, struct str path, struct err *err)
{
    struct str directory = path_dir(path);
    struct buf names = {0};
    err_set(err, ERR_INPUT, "there is no file '%.*s'", STR_ARG(path));
    list_python_files(arena, arena_cstr(arena, directory), path_base(path), &names);
    if (!file_is_dir(arena_cstr(arena, directory)))
        err_hint(err, "nor a directory '%.*s'", STR_ARG(directory));
    else if (names.len)
        err_hint(err, "%.*s has: %s", STR_ARG(directory), buf_cstr(&names));
    buf_release(&names);
    return -ERR_INPUT;
}

static int is_directory(struct arena *arena, struct str path, struct err *err)
{
    struct buf names = {0};
    err_set(err, ERR_INPUT, "'%.*s' is a directory; name a file and a function in it: app.py::function", STR_ARG(path));
    list_python_files(arena, arena_cstr(arena, path), (struct str){0}, &names);
    if (names.len)
        err_hint(err, "it has: %s", buf_cstr(&names));
    buf_release(&names);
    return -ERR_INPUT;
}

static int check_file(struct arena *arena, struct str path, struct target *target, struct err *err)
{
    const char *name = arena_cstr(arena, path);
    struct stat st;
    if (stat(name, &st))
        return errno == ENOENT || errno == ENOTDIR
                   ? no_such_file(arena, path, err)
                   : err_set(err, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return is_directory(arena, path, err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INPUT, "'%s' is no regular file", name);
    if (access(name, R_OK))
        return err_set(err, ERR_INPUT, "cannot read '%s': %s", name, strerror(errno));
    /* The directory may be a link; the file's own name is kept, since it is the module's. */
    const char *dir = absolute(arena, path_dir(path));
    target->app_dir = dir;
    target->file = arena_printf(arena, "%s/%.*s", strcmp(dir, "/") ? dir : "", STR_ARG(path_base(path))).ptr;
    return 0;
}

/* pkg.mod as a file under the working directory, when it is one; the harness looks on sys.path for the others. */
static void find_module_file(struct arena *arena, struct target *target)
{
    struct buf path = {0};
    buf_addf(&path, "%s/%s", target->app_dir, target->module);
    for (char *c = path.ptr + strlen(target->app_dir); *c; c++) {
        if (*c == '.')
            *c = '/';
    }
    const char *file = arena_printf(arena, "%s.py", path.ptr).ptr,
               *package = arena_printf(arena, "%s/__init__.py", path.ptr).ptr;
    target->file = file_exists(file) ? file : file_exists(package) ? package : NULL;
    buf_release(&path);
}

static bool is_dotted_name(struct str name)
{
    bool start = true;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool digit = c >= '0' && c <= '9', letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (c == '.' ? start : !(letter || c == '_' || c >= 128 || (digit && !start)))
            return false;
        start = c == '.';
    }
    return name.len && !start;
}

static int usage(struct str text, struct err *err)
{
    err_set(err, ERR_USAGE, "'%.*s' names no function", STR_ARG(text));
    return err_hint(err, "give app.py::function, app.py::Class.method, module:function, or -- and a command");
}

int target_parse(struct arena *arena, struct str text, struct target *target_out, struct err *err)
{
    struct target target = {.text = arena_cstr(arena, text)};
    ptrdiff_t at = str_find(text, STR("::"));
    struct str path = at < 0 ? text : str_slice(text, 0, (size_t)at);
    struct str name = at < 0 ? (struct str){0} : str_slice(text, (size_t)at + 2, text.len);
    ptrdiff_t colon = at < 0 ? str_find_last(text, ':') : -1;
    bool is_path = at >= 0 || str_ends_with(path, STR(".py")) || str_contains(path, STR("/")) ||
                   file_exists(arena_cstr(arena, path));
    if (colon >= 0 && !file_exists(arena_cstr(arena, text))) { /* module:function, or a file with one colon too few */
        path = str_slice(text, 0, (size_t)colon);
        name = str_slice(text, (size_t)colon + 1, text.len);
        is_path = str_ends_with(path, STR(".py")) || str_contains(path, STR("/"));
    }
    if (!path.len || (name.len && !is_dotted_name(name)) || (!name.len && (at >= 0 || colon >= 0)))
        return usage(text, err);
    target.name = name.len ? arena_cstr(arena, name) : NULL;
    if (is_path) {
        int rc = check_file(arena, path, &target, err);
        if (rc)
            return rc;
    } else {
        if (!is_dotted_name(path))
            return usage(text, err);
        if (colon < 0)
            return no_such_file(arena, path, err);
        target.module = arena_cstr(arena, path);
        target.app_dir = absolute(arena, STR("."));
        find_module_file(arena, &target);
    }
    *target_out = target;
    return 0;
}

/* --- which packages the app's own files import --- */

struct scan {
    struct arena *arena;
    const char *app_dir;
    struct str package;
    array_of(const char *) files; /* to read, and read */
    bool found;
};

static void add_module(struct scan *scan, struct str name)
{
    struct str first;
    while (name.len && name.ptr[0] == '.') /* from .helpers import x */
        name = str_slice(name, 1, name.len);
    str_cut(&name, '.', &first);
    const char *candidates[] = {
        arena_printf(scan->arena, "%s/%.*s.py", scan->app_dir, STR_ARG(first)).ptr,
        arena_printf(scan->arena, "%s/%.*s/__init__.py", scan->app_dir, STR_ARG(first)).ptr,
        name.len ? arena_printf(scan->arena, "%s/%.*s/%.*s.py", scan->app_dir, STR_ARG(first), STR_ARG(name)).ptr
                 : NULL,
    };
    for (size_t i = 0; i < 3; i++) {
        bool known = !candidates[i] || !file_exists(candidates[i]);
        for (size_t j = 0; j < scan->files.len && !known; j++)
            known = strcmp(scan->files.items[j], candidates[i]) == 0;
        if (!known && scan->files.len < FILES_MOST)
            *array_push(scan->arena, &scan->files) = candidates[i];
    }
}

static struct str first_word(struct str text)
{
    size_t len = 0;
    while (len < text.len && !strchr(" \t,;#(", text.ptr[len]))
        len++;
    return str_slice(text, 0, len);
}

/* `import a, b as c` or `from a import b`, wherever it is indented. */
static void scan_line(struct scan *scan, struct str line)
{
    bool is_import = str_starts_with(line, STR("import "));
    if (!is_import && !str_starts_with(line, STR("from ")))
        return;
    struct str rest = str_slice(line, is_import ? 7 : 5, line.len), piece;
    while (str_cut(&rest, ',', &piece)) {
        struct str name = first_word(str_trim(piece)), top, tail = name;
        str_cut(&tail, '.', &top);
        if (str_equals(top, scan->package))
            scan->found = true;
        else
            add_module(scan, name);
        if (!is_import)
            return;
    }
}

bool target_imports(const struct target *target, struct str package)
{
    if (!target->file)
        return false;
    struct arena arena = {0};
    struct scan scan = {.arena = &arena, .app_dir = target->app_dir, .package = package};
    *array_push(&arena, &scan.files) = target->file;
    for (size_t i = 0; i < scan.files.len && !scan.found; i++) {
        struct str text, line;
        if (file_read(&arena, scan.files.items[i], TEXT_MOST, &text, NULL))
            continue;
        while (str_cut(&text, '\n', &line) && !scan.found)
            scan_line(&scan, str_trim(line));
    }
    arena_release(&arena);
    return scan.found;
}
