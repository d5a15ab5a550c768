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

enum { DEPTH_MOST = 64, IGNORE_BYTES_MOST = 1 << 20, FILES_MOST = 200000 };

struct ignores {
    const struct ignores *above;
    struct str dir; /* with a slash at its end; empty for the working directory */
    array_of(struct str) patterns;
};

struct walk {
    struct arena *arena;
    struct walk_files *files;
    struct walk_problems *problems;
};

/* One pattern part against one path part or, with "**", any number of them: the classical recursion, on short texts only. */
static bool glob(const char *p, const char *pend, const char *t, const char *tend)
{
    const char *star = NULL, *mark = NULL;
    while (t < tend) {
        if (p < pend && *p == '*') {
            star = p++;
            mark = t;
        } else if (p < pend && (*p == '?' || *p == *t) && *t != '/') {
            p++;
            t++;
        } else if (p < pend && *p == *t) {
            p++;
            t++;
        } else if (p < pend && *p == '[') {
            const char *end = memchr(p, ']', (size_t)(pend - p));
            bool inside = false, negated = end && p + 1 < end && (p[1] == '!' || p[1] == '^');
            for (const char *c = p + 1 + negated; end && c < end; c++)
                inside = inside || *c == *t || (c + 2 < end && c[1] == '-' && *t >= c[0] && *t <= c[2]);
            if (!end || inside == negated)
                goto back;
            p = end + 1;
            t++;
        } else {
        back:
            if (!star || *mark == '/')
                return false;
            p = star + 1;
            t = ++mark;
        }
    }
    while (p < pend && *p == '*')
        p++;
    return p == pend;
}

static bool match_parts(struct str pattern, struct str path, unsigned depth)
{
    struct str rest = pattern, part;
    if (!str_cut(&rest, '/', &part))
        return !path.len;
    if (str_equals(part, STR("**"))) {
        if (!rest.ptr || !rest.len)
            return path.len > 0;
        for (unsigned n = 0; depth && n < 64; n++) {
            if (match_parts(rest, path, depth - 1))
                return true;
            struct str skipped;
            if (!str_cut(&path, '/', &skipped) || !path.ptr)
                return false;
        }
        return false;
    }
    struct str name;
    if (!str_cut(&path, '/', &name) || !glob(part.ptr, part.ptr + part.len, name.ptr, name.ptr + name.len))
        return false;
    if (!rest.ptr)
        return !path.ptr;
    return path.ptr && match_parts(rest, path, depth);
}

bool walk_pattern_matches(struct str pattern, struct str path, bool is_dir)
{
    if (str_ends_with(pattern, STR("/"))) {
        if (!is_dir)
            return false;
        pattern = str_slice(pattern, 0, pattern.len - 1);
    }
    if (str_starts_with(pattern, STR("/")))
        return match_parts(str_slice(pattern, 1, pattern.len), path, 8);
    if (str_contains(pattern, STR("/")))
        return match_parts(pattern, path, 8);
    struct str name = path_base(path);
    return glob(pattern.ptr, pattern.ptr + pattern.len, name.ptr, name.ptr + name.len);
}

static void read_ignores(struct arena *arena, struct str dir, struct ignores *ignores)
{
    struct str text, line;
    const char *path = arena_cstr(arena, arena_printf(arena, "%.*s.gitignore", STR_ARG(dir)));
    ignores->dir = dir;
    if (!file_exists(path) || file_read(arena, path, IGNORE_BYTES_MOST, &text, NULL))
        return;
    while (str_cut(&text, '\n', &line)) {
        while (line.len && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == ' '))
            line.len--;
        if (line.len && line.ptr[0] != '#')
            *array_push(arena, &ignores->patterns) = line;
    }
}

static bool is_ignored(const struct ignores *ignores, struct str path, bool is_dir)
{
    for (; ignores; ignores = ignores->above) {
        if (!str_starts_with(path, ignores->dir))
            continue;
        struct str relative = str_slice(path, ignores->dir.len, path.len);
        for (size_t i = ignores->patterns.len; i > 0; i--) {
            struct str pattern = ignores->patterns.items[i - 1];
            bool keeps = pattern.ptr[0] == '!';
            if (keeps || pattern.ptr[0] == '\\')
                pattern = str_slice(pattern, 1, pattern.len);
            if (walk_pattern_matches(pattern, relative, is_dir))
                return !keeps;
        }
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
    if ((!is_dir && !is_python) || is_ignored(ignores, path, is_dir))
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
    struct ignores ignores = {.above = above};
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
    read_ignores(walk->arena, dir, &ignores);
    if (names.len)
        qsort(names.items, names.len, sizeof(struct str), by_name);
    for (size_t i = 0; i < names.len && walk->files->len < FILES_MOST; i++)
        walk_entry(walk, dir, names.items[i], &ignores, depth);
}

/* The .gitignore files above a directory, up to the one that has .git: paths below it are seen from there. */
static const struct ignores *ignores_above(struct arena *arena, struct str dir, unsigned levels)
{
    struct str up = str_equals(dir, STR("")) ? STR("../") : arena_printf(arena, "%.*s../", STR_ARG(dir));
    const char *git = arena_cstr(arena, arena_printf(arena, "%.*s.git", STR_ARG(dir)));
    if (!levels || file_is_dir(git) || file_exists(git))
        return NULL;
    struct ignores *ignores = arena_new(arena, struct ignores);
    read_ignores(arena, up, ignores);
    /* From the directory above, our own paths begin with our directory's name; without it only patterns on names are safe. */
    ignores->dir = dir;
    size_t kept = 0;
    for (size_t i = 0; i < ignores->patterns.len; i++) {
        struct str pattern = ignores->patterns.items[i];
        struct str body = str_ends_with(pattern, STR("/")) ? str_slice(pattern, 0, pattern.len - 1) : pattern;
        if (!str_contains(body, STR("/")))
            ignores->patterns.items[kept++] = pattern;
    }
    ignores->patterns.len = kept;
    struct ignores *last = ignores;
    last->above = ignores_above(arena, up, levels - 1);
    for (struct ignores *at = (struct ignores *)last->above; at; at = (struct ignores *)at->above)
        at->dir = dir;
    return ignores;
}

void walk_add(struct arena *arena, struct str path, struct walk_files *files, struct walk_problems *problems)
{
    struct walk walk = {arena, files, problems};
    const char *name = arena_cstr(arena, path);
    while (path.len > 2 && str_starts_with(path, STR("./")))
        path = str_slice(path, 2, path.len);
    if (!file_is_dir(name)) {
        if (access(name, R_OK))
            add_problem(&walk, path, strerror(errno));
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
    walk_directory(&walk, dir, ignores_above(arena, dir, 16), DEPTH_MOST);
}
