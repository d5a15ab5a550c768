/* Where heavy imports go.  The edits take the import away and put it elsewhere, with the comment at its line; statements that
 * could not be taken away whole (several on a line, comments inside) are left. */
#include "diagnose/import_fix.h"

#include <string.h>

enum { MOVES_MOST = 6, IMPORTS_MOST = 40, LAZY_SINCE = 15 };

void import_fix_count(const struct module *module, const struct import_group *group, node_id statement, size_t *all_out,
                      size_t *ours_out)
{
    *all_out = *ours_out = 0;
    for (node_id child = module->tree.nodes[statement].child; child; child = module->tree.nodes[child].next)
        *all_out += module->tree.nodes[child].field == FIELD_NAME;
    for (size_t i = 0; i < group->imports.len; i++)
        *ours_out += module->imports.items[group->imports.items[i]].statement == statement;
}

static const struct import *import_at(const struct module *module, const struct import_group *group, size_t i)
{
    return &module->imports.items[group->imports.items[i]];
}

/* Whether the ith import of the group is the first of its statement there. */
static bool is_first_of_statement(const struct module *module, const struct import_group *group, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (import_at(module, group, k)->statement == import_at(module, group, i)->statement)
            return false;
    return true;
}

static bool is_whole(const struct module *module, const struct import_group *group, size_t i)
{
    size_t all, ours;
    import_fix_count(module, group, import_at(module, group, i)->statement, &all, &ours);
    return all == ours;
}

/* What stands behind a statement on its last line. */
static struct str rest_of_line(const struct module *module, node_id statement)
{
    uint32_t end = module->tree.nodes[statement].end;
    return str_trim(str_slice(module->tree.text, end, tree_line_end(&module->tree, end)));
}

/* Whether nothing but a comment follows on the statement's last line, and it is one of the file's own. */
static bool stands_alone_after(const struct module *module, node_id statement)
{
    struct str rest = rest_of_line(module, statement);
    return !module->tree.nodes[statement].parent && (!rest.len || rest.ptr[0] == '#');
}

/* Whether the statement has its lines to itself, so that it can go without anything else going with it. */
static bool stands_alone(const struct module *module, node_id statement)
{
    const struct node *node = &module->tree.nodes[statement];
    for (size_t i = 0; i < module->tree.comments.len; i++)
        if (module->tree.comments.items[i].start >= node->start && module->tree.comments.items[i].end <= node->end)
            return false;
    return !node->column && stands_alone_after(module, statement);
}

static bool take_prefix(struct str *rest, struct str prefix)
{
    bool has = str_starts_with(*rest, prefix);
    if (has)
        *rest = str_slice(*rest, prefix.len, rest->len);
    return has;
}

/* ---- taking away */

/* The bytes to take away for a name of a statement with several: the name and the comma next to it. */
static void name_bytes(const struct module *module, node_id name, uint32_t *start_out, uint32_t *end_out)
{
    struct str text = module->tree.text;
    uint32_t start = module->tree.nodes[name].start, end = module->tree.nodes[name].end;
    uint32_t after = end;
    while (after < text.len && (text.ptr[after] == ' ' || text.ptr[after] == '\t'))
        after++;
    if (after < text.len && text.ptr[after] == ',') {
        after++;
        while (after < text.len && (text.ptr[after] == ' ' || text.ptr[after] == '\t'))
            after++;
        end = after;
    } else {
        while (start > 0 && text.ptr[start - 1] != ',' && (text.ptr[start - 1] == ' ' || text.ptr[start - 1] == '\t'))
            start--;
        if (start > 0 && text.ptr[start - 1] == ',')
            start--;
    }
    *start_out = start;
    *end_out = end;
}

static void remove_imports(struct checker *checker, struct finding *finding, const struct module *module,
                           const struct import_group *group)
{
    node_id last = 0;
    for (size_t i = 0; i < group->imports.len; i++) {
        const struct import *import = &module->imports.items[group->imports.items[i]];
        size_t all, ours;
        uint32_t start, end;
        import_fix_count(module, group, import->statement, &all, &ours);
        if (all == ours) {
            start = module->tree.nodes[import->statement].start;
            end = module->tree.nodes[import->statement].end;
            end = tree_line_end(&module->tree, end);
            end += end < module->tree.text.len;
            if (import->statement == last)
                continue;
        } else {
            name_bytes(module, import->node, &start, &end);
        }
        last = import->statement;
        check_edit(checker, finding, module, start, end, STR(""));
    }
}

