/* Walking directories.  Each directory's .gitignore is a list of patterns that hold below it; the last that matches decides. */
#include "source/walk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "source/ignore.h"

enum { DEPTH_MOST = 64, IGNORE_BYTES_MOST = 1 << 20, FILES_MOST = 200000 };

struct ignores {
    const struct ignores *above;
    size_t skip; /* bytes of a rooted path that lead to the directory of the file */
    struct ignore_patterns patterns;
};

struct walk {
    struct arena *arena;
    struct walk_files *files;
    struct walk_problems *problems;
    struct str dir;    /* the directory that was named, as paths of its files begin */
    struct str root;   /* what leads to it from the repository's root, with a slash at its end; empty: it is the root */
    struct buf rooted; /* the path that is looked at, from the root */
};

bool walk_pattern_matches(struct str pattern, struct str path, bool is_dir)
{
    struct ignore_pattern read;
    return ignore_parse(pattern, &read) && ignore_matches(&read, path, is_dir);
}

/* Adds the patterns of a file; a link, which git does not follow either, or no file has none. */
static void read_patterns(struct arena *arena, struct str dir, const char *name, struct ignore_patterns *patterns)
{
    struct stat status;
    struct str text;
    const char *path = arena_cstr(arena, arena_printf(arena, "%.*s%s", STR_ARG(dir), name));
    if (!lstat(path, &status) && S_ISREG(status.st_mode) && !file_read(arena, path, IGNORE_BYTES_MOST, &text, NULL))
        ignore_read(arena, text, patterns);
}

/* The last pattern that matches decides, of the nearest directory that has one. */
static bool is_ignored(struct walk *walk, const struct ignores *ignores, struct str path, bool is_dir)
{
    buf_reset(&walk->rooted);
    buf_add(&walk->rooted, walk->root);
    buf_add(&walk->rooted, str_slice(path, walk->dir.len, path.len));
    struct str rooted = buf_str(&walk->rooted);
    for (; ignores; ignores = ignores->above) {
        struct str relative = str_slice(rooted, ignores->skip, rooted.len);
        for (size_t i = ignores->patterns.len; i > 0; i--)
            if (ignore_matches(&ignores->patterns.items[i - 1], relative, is_dir))
                return !ignores->patterns.items[i - 1].keeps;
    }
    return false;
}

static void add_problem(struct walk *walk, struct str path, const char *why)
{
    *array_push(walk->arena, walk->problems) = (struct walk_problem){path, arena_printf(walk->arena, "%s", why)};
}

static int by_name(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void walk_directory(struct walk *walk, struct str dir, const struct ignores *above, unsigned depth);

static void walk_entry(struct walk *walk, struct str dir, struct str name, const struct ignores *ignores,
                       unsigned depth)
{
    struct stat status;
    struct str path = arena_printf(walk->arena, "%.*s%.*s", STR_ARG(dir), STR_ARG(name));
    errno = 0;
    if (lstat(path.ptr, &status))
        return;
    bool is_dir = S_ISDIR(status.st_mode), is_python = str_ends_with(name, STR(".py"));
    if ((!is_dir && !is_python) || is_ignored(walk, ignores, path, is_dir))
        return;
    if (is_dir) {
        const char *venv = arena_cstr(walk->arena, arena_printf(walk->arena, "%.*s/pyvenv.cfg", STR_ARG(path)));
        bool skipped = str_equals(name, STR(".git")) || str_equals(name, STR("node_modules")) ||
                       str_equals(name, STR("__pycache__")) || file_exists(venv);
        if (!skipped && depth)
            walk_directory(walk, arena_printf(walk->arena, "%.*s/", STR_ARG(path)), ignores, depth - 1);
    } else if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) {
        if (S_ISLNK(status.st_mode) && (stat(path.ptr, &status) || !S_ISREG(status.st_mode))) {
            if (errno == ELOOP)
                add_problem(walk, path, strerror(errno));
            return;
        }
        *array_push(walk->arena, walk->files) = (struct project_file){.path = path, .file = path};
    }
}

