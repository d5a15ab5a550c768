/* The tree of imports, cut at the app's own statements. */
#include "diagnose/imports.h"

#include <stdlib.h>

#include "base/mem.h"

/* A library's import that takes less is no reason to doubt what others cost. */
#define NOTABLE_S 0.005

struct str imports_package(struct str module)
{
    struct str rest = module, package = module;
    str_cut(&rest, '.', &package);
    return package;
}

bool imports_is_within(struct str name, struct str package)
{
    return str_starts_with(name, package) && (name.len == package.len || name.ptr[package.len] == '.');
}

static bool is_app_file(const struct run *run, const struct run_start *start, struct str file)
{
    if (!file.len)
        return false;
    if (str_equals(file, run->target.file))
        return true;
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->origin == RUN_USER && str_equals(import->path, file))
            return true;
    }
    return false;
}

static bool is_at(const struct run_import *import, struct str file, uint32_t line)
{
    return import->line == line && str_equals(import->file, file);
}

static int32_t find_statement(const struct import_statements *statements, const struct run_import *import)
{
    for (size_t i = 0; i < statements->len; i++) {
        if (is_at(import, statements->items[i].file, statements->items[i].line))
            return (int32_t)i;
    }
    return RUN_NONE;
}

static int32_t outer_statement(const struct run_start *start, const struct import_statements *statements,
                               const struct run_import *import)
{
    int32_t outer = RUN_NONE;
    for (int32_t up = import->parent; up != RUN_NONE && outer == RUN_NONE; up = start->imports.items[up].parent)
        outer = find_statement(statements, &start->imports.items[up]);
    return outer;
}

void imports_find_statements(struct arena *arena, const struct run *run, const struct run_start *start,
                             struct import_statements *statements_out)
{
    *statements_out = (struct import_statements){0};
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->phase != RUN_IMPORT && import->phase != RUN_GLOBAL_INIT)
            continue;
        if (find_statement(statements_out, import) != RUN_NONE || !is_app_file(run, start, import->file))
            continue;
        int32_t outer = outer_statement(start, statements_out, import);
        *array_push(arena, statements_out) = (struct import_statement){import->file, import->line, (int32_t)i, outer};
    }
}

const struct facts_import *imports_fact(const struct facts *facts, struct str file, uint32_t line)
{
    const struct facts_import *best = NULL;
    for (size_t i = 0; i < facts->imports.len; i++) {
        const struct facts_import *fact = &facts->imports.items[i];
        if (!fact->at_module || fact->line != line || !str_equals(fact->file, file))
            continue;
        if (!best || fact->need < best->need)
            best = fact;
    }
    return best;
}

static bool is_dropped(const struct changes *changes, struct str file, uint32_t line)
{
    for (size_t i = 0; i < changes->len; i++) {
        const struct change *change = changes->items[i];
        if (change->kind == CHANGE_IMPORT && change->line == line && str_equals(change->file, file))
            return true;
    }
    return false;
}

/* Whether a statement that stays imports the module: by its name, as a package around it, or as the module it comes from. */
static bool is_named_elsewhere(const struct facts *facts, const struct changes *changes, struct str module)
{
    for (size_t i = 0; facts && i < facts->imports.len; i++) {
        const struct facts_import *fact = &facts->imports.items[i];
        if (!fact->at_module && fact->need != NEED_TARGET)
            continue;
        if (!imports_is_within(fact->module, module) || is_dropped(changes, fact->file, fact->line))
            continue;
        return true;
    }
    return false;
}

/* The last import of a library that a statement in the same file keeps: what comes before it may serve it too. */
static size_t last_kept(const struct run_start *start, const struct changes *changes, const int32_t *roots)
{
    size_t last = 0;
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        bool heavy = import->origin == RUN_DEPENDENCY && import->total_s >= NOTABLE_S && import->phase == RUN_IMPORT;
        for (size_t k = 0; heavy && roots[i] == RUN_NONE && k < changes->len; k++) {
            if (changes->items[k]->kind == CHANGE_IMPORT && str_equals(changes->items[k]->file, import->file))
                last = i;
        }
    }
    return last;
}

static void add(struct import_cost *cost, const struct run_import *import, const struct run_import *root,
                bool may_serve_others)
{
    cost->wall_s += import->self_s;
    cost->rss_bytes += import->rss_bytes;
    cost->read_bytes += import->read_bytes;
    cost->modules++;
    if (may_serve_others && !imports_is_within(import->module, imports_package(root->module)))
        cost->shared_s += import->self_s;
}

struct import_cost imports_cost(const struct run_start *start, const struct facts *facts, const struct changes *changes)
{
    struct import_cost cost = {0};
    size_t n = start->imports.len;
    int32_t *roots = xcalloc(n + 1, sizeof(*roots)); /* the statement's import that it goes with; RUN_NONE: it stays */
    for (size_t i = 0; i < n; i++) {                 /* parents come before what they import */
        const struct run_import *import = &start->imports.items[i];
        bool below = import->parent != RUN_NONE && roots[import->parent] != RUN_NONE;
        bool goes = (below || is_dropped(changes, import->file, import->line)) &&
                    !is_named_elsewhere(facts, changes, import->module);
        roots[i] = !goes ? RUN_NONE : below ? roots[import->parent] : (int32_t)i;
    }
    size_t last = last_kept(start, changes, roots);
    for (size_t i = 0; i < n; i++) {
        if (roots[i] != RUN_NONE)
            add(&cost, &start->imports.items[i], &start->imports.items[roots[i]], i < last);
    }
    free(roots);
    return cost;
}