/* One import as a statement; the comment of the statement that it was goes with the first of its names. */
static void add_import(struct checker *checker, struct buf *text, const struct module *module,
                       const struct import_group *group, size_t i, bool with_comment)
{
    const struct import *import = import_at(module, group, i);
    struct str rest = rest_of_line(module, import->statement);
    buf_add(text, check_import_text(checker, module, import));
    if (with_comment && rest.len && is_whole(module, group, i) && is_first_of_statement(module, group, i))
        buf_addf(text, "  %.*s", STR_ARG(rest));
}

static struct str indent_of(const struct module *module, node_id statement)
{
    const struct node *node = &module->tree.nodes[statement];
    return str_slice(module->tree.text, node->start - node->column, node->start);
}

/* ---- into the functions */

/* Where the body of a function begins, after its docstring; the column is its indentation. */
static node_id first_statement(const struct module *module, def_id def)
{
    const struct tree *tree = &module->tree;
    node_id first = tree->nodes[module_def(module, def)->body].child;
    node_id inner = first ? tree->nodes[first].child : 0;
    if (inner && tree_kind(tree, first) == KIND_EXPRESSION_STATEMENT && tree_kind(tree, inner) == KIND_STRING &&
        tree->nodes[first].next)
        first = tree->nodes[first].next;
    return first;
}

static bool uses_in_unit(const struct checker *checker, const struct module *module, const struct import *import,
                         uint32_t unit)
{
    for (uint32_t k = import->first_use; k != NO_BINDING; k = module->uses.items[k].next)
        if (graph_unit(&checker->source->graph, module, module_unit_of(module, module->uses.items[k].scope)) == unit)
            return true;
    return false;
}

/* Puts the imports at the top of each function that uses them. */
static bool move_imports(struct checker *checker, struct finding *finding, const struct module *module,
                         const struct import_group *group, const struct import_users *users)
{
    uint32_t done[MOVES_MOST];
    size_t n = 0;
    for (size_t i = users->units.len; i-- > 0;) { /* the last use comes first */
        uint32_t unit = users->units.items[i];
        def_id def = checker->source->graph.units[unit].def;
        bool seen = false;
        for (size_t k = 0; k < n; k++)
            seen = seen || done[k] == unit;
        if (seen)
            continue;
        node_id first = first_statement(module, def);
        if (n == MOVES_MOST || !first || str_trim(indent_of(module, first)).len ||
            tree_node(&module->tree, first)->row == tree_node(&module->tree, module_def(module, def)->node)->row)
            return false;
        done[n++] = unit;
        struct buf text = {0};
        for (size_t k = 0; k < group->imports.len; k++) {
            const struct import *import = &module->imports.items[group->imports.items[k]];
            if (!uses_in_unit(checker, module, import, unit))
                continue;
            add_import(checker, &text, module, group, k, n == 1);
            buf_add_char(&text, '\n');
            buf_add(&text, indent_of(module, first));
        }
        check_edit(checker, finding, module, module->tree.nodes[first].start, module->tree.nodes[first].start,
                   arena_copy(checker->arena, buf_str(&text)));
        buf_release(&text);
    }
    return true;
}

/* ---- into with image.imports() */

static bool is_reached(const struct import_users *users, size_t function)
{
    return users->reached[function / 64] >> (function % 64) & 1;
}

/* Of each file whether containers of its functions import the module. */
static bool *files_loading(struct checker *checker, struct arena *scratch, const struct module *module)
{
    size_t n = checker->source->project.modules.len;
    bool *wanted = arena_array(scratch, bool, n + 1), *leads = arena_array(scratch, bool, n + 1);
    wanted[module->index] = true;
    check_leads(checker, wanted, leads);
    leads[module->index] = true;
    return leads;
}

/* Whether the image of each function that does not need the group but whose containers import the file lacks the module. */
static bool others_lack(struct checker *checker, const struct module *module, const struct import_group *group,
                        const struct import_users *users)
{
    struct arena scratch = {0};
    const bool *loading = files_loading(checker, &scratch, module);
    bool lack = true;
    for (size_t i = 0; lack && i < checker->source->app.functions.len; i++)
        lack = is_reached(users, i) || !loading[checker->source->app.functions.items[i].module->index] ||
               check_image_lacks(&checker->abouts[i], group->row->name);
    arena_release(&scratch);
    return lack;
}

