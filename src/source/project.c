/* Reading many files at once, each worker into its own arena, then what they import, round by round. */
#include "source/project.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parallel.h"

struct round {
    struct project *project;
    const struct project_file *files;
    size_t first; /* the module of files[0] */
};

static void read_one(size_t i, unsigned worker, void *ctx)
{
    struct round *round = ctx;
    struct arena *arena = &round->project->worker_arenas[worker];
    const struct project_file *file = &round->files[i];
    struct module *module = round->project->modules.items[round->first + i];
    struct str text = file->text;
    struct err err = {0};
    if (!text.ptr && file_read(arena, arena_cstr(arena, file->file), TREE_TEXT_MOST, &text, &err)) {
        module_read(arena, &round->project->grammar, file->path, (struct str){0}, module);
        module->failed = true;
        module->error = arena_copy(arena, buf_str(&err.message));
    } else {
        module_read(arena, &round->project->grammar, file->path, text, module);
    }
    module->file = file->file;
    err_release(&err);
}

static void note_last_name(struct project *project, struct str file)
{
    struct str name = path_base(file), init = STR("__init__.py");
    if (str_equals(name, init))
        name = path_base(path_dir(file));
    else if (str_ends_with(name, STR(".py")))
        name = str_slice(name, 0, name.len - 3);
    map_put(project->arena, &project->last_names, name, NULL);
}

static void read_round(struct project *project, const struct project_file *files, size_t n)
{
    struct round round = {project, files, project->modules.len};
    for (size_t i = 0; i < n; i++) {
        struct module *module = arena_new(project->arena, struct module);
        module->index = (uint32_t)project->modules.len;
        *array_push(project->arena, &project->modules) = module;
        *map_put(project->arena, &project->by_file, files[i].file, NULL) = module->index + 1;
        note_last_name(project, files[i].file);
    }
    parallel_for(n, project->n_workers, read_one, &round);
}

/* "a.b.c" of an import in `from`, as a path relative to directory `up` levels above the file, without suffix. */
static bool candidate(struct str file, unsigned up, struct str name, const char *suffix, struct buf *out)
{
    struct str dir = path_dir(file);
    buf_reset(out);
    for (; up; up--) {
        if (!dir.len || str_equals(dir, STR("/")) || str_equals(dir, STR(".")))
            return false;
        dir = path_dir(dir);
    }
    if (!str_equals(dir, STR("."))) {
        buf_add(out, dir);
        if (!str_ends_with(dir, STR("/")))
            buf_add_char(out, '/');
    }
    char *place = buf_reserve(out, name.len);
    for (size_t i = 0; i < name.len; i++)
        place[i] = name.ptr[i] == '.' ? '/' : name.ptr[i];
    out->len += name.len;
    buf_add(out, str_of(suffix));
    return true;
}

enum { LEVELS_MOST = 4, NAME_MOST = 200 };

/* Calls found(path) for each place where the module could be, nearest first, until it returns true. */
static bool each_candidate(struct str file, struct str name, struct buf *path,
                           bool (*found)(void *ctx, struct str path), void *ctx)
{
    static const char *const suffixes[] = {".py", "/__init__.py"};
    unsigned dots = 0, first = 0, last = LEVELS_MOST;
    if (str_equals(name, STR("modal")) || str_starts_with(name, STR("modal.")))
        return false;
    while (name.len && name.ptr[0] == '.') {
        name = str_slice(name, 1, name.len);
        dots++;
    }
    if (name.len > NAME_MOST || dots > 16)
        return false;
    if (dots)
        first = last = dots - 1;
    for (unsigned up = first; up <= last; up++)
        for (size_t i = 0; i < 2; i++) {
            if (!name.len && i == 0)
                continue;
            if (candidate(file, up, name, name.len ? suffixes[i] : "__init__.py", path) && found(ctx, buf_str(path)))
                return true;
        }
    return false;
}

struct lookup {
    const struct project *project;
    const struct module *module;
};

static bool found_module(void *ctx, struct str path)
{
    struct lookup *lookup = ctx;
    const uint64_t *index = map_get(&lookup->project->by_file, path);
    if (!index || !*index)
        return false;
    lookup->module = lookup->project->modules.items[*index - 1];
    return true;
}

const struct module *project_module(const struct project *project, const struct module *from, struct str name)
{
    struct lookup lookup = {project, NULL};
    struct buf path = {0};
    ptrdiff_t dot = str_find_last(name, '.');
    struct str last = str_slice(name, (size_t)(dot + 1), name.len);
    if (last.len && !map_get(&project->last_names, last)) /* nearly all are of packages, not of the project */
        return NULL;
    each_candidate(from->file, name, &path, found_module, &lookup);
    buf_release(&path);
    return lookup.module;
}

