/* Set-up that calls repeat goes into an enter hook: the class's own, or that of a class that the function becomes. */
#include "diagnose/setup_fix.h"

#include <string.h>

#include "diagnose/api_fix.h"
#include "diagnose/names.h"

/* ---- name = load() of a method becomes self.name, set at the end of the class's enter hook */

/* `name = load(...)` as a statement of the function's own body, where the name is set only there. */
static node_id only_assignment(const struct fact *fact)
{
    const struct module *module = fact->module;
    node_id statement = tree_statement(&module->tree, fact->node);
    node_id assignment = module->tree.nodes[statement].child;
    node_id left = assignment && tree_kind(&module->tree, assignment) == KIND_ASSIGNMENT
                       ? tree_field(&module->tree, assignment, FIELD_LEFT)
                       : 0;
    if (!left || tree_kind(&module->tree, left) != KIND_IDENTIFIER ||
        module->tree.nodes[statement].parent != module_def(module, fact->scope)->body)
        return 0;
    uint32_t binding = module_binding(module, fact->scope, tree_text(&module->tree, left));
    bool only = binding != NO_BINDING && module->bindings.items[binding].node == left &&
                module->bindings.items[binding].older == NO_BINDING;
    return only ? assignment : 0;
}

/* The imports of the method that the expression needs, as lines; false where it needs anything else of the method. */
static bool needs_only_imports(struct checker *checker, const struct fact *fact, node_id value, def_id hook,
                               uint32_t column, struct buf *lines)
{
    const struct module *module = fact->module;
    for (node_id id = value; id < module->tree.nodes[value].past; id++) {
        node_id parent = module->tree.nodes[id].parent;
        if (tree_kind(&module->tree, id) == KIND_AWAIT)
            return false;
        bool name =
            tree_kind(&module->tree, id) == KIND_IDENTIFIER &&
            !(tree_kind(&module->tree, parent) == KIND_ATTRIBUTE && module->tree.nodes[id].field == FIELD_ATTRIBUTE) &&
            !(tree_kind(&module->tree, parent) == KIND_KEYWORD_ARGUMENT && module->tree.nodes[id].field == FIELD_NAME);
        uint32_t number = name ? module_lookup(module, id) : NO_BINDING;
        if (number == NO_BINDING || module->bindings.items[number].scope != fact->scope ||
            str_equals(tree_text(&module->tree, id), STR("self")))
            continue;
        if (module->bindings.items[number].kind != BIND_IMPORT)
            return false;
        uint32_t there = hook ? module_binding(module, hook, tree_text(&module->tree, id)) : NO_BINDING;
        if (there != NO_BINDING && module->bindings.items[there].kind != BIND_IMPORT)
            return false;
        if (there != NO_BINDING)
            continue;
        struct str line = check_import_text(checker, module,
                                            &module->imports.items[module->bindings.items[number].import]);
        if (!str_contains(buf_str(lines), line)) {
            buf_add(lines, line);
            buf_add_char(lines, '\n');
            buf_add_repeated(lines, STR(" "), column);
        }
    }
    return true;
}

/* The last statement of the class's enter hook; 0: it has none in this file. */
static node_id end_of_enter(const struct fact *fact, const struct about *about)
{
    for (size_t i = 0; i < about->function->methods.len; i++) {
        const struct method *method = &about->function->methods.items[i];
        if ((method->kind != METHOD_ENTER && method->kind != METHOD_ENTER_SNAP) || method->module != fact->module)
            continue;
        node_id last = fact->module->tree.nodes[module_def(method->module, method->def)->body].child;
        while (last && fact->module->tree.nodes[last].next)
            last = fact->module->tree.nodes[last].next;
        return last;
    }
    return 0;
}

static void add_enter_fix(struct checker *checker, struct finding *finding, const struct fact *fact,
                          const struct about *about)
{
    const struct tree *tree = &fact->module->tree;
    def_id owner = module_class_of(fact->module, fact->scope);
    node_id assignment = owner == about->function->def ? only_assignment(fact) : 0;
    node_id last = assignment ? end_of_enter(fact, about) : 0;
    if (!last ||
        module_attribute(fact->module, owner, tree_text(tree, tree_field(tree, assignment, FIELD_LEFT))) !=
            NO_BINDING ||
        tree_kind(tree, last) == KIND_RETURN || tree->nodes[last].column == 0)
        return;
    node_id value = tree_field(tree, assignment, FIELD_RIGHT);
    struct str name = tree_text(tree, tree_field(tree, assignment, FIELD_LEFT));
    struct buf lines = {0};
    if (needs_only_imports(checker, fact, value, module_unit_of(fact->module, fact->module->scopes[last]),
                           tree->nodes[last].column, &lines)) {
        struct str text = arena_printf(checker->arena, "\n%*s%.*sself.%.*s = %.*s", (int)tree->nodes[last].column, "",
                                       STR_ARG(buf_str(&lines)), STR_ARG(name), STR_ARG(tree_text(tree, value)));
        check_edit(checker, finding, fact->module, tree->nodes[last].end, tree->nodes[last].end, text);
        check_edit(checker, finding, fact->module, tree->nodes[value].start, tree->nodes[value].end,
                   arena_printf(checker->arena, "self.%.*s", STR_ARG(name)));
        finding->fix = FIX_UNSAFE;
    }
    buf_release(&lines);
}