/* The image of all functions that need the group, where no other function that loads the file has the module in its own:
 * image.imports() runs the import everywhere, and only forgives an image that lacks it.  NULL: there is none. */
static const struct about_image *image_of_users(struct checker *checker, const struct module *module,
                                                const struct import_group *group, const struct import_users *users)
{
    const struct about_image *found = NULL;
    size_t n = checker->source->app.functions.len;
    for (size_t i = 0; i < n; i++) {
        const struct about *about = &checker->abouts[i];
        if (!is_reached(users, i))
            continue;
        if (!about->image->first || about->function->unknown_why || (found && found != about->image))
            return NULL;
        found = about->image;
    }
    return found && others_lack(checker, module, group, users) ? found : NULL;
}

/* `NAME = modal.Image...` at the top of the file, bound once; the statement. */
static node_id image_statement(const struct checker *checker, const struct module *module,
                               const struct about_image *image, struct str *name_out)
{
    const struct value *wanted = value_likely(image->first->function->settings[SETTING_IMAGE].value);
    for (uint32_t i = 0; i < module->bindings.len; i++) {
        const struct binding *binding = &module->bindings.items[i];
        if (binding->scope || binding->kind != BIND_VALUE || !binding->value || binding->older != NO_BINDING ||
            module_binding(module, 0, binding->name) != i)
            continue;
        node_id statement = tree_statement(&module->tree, binding->node);
        const struct value *value = value_likely(check_fold(checker, module, binding->value));
        if (value->kind == VALUE_OBJECT && wanted->kind == VALUE_OBJECT && value->node && value->node == wanted->node &&
            value->module == wanted->module && stands_alone_after(module, statement)) {
            *name_out = binding->name;
            return statement;
        }
    }
    return 0;
}

/* The last statement of a block `with NAME.imports():` at the top of the file; 0: there is none. */
static node_id end_of_block(const struct module *module, struct str name)
{
    const struct tree *tree = &module->tree;
    for (node_id child = tree->nodes[0].child; child; child = tree->nodes[child].next) {
        struct str rest = tree_text(tree, child);
        if (tree_kind(tree, child) != KIND_WITH || !take_prefix(&rest, STR("with ")) || !take_prefix(&rest, name) ||
            !str_starts_with(rest, STR(".imports():")))
            continue;
        node_id last = tree->nodes[tree_field(tree, child, FIELD_BODY)].child;
        while (last && tree->nodes[last].next)
            last = tree->nodes[last].next;
        if (last && !str_trim(indent_of(module, last)).len && tree->nodes[last].row != tree->nodes[child].row)
            return last;
    }
    return 0;
}

/* The imports that something uses, each on a line after the indentation. */
static struct str block_lines(struct checker *checker, const struct module *module, const struct import_group *group,
                              struct str indent)
{
    struct buf text = {0};
    for (size_t i = 0; i < group->imports.len; i++) {
        if (import_at(module, group, i)->first_use == NO_BINDING)
            continue;
        buf_addf(&text, "\n%.*s", STR_ARG(indent));
        add_import(checker, &text, module, group, i, true);
    }
    struct str lines = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return lines;
}

/* A new block replaces the newline behind the image, so that two findings' blocks meet and the second joins the first. */
static bool put_into_block(struct checker *checker, struct finding *finding, const struct module *module,
                           const struct import_group *group, const struct import_users *users)
{
    struct str name = {0}, text = module->tree.text;
    const struct about_image *image = image_of_users(checker, module, group, users);
    node_id statement = image ? image_statement(checker, module, image, &name) : 0;
    node_id last = statement ? end_of_block(module, name) : 0;
    if (!statement)
        return false;
    if (last) {
        uint32_t end = tree_line_end(&module->tree, module->tree.nodes[last].end);
        check_edit(checker, finding, module, end, end, block_lines(checker, module, group, indent_of(module, last)));
        return true;
    }
    uint32_t end = tree_line_end(&module->tree, module->tree.nodes[statement].end);
    if (end + 1 >= text.len)
        return false;
    struct str lines = block_lines(checker, module, group, STR("    "));
    check_edit(checker, finding, module, end, end + 1,
               arena_printf(checker->arena, "\n\nwith %.*s.imports():%.*s\n%s", STR_ARG(name), STR_ARG(lines),
                            text.ptr[end + 1] == '\n' ? "" : "\n"));
    return true;
}

/* ---- lazily */