static void walk_directory(struct walk *walk, struct str dir, const struct ignores *above, unsigned depth)
{
    struct ignores ignores = {.above = above, .skip = walk->root.len + dir.len - walk->dir.len};
    array_of(struct str) names = {0};
    DIR *stream = opendir(dir.len ? dir.ptr : ".");
    if (!stream) {
        add_problem(walk, dir, strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *array_push(walk->arena, &names) = arena_copy(walk->arena, str_of(entry->d_name));
    closedir(stream);
    read_patterns(walk->arena, dir, ".gitignore", &ignores.patterns);
    if (names.len)
        qsort(names.items, names.len, sizeof(struct str), by_name);
    for (size_t i = 0; i < names.len && walk->files->len < FILES_MOST; i++)
        walk_entry(walk, dir, names.items[i], &ignores, depth);
}

/* The length of the path's first directory that has .git, the nearest to its end; 0: none. */
static size_t find_root(struct arena *arena, struct str path)
{
    for (size_t len = path.len; len > 0; len--) {
        if (len < path.len && path.ptr[len] != '/')
            continue;
        const char *git = arena_cstr(arena, arena_printf(arena, "%.*s/.git", (int)len, path.ptr));
        if (file_is_dir(git) || file_exists(git))
            return len;
    }
    return 0;
}

/* What the repository says of its files above the directory that is walked: its own list, then each .gitignore on the way. */
static const struct ignores *ignores_above(struct walk *walk)
{
    char real[PATH_MAX];
    struct arena *arena = walk->arena;
    if (!realpath(walk->dir.len ? arena_cstr(arena, walk->dir) : ".", real))
        return NULL;
    struct str path = arena_copy(arena, str_of(real));
    size_t root = find_root(arena, path);
    if (!root)
        return NULL;
    struct ignores *ignores = arena_new(arena, struct ignores);
    read_patterns(arena, str_slice(path, 0, root), "/.git/info/exclude", &ignores->patterns);
    if (root == path.len)
        return ignores;
    walk->root = arena_printf(arena, "%.*s/", STR_ARG(str_slice(path, root + 1, path.len)));
    for (size_t len = root; len < path.len; len++) {
        if (path.ptr[len] != '/')
            continue;
        struct ignores *below = arena_new(arena, struct ignores);
        *below = (struct ignores){.above = ignores, .skip = len - root};
        read_patterns(arena, str_slice(path, 0, len), "/.gitignore", &below->patterns);
        ignores = below;
    }
    return ignores;
}

/* A pipe or a device may never end, or never begin: only those that a shell hands over as a file are read. */
static bool may_be_read(const char *name, struct str path)
{
    struct stat status;
    return stat(name, &status) || S_ISREG(status.st_mode) || str_equals(path, STR("/dev/stdin")) ||
           str_starts_with(path, STR("/dev/fd/")) || str_starts_with(path, STR("/proc/self/fd/"));
}

void walk_add(struct arena *arena, struct str path, struct walk_files *files, struct walk_problems *problems)
{
    struct walk walk = {.arena = arena, .files = files, .problems = problems};
    const char *name = arena_cstr(arena, path);
    while (path.len > 2 && str_starts_with(path, STR("./")))
        path = str_slice(path, 2, path.len);
    if (!file_is_dir(name)) {
        if (access(name, R_OK))
            add_problem(&walk, path, strerror(errno));
        else if (!may_be_read(name, path))
            add_problem(&walk, path, "it is no regular file");
        else
            *array_push(arena, files) = (struct project_file){.path = path, .file = path};
        return;
    }
    while (path.len > 1 && str_ends_with(path, STR("/")))
        path = str_slice(path, 0, path.len - 1);
    struct str dir = str_equals(path, STR(".")) || str_equals(path, STR("./"))
                         ? STR("")
                         : arena_printf(arena, "%.*s/", STR_ARG(path));
    if (str_equals(path, STR("/")))
        dir = STR("/");
    walk.dir = dir;
    walk_directory(&walk, dir, ignores_above(&walk), DEPTH_MOST);
    buf_release(&walk.rooted);
}
