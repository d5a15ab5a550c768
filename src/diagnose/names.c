/* Identifiers chained by what they say; made once a file, at the first question. */
#include "diagnose/names.h"

struct name_index {
    struct names {
        struct map first; /* name -> its first identifier */
        node_id *next;    /* identifier -> the next one of the name */
    } * *names;           /* by module */
    struct modules {
        array_of(const struct module *) items;
    } * importers; /* by module: the others that import it, whole or in part */
};

static void add_importer(struct checker *checker, struct name_index *index, const struct module *of,
                         const struct module *importer)
{
    struct modules *importers = of && of != importer ? &index->importers[of->index] : NULL;
    if (importers && (!importers->items.len || importers->items.items[importers->items.len - 1] != importer))
        *array_push(checker->arena, &importers->items) = importer;
}

static struct name_index *index_of(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    if (checker->name_index)
        return checker->name_index;
    struct name_index *index = checker->name_index = arena_new(checker->arena, struct name_index);
    index->names = arena_array(checker->arena, struct names *, project->modules.len + 1);
    index->importers = arena_array(checker->arena, struct modules, project->modules.len + 1);
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++) {
            const struct import *import = &project->modules.items[i]->imports.items[k];
            add_importer(checker, index, import->target, project->modules.items[i]);
            add_importer(checker, index, import->submodule, project->modules.items[i]);
        }
    return index;
}

static const struct names *names_of(struct checker *checker, const struct module *module)
{
    struct name_index *index = index_of(checker);
    struct names *names = index->names[module->index];
    if (names)
        return names;
    names = index->names[module->index] = arena_new(checker->arena, struct names);
    names->next = arena_array(checker->arena, node_id, module->tree.len + 1);
    for (node_id id = module->tree.len; id-- > 1;)
        if (tree_kind(&module->tree, id) == KIND_IDENTIFIER) {
            uint64_t *first = map_put(checker->arena, &names->first, tree_text(&module->tree, id), NULL);
            names->next[id] = (node_id)*first;
            *first = id;
        }
    return names;
}

node_id names_first(struct checker *checker, const struct module *module, struct str name)
{
    const uint64_t *first = map_get(&names_of(checker, module)->first, name);
    return first ? (node_id)*first : 0;
}

node_id names_next(struct checker *checker, const struct module *module, node_id identifier)
{
    return names_of(checker, module)->next[identifier];
}

bool names_is_variable(const struct module *module, node_id identifier)
{
    const struct tree *tree = &module->tree;
    enum kind parent = tree_kind(tree, tree->nodes[identifier].parent);
    return !(parent == KIND_ATTRIBUTE && tree->nodes[identifier].field == FIELD_ATTRIBUTE) &&
           !(parent == KIND_KEYWORD_ARGUMENT && tree->nodes[identifier].field == FIELD_NAME);
}

bool names_are_used_elsewhere(struct checker *checker, const struct module *module, struct str name)
{
    const struct modules *importers = &index_of(checker)->importers[module->index];
    if (check_is_exported(checker, module, name))
        return true;
    for (size_t i = 0; i < importers->items.len; i++)
        if (check_mentions(checker, importers->items.items[i], name))
            return true;
    return false;
}