/* ---- name = load() of a function: the function becomes a method of a class of its own */

/* "generate_text" -> "GenerateText". */
static struct str class_name(struct checker *checker, struct str name)
{
    struct buf text = {0};
    bool up = true;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c != '_')
            buf_add_char(&text, up && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
        up = c == '_';
    }
    struct str out = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return out;
}

/* The word `function` of the only decorator, @app.function(...); 0: it is another, or not the only one. */
static node_id decorator_word(const struct module *module, const struct app_function *function)
{
    const struct tree *tree = &module->tree;
    node_id outer = module_def(module, function->def)->outer, callee = 0;
    size_t n = 0;
    for (node_id child = tree->nodes[outer].child; child; child = tree->nodes[child].next)
        n += tree_kind(tree, child) == KIND_DECORATOR;
    if (n == 1 && function->decorator && function->call)
        callee = tree_field(tree, function->call, FIELD_FUNCTION);
    node_id word = callee && tree_kind(tree, callee) == KIND_ATTRIBUTE ? tree_field(tree, callee, FIELD_ATTRIBUTE) : 0;
    return word && str_equals(tree_text(tree, word), STR("function")) ? word : 0;
}

/* Whether the rows of the function can be shifted: no tabs, no text over several rows but its docstring, no `self`. */
static bool can_be_shifted(const struct module *module, def_id def)
{
    const struct tree *tree = &module->tree;
    node_id top = module_def(module, def)->node, first = tree->nodes[module_def(module, def)->body].child;
    for (node_id id = top; id < tree->nodes[top].past; id++) {
        struct str text = tree_text(tree, id);
        if (tree_kind(tree, id) == KIND_STRING && tree->nodes[id].parent != first && str_contains(text, STR("\n")))
            return false;
        if (tree_kind(tree, id) == KIND_IDENTIFIER && str_equals(text, STR("self")))
            return false;
    }
    return !str_contains(tree_text(tree, top), STR("\t"));
}

static bool is_call_of_modal(struct str attribute)
{
    static const char *const names[] = {"remote",    "map",   "starmap",  "spawn",
                                        "spawn_map", "local", "for_each", "remote_gen"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_equals(attribute, str_of(names[i])))
            return true;
    return false;
}

/* Turns f.remote(...) and the like into F().f.remote(...); false where the name is used in another way. */
static bool rewrite_callers(struct checker *checker, struct finding *finding, const struct module *module, def_id def,
                            struct str class_text)
{
    const struct tree *tree = &module->tree;
    struct str name = module_def(module, def)->name;
    for (node_id id = names_first(checker, module, name); id; id = names_next(checker, module, id)) {
        node_id parent = tree->nodes[id].parent;
        if (parent == module_def(module, def)->node)
            continue;
        bool attribute = tree_kind(tree, parent) == KIND_ATTRIBUTE;
        if ((attribute && tree->nodes[id].field == FIELD_ATTRIBUTE) ||
            (tree_kind(tree, parent) == KIND_KEYWORD_ARGUMENT && tree->nodes[id].field == FIELD_NAME))
            continue;
        uint32_t number = module_lookup(module, id);
        if (number == NO_BINDING || module->bindings.items[number].scope)
            continue;
        if (!attribute || !is_call_of_modal(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE))))
            return false;
        check_edit(checker, finding, module, tree->nodes[id].start, tree->nodes[id].start,
                   arena_printf(checker->arena, "%.*s().", STR_ARG(class_text)));
    }
    return true;
}

static void shift_rows(struct checker *checker, struct finding *finding, const struct module *module, node_id top)
{
    const struct tree *tree = &module->tree;
    uint32_t last, column;
    tree_position(tree, tree->nodes[top].end, &last, &column);
    for (uint32_t row = tree->nodes[top].row + 1; row <= last; row++)
        if (str_trim(tree_line(tree, row)).len)
            check_edit(checker, finding, module, tree->lines.items[row], tree->lines.items[row], STR("    "));
}