/* Whether the image's Python is said to be one that has lazy imports. */
static bool is_lazy_python(const struct checker *checker, const struct about_image *image)
{
    static const char *const names[] = {"python_version", "add_python"};
    if (!image->image.complete || !image->image.steps.len)
        return false;
    const struct image_step *base = &image->image.steps.items[0];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct value *value = check_keyword(checker, base->module, base->call, names[i]);
        struct str minor = value && value->kind == VALUE_STR ? value->text : STR("");
        unsigned number = 0;
        if (!take_prefix(&minor, STR("3.")))
            continue;
        for (size_t k = 0; k < minor.len && k < 4 && minor.ptr[k] >= '0' && minor.ptr[k] <= '9'; k++)
            number = number * 10 + (unsigned)(minor.ptr[k] - '0');
        return number >= LAZY_SINCE;
    }
    return false;
}

static bool can_be_lazy(struct checker *checker, const struct module *module, const struct import_group *group)
{
    const struct app *app = &checker->source->app;
    uint32_t own = checker->first_function[module->index];
    struct arena scratch = {0};
    for (size_t i = 0; i < group->imports.len; i++)
        if (!is_whole(module, group, i))
            return false;
    if (own != NO_UNIT && !is_lazy_python(checker, checker->abouts[own].image))
        return false;
    const bool *loading = files_loading(checker, &scratch, module);
    bool lazy = true;
    for (size_t i = 0; lazy && i < app->functions.len; i++)
        lazy = !loading[app->functions.items[i].module->index] || is_lazy_python(checker, checker->abouts[i].image);
    arena_release(&scratch);
    return lazy;
}

static void make_lazy(struct checker *checker, struct finding *finding, const struct module *module,
                      const struct import_group *group)
{
    for (size_t i = 0; i < group->imports.len; i++) {
        uint32_t start = module->tree.nodes[import_at(module, group, i)->statement].start;
        if (is_first_of_statement(module, group, i))
            check_edit(checker, finding, module, start, start, STR("lazy "));
    }
}

/* Whether the file says `lazy import` already: then the Python of the user's machine reads it. */
static bool is_lazy_file(const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++)
        if (str_starts_with(tree_text(&module->tree, module->imports.items[i].statement), STR("lazy ")))
            return true;
    return false;
}

/* ---- which of them */

/* Whether a function that needs the group is restored from a snapshot, which today has the module in it. */
static bool is_in_snapshot(const struct checker *checker, const struct import_users *users)
{
    for (size_t i = 0; i < checker->source->app.functions.len; i++)
        if (is_reached(users, i) && app_flag(&checker->source->app.functions.items[i], SETTING_ENABLE_MEMORY_SNAPSHOT))
            return true;
    return false;
}

/* Whether any of the users runs after the snapshot. */
static bool needed_later(const struct checker *checker, const struct import_users *users)
{
    for (size_t i = 0; i < users->units.len; i++)
        if (checker->source->graph.units[users->units.items[i]].when &
            (WHEN_ENTER | WHEN_PER_CALL | WHEN_ONCE | WHEN_EXIT))
            return true;
    return false;
}

static bool has_several_units(const struct import_users *users)
{
    for (size_t i = 1; i < users->units.len; i++)
        if (users->units.items[i] != users->units.items[0])
            return true;
    return false;
}

void import_fix_add(struct checker *checker, struct finding *finding, const struct module *module,
                    const struct import_group *group, const struct import_users *users)
{
    if (group->imports.len > IMPORTS_MOST)
        return;
    for (size_t i = 0; i < group->imports.len; i++)
        if (!stands_alone(module, import_at(module, group, i)->statement))
            return;
    bool snapshot = is_in_snapshot(checker, users) && needed_later(checker, users);
    if (users->units.len && !snapshot && can_be_lazy(checker, module, group)) {
        make_lazy(checker, finding, module, group);
        finding->fix = is_lazy_file(module) ? FIX_SAFE : FIX_UNSAFE;
        check_advice(checker, finding,
                     "make it a `lazy import`: the images' Python has it; the one on your machine must be 3.15, too");
        return;
    }
    remove_imports(checker, finding, module, group);
    if ((snapshot || has_several_units(users)) && put_into_block(checker, finding, module, group, users)) {
        finding->fix = FIX_SAFE;
        check_advice(checker, finding, "import it in `with image.imports():`; the other functions' images lack it");
    } else if (move_imports(checker, finding, module, group, users)) {
        finding->fix = snapshot ? FIX_UNSAFE : FIX_SAFE;
    } else {
        finding->edits = (struct edits){0};
    }
}