const struct module *project_at(const struct project *project, struct str path)
{
    const uint64_t *index = map_get(&project->by_file, path);
    if (index && *index && str_equals(project->modules.items[*index - 1]->path, path))
        return project->modules.items[*index - 1];
    for (size_t i = 0; i < project->modules.len; i++)
        if (str_equals(project->modules.items[i]->path, path))
            return project->modules.items[i];
    return NULL;
}

/* Files that the last round's modules import and that are not read yet. */
struct search {
    struct project *project;
    array_of(struct project_file) files;
    const struct module *from;
};

static bool found_on_disk(void *ctx, struct str path)
{
    struct search *search = ctx;
    struct project *project = search->project;
    struct stat status;
    bool fresh;
    char text[PATH_MAX];
    if (path.len >= sizeof(text))
        return false;
    if (map_get(&project->by_file, path))
        return true;
    map_put(project->arena, &project->not_there, path, &fresh);
    if (!fresh)
        return false;
    memcpy(text, path.ptr, path.len);
    text[path.len] = '\0';
    struct str kept = arena_copy(project->arena, path);
    if (access(text, R_OK) || stat(text, &status) || !S_ISREG(status.st_mode)) {
        *array_push(project->arena, &project->absent) = kept;
        return false;
    }
    *map_put(project->arena, &project->by_file, path, NULL) = 0;
    *array_push(project->arena, &search->files) = (struct project_file){.path = kept, .file = kept};
    return true;
}

/* Whether a directory without __init__.py, whose files are modules all the same, may be the module.  Where there is none, that is
 * noted: its absence is part of the answer. */
static bool found_directory(void *ctx, struct str path)
{
    struct str init = STR("__init__.py");
    struct search *search = ctx;
    struct project *project = search->project;
    char text[PATH_MAX];
    bool fresh;
    if (!str_ends_with(path, init) || path.len >= sizeof(text))
        return false;
    struct str dir = str_slice(path, 0, path.len - init.len); /* with a slash at its end */
    memcpy(text, dir.ptr, dir.len);
    text[dir.len] = '\0';
    if (!dir.len || file_is_dir(text))
        return true;
    map_put(project->arena, &project->not_there, dir, &fresh);
    if (fresh)
        *array_push(project->arena, &project->absent) = arena_copy(project->arena, dir);
    return false;
}

/* Whether the module is on disk for files beside this one; the disk is asked once for each directory and name. */
static bool search_name(struct search *search, struct str file, struct str name, struct buf *path)
{
    bool fresh;
    struct str dir = path_dir(file);
    buf_reset(path);
    buf_add(path, dir);
    buf_add_char(path, '\0');
    buf_add(path, name);
    uint64_t *known = map_put(search->project->arena, &search->project->searched, buf_str(path), &fresh);
    if (!fresh)
        return *known == 2;
    bool found = each_candidate(file, name, path, found_on_disk, search) ||
                 each_candidate(file, name, path, found_directory, search);
    *known = found ? 2 : 1;
    return found;
}

static void search_imports(struct search *search, const struct module *module)
{
    struct buf path = {0};
    struct buf name = {0};
    struct map seen = {0};
    struct arena arena = {0};
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        bool fresh;
        buf_reset(&name);
        buf_add(&name, import->module);
        uint64_t *is_there = map_put(&arena, &seen, buf_str(&name), &fresh);
        if (fresh)
            *is_there = search_name(search, module->file, buf_str(&name), &path);
        if (!*is_there || !import->member.len || import->member.len > NAME_MOST || str_equals(import->member, STR("*")))
            continue;
        if (!str_ends_with(import->module, STR(".")))
            buf_add_char(&name, '.');
        buf_add(&name, import->member);
        is_there = map_put(&arena, &seen, buf_str(&name), &fresh);
        if (fresh)
            *is_there = search_name(search, module->file, buf_str(&name), &path);
    }
    arena_release(&arena);
    buf_release(&path);
    buf_release(&name);
}

/* Whether a file could be an app or part of one: only these lead to further files. */
static bool leads_on(const struct module *module)
{
    return !module->failed && module->imports.len > 0;
}

void project_read(struct arena *arena, const struct project_file *files, size_t n, struct project *project_out)
{
    struct project *project = project_out;
    *project = (struct project){.arena = arena, .asked = n, .n_workers = n > 1 ? parallel_workers() : 1};
    project->worker_arenas = arena_array(arena, struct arena, project->n_workers);
    grammar_init(&project->grammar);
    read_round(project, files, n);
    for (size_t done = 0; done < project->modules.len && project->modules.len < n + PROJECT_IMPORTED_MOST;) {
        struct search search = {.project = project};
        for (size_t end = project->modules.len; done < end; done++)
            if (leads_on(project->modules.items[done]))
                search_imports(&search, project->modules.items[done]);
        if (!search.files.len)
            break;
        read_round(project, search.files.items, search.files.len);
    }
}

void project_release(struct project *project)
{
    for (unsigned i = 0; i < project->n_workers; i++)
        arena_release(&project->worker_arenas[i]);
    project->n_workers = 0;
}
