/* Identifiers chained by what they say; made once a file, at the first question. */
#include "diagnose/names.h"

struct name_index {
    struct names {
        struct map first; /* name -> its first identifier */
        node_id *next;    /* identifier -> the next one of the name */
    } * *names;           /* by module */
    bool *is_imported;    /* by module: another one imports it */
};

static struct name_index *index_of(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    if (checker->name_index)
        return checker->name_index;
    struct name_index *index = checker->name_index = arena_new(checker->arena, struct name_index);
    index->names = arena_array(checker->arena, struct names *, project->modules.len + 1);
    index->is_imported = arena_array(checker->arena, bool, project->modules.len + 1);
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++) {
            const struct import *import = &project->modules.items[i]->imports.items[k];
            if (import->target)
                index->is_imported[import->target->index] = true;
            if (import->submodule)
                index->is_imported[import->submodule->index] = true;
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
    const struct project *project = &checker->source->project;
    if (check_is_exported(checker, module, name))
        return true;
    if (!index_of(checker)->is_imported[module->index])
        return false;
    for (size_t i = 0; i < project->modules.len; i++) {
        const struct module *other = project->modules.items[i];
        for (size_t k = 0; other != module && k < other->imports.len; k++)
            if ((other->imports.items[k].target == module || other->imports.items[k].submodule == module) &&
                check_mentions(checker, other, name))
                return true;
    }
    return false;
}