/* Whether the name means the function alone, in the whole file. */
static bool is_bound_once(const struct module *module, struct str name)
{
    uint32_t number = module_binding(module, 0, name);
    return number != NO_BINDING && module->bindings.items[number].kind == BIND_DEF &&
           module->bindings.items[number].older == NO_BINDING;
}

/* Why the function can't become a class, whatever it loads; NULL: it can. */
static const char *function_why_not(struct checker *checker, const struct app_function *function)
{
    static const char *const only_functions[] = {"schedule", "is_generator", "name"};
    const struct module *module = function->module;
    const struct def *def = module_def(module, function->def);
    if (module->tree.nodes[def->outer].parent || !decorator_word(module, function) || !api_modal_name(module).len)
        return "the function has more than @app.function around it";
    for (size_t i = 0; i < sizeof(only_functions) / sizeof(only_functions[0]); i++)
        if (check_keyword(checker, module, function->call, only_functions[i]))
            return "a class takes no schedule, name or is_generator";
    if (function->unknown_why || !is_bound_once(module, def->name) || !can_be_shifted(module, function->def))
        return "its lines can't be moved as they are";
    if (names_are_used_elsewhere(checker, module, def->name))
        return "another file uses the function";
    struct str name = class_name(checker, def->name);
    bool taken = names_first(checker, module, name) || module_binding(module, 0, name) != NO_BINDING;
    return taken ? "the class's name is taken" : NULL;
}

/* Why the load can't make its function a class; NULL: it can.  A function of many loads is judged once. */
static const char *why_not(struct checker *checker, const struct fact *fact, const struct about *about)
{
    const struct app_function *function = about->function;
    if (fact->module != function->module || fact->scope != function->def || !only_assignment(fact))
        return "it is no plain `name = ...` of the function itself";
    if (checker->judged != function) {
        checker->judged = function;
        checker->why_not = function_why_not(checker, function);
    }
    return checker->why_not;
}

static const char *add_class_fix(struct checker *checker, struct finding *finding, const struct fact *fact,
                                 const struct about *about)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    if (checker->remade == about->function)
        return NULL;
    const char *why = why_not(checker, fact, about);
    if (why)
        return why;
    const struct def *def = module_def(module, about->function->def);
    node_id assignment = only_assignment(fact), value = tree_field(tree, assignment, FIELD_RIGHT);
    node_id word = decorator_word(module, about->function);
    node_id parameters = tree_field(tree, def->node, FIELD_PARAMETERS);
    struct str name = tree_text(tree, tree_field(tree, assignment, FIELD_LEFT)), modal = api_modal_name(module);
    struct str class_text = class_name(checker, def->name);
    struct buf lines = {0};
    if (!parameters || !needs_only_imports(checker, fact, value, 0, 8, &lines)) {
        buf_release(&lines);
        return "it needs something else of the function";
    }
    if (!rewrite_callers(checker, finding, module, about->function->def, class_text)) {
        buf_release(&lines);
        finding->edits = (struct edits){0};
        return checker->why_not = "the function is used otherwise than by .remote() and its like";
    }
    uint32_t start = tree->nodes[def->node].start, open = tree->nodes[parameters].start + 1;
    check_edit(checker, finding, module, tree->nodes[word].start, tree->nodes[word].end, STR("cls"));
    /* The first letter is replaced by itself, so that two findings' classes for one function meet. */
    check_edit(checker, finding, module, start, start + 1,
               arena_printf(checker->arena,
                            "class %.*s:\n    @%.*s.enter()\n    def load(self):\n        %.*sself.%.*s = %.*s\n\n"
                            "    @%.*s.method()\n    %c",
                            STR_ARG(class_text), STR_ARG(modal), STR_ARG(buf_str(&lines)), STR_ARG(name),
                            STR_ARG(tree_text(tree, value)), STR_ARG(modal), tree->text.ptr[start]));
    check_edit(checker, finding, module, open, open, tree->nodes[parameters].child ? STR("self, ") : STR("self"));
    check_edit(checker, finding, module, tree->nodes[value].start, tree->nodes[value].end,
               arena_printf(checker->arena, "self.%.*s", STR_ARG(name)));
    shift_rows(checker, finding, module, def->node);
    finding->fix = FIX_UNSAFE;
    checker->remade = about->function;
    buf_release(&lines);
    return NULL;
}

const char *setup_fix_add(struct checker *checker, struct finding *finding, const struct fact *fact,
                          const struct about *about)
{
    if (about->function->provider != PROVIDER_MODAL)
        return NULL;
    if (about->function->kind == FUNCTION_FUNCTION)
        return add_class_fix(checker, finding, fact, about);
    if (about->function->kind == FUNCTION_CLASS)
        add_enter_fix(checker, finding, fact, about);
    return NULL;
}
