/* Names of the modal package that are gone: classes, functions, methods.  They are found wherever they stand, as names that were
 * imported or as attributes, called or not, each with what it is called now where that is all there is to it. */
#include <string.h>

#include "diagnose/api_fix.h"
#include "diagnose/names.h"

/* A place that says such a name. */
struct mention {
    const struct module *module;
    node_id node;                /* x.NAME, or the NAME */
    node_id word;                /* the identifier */
    node_id call;                /* where it is called; 0: it is not */
    const struct import *import; /* what bound the NAME; NULL: it stands behind a dot */
};

struct gone {
    const char *name, *pattern, *rule, *now, *message, *advice;
    void (*fix)(struct checker *checker, struct finding *finding, const struct mention *mention,
                const struct gone *gone);
};

enum { USES_MOST = 16 };

static void replace_word(struct checker *checker, struct finding *finding, const struct mention *mention,
                         struct str now)
{
    api_replace(checker, finding, mention->module, mention->word, now);
    finding->fix = FIX_SAFE;
}

/* ---- names that were imported */

/* Whether the import's name is the old one itself, so that its uses have to change with it, and can. */
static bool uses_change(struct checker *checker, const struct module *module, const struct import *import,
                        const char *now)
{
    uint32_t own = module_binding(module, import->scope, str_of(now));
    bool taken = own != NO_BINDING &&
                 !(module->bindings.items[own].kind == BIND_IMPORT &&
                   str_equals(module->imports.items[module->bindings.items[own].import].module, STR("modal")));
    return !import->has_alias && !taken && !names_are_used_elsewhere(checker, module, import->name);
}

static bool imports_it_too(const struct module *module, const struct import *import, const char *now)
{
    for (size_t i = 0; i < module->imports.len; i++)
        if (module->imports.items[i].scope == import->scope &&
            str_equals(module->imports.items[i].module, STR("modal")) &&
            str_equals(module->imports.items[i].name, str_of(now)))
            return true;
    return false;
}

/* from modal import OLD becomes from modal import NEW, and so do the places that say OLD; where the file has another NEW, the old
 * name stays what it is here: NEW as OLD. */
static void rename_import(struct checker *checker, struct finding *finding, const struct module *module,
                          const struct import *import, const char *now)
{
    const struct tree *tree = &module->tree;
    bool change = uses_change(checker, module, import, now);
    node_id name = tree_kind(tree, import->node) == KIND_ALIASED_IMPORT ? tree_field(tree, import->node, FIELD_NAME)
                                                                        : import->node;
    if (change && imports_it_too(module, import, now)) {
        if (!api_remove_import(checker, finding, module, import))
            return;
    } else {
        api_replace(checker, finding, module, name,
                    change || import->has_alias
                        ? str_of(now)
                        : arena_printf(checker->arena, "%s as %.*s", now, STR_ARG(import->name)));
    }
    for (uint32_t use = change ? import->first_use : NO_BINDING; use != NO_BINDING; use = module->uses.items[use].next)
        api_replace(checker, finding, module, module->uses.items[use].node, str_of(now));
    finding->fix = FIX_SAFE;
}

static bool has_few_uses(const struct module *module, const struct import *import)
{
    size_t n = 0;
    for (uint32_t use = import->first_use; use != NO_BINDING && n <= USES_MOST; use = module->uses.items[use].next)
        n++;
    return n <= USES_MOST;
}

/* ---- edits of one mention */

/* A name that goes with its import changes there; the import's own finding does it for names with many uses. */
static void fix_rename(struct checker *checker, struct finding *finding, const struct mention *mention,
                       const struct gone *gone)
{
    if (!mention->import)
        replace_word(checker, finding, mention, str_of(gone->now));
    else if (has_few_uses(mention->module, mention->import))
        rename_import(checker, finding, mention->module, mention->import, gone->now);
}

/* The innermost object of a chain of calls, followed through names: the `modal.Image` of image.pip_install(...).x. */
static struct str root_path(struct checker *checker, const struct module *module, node_id node, bool *moved_out)
{
    enum { HOPS_MOST = 8 };
    const struct tree *tree = &module->tree;
    for (unsigned hops = 0; hops < HOPS_MOST; hops++) {
        for (node = tree_unwrap(tree, node);
             tree_kind(tree, node) == KIND_CALL || tree_kind(tree, node) == KIND_ATTRIBUTE;
             node = tree_unwrap(tree, node)) {
            bool call = tree_kind(tree, node) == KIND_CALL;
            struct str word = call ? STR("") : tree_text(tree, tree_field(tree, node, FIELD_ATTRIBUTE));
            *moved_out |= str_equals(word, STR("workdir")) || str_equals(word, STR("dockerfile_commands")) ||
                          str_starts_with(word, STR("from_")) || str_equals(word, STR("micromamba"));
            node = tree_field(tree, node, call ? FIELD_FUNCTION : FIELD_OBJECT);
        }
        uint32_t number = tree_kind(tree, node) == KIND_IDENTIFIER ? module_lookup(module, node) : NO_BINDING;
        const struct binding *binding = number == NO_BINDING ? NULL : &module->bindings.items[number];
        if (!binding || binding->kind != BIND_VALUE)
            return check_path(checker, module, node);
        *moved_out |= binding->older != NO_BINDING;
        node = binding->value;
    }
    return STR("");
}

/* Where copy_local_*() puts things, as an absolute path; false where it is written and may stay.  What is relative lies in /root,
 * unless the image moved elsewhere: then nobody can say. */
static bool copies_elsewhere(struct checker *checker, const struct mention *mention, node_id remote, struct str *to_out)
{
    const struct value *value = remote ? value_likely(check_fold(checker, mention->module, remote)) : NULL;
    struct str path = value && value->kind == VALUE_STR ? value->text : STR("");
    bool moved = false;
    *to_out = (struct str){0};
    if (remote && !path.len)
        return false;
    if (str_starts_with(path, STR("/")))
        return false;
    root_path(checker, mention->module, mention->node, &moved);
    while (str_starts_with(path, STR("./")))
        path = str_slice(path, 2, path.len);
    bool here = !path.len || str_equals(path, STR(".")),
         dir = str_ends_with(tree_text(&mention->module->tree, mention->word), STR("_dir"));
    if (!moved && !str_contains(path, STR("\"")) && !str_contains(path, STR("\\")) && !str_contains(path, STR("..")))
        *to_out = here ? (dir ? STR("\"/root\"") : STR("\"/root/\""))
                       : arena_printf(checker->arena, "\"/root/%.*s\"", STR_ARG(path));
    return true;
}

/* copy_local_dir(a, b) is add_local_dir(a, b, copy=True); where to has no default any more. */
static void fix_copy(struct checker *checker, struct finding *finding, const struct mention *mention,
                     const struct gone *gone)
{
    const struct tree *tree = &mention->module->tree;
    node_id list = mention->call ? tree_field(tree, mention->call, FIELD_ARGUMENTS) : 0, last = 0;
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next)
        last = child;
    if (!last || mention->import || call_has_splat(tree, mention->call))
        return;
    node_id remote = call_argument(tree, mention->call, 1);
    struct str to = {0};
    if (!remote)
        remote = call_keyword(tree, mention->call, STR("remote_path"));
    bool elsewhere = copies_elsewhere(checker, mention, remote, &to);
    if (elsewhere && !to.len)
        return;
    replace_word(checker, finding, mention, str_of(gone->now));
    if (elsewhere && remote)
        api_replace(checker, finding, mention->module, remote, to);
    check_edit(checker, finding, mention->module, tree->nodes[last].end, tree->nodes[last].end,
               elsewhere && !remote ? arena_printf(checker->arena, ", remote_path=%.*s, copy=True", STR_ARG(to))
                                    : STR(", copy=True"));
}

/* Names of lookup()'s parameters that from_name() has others for; NULL: it has none. */
static bool fix_lookup_arguments(struct checker *checker, struct finding *finding, const struct mention *mention)
{
    static const struct {
        const char *old, *now;
    } names[] = {{"label", "name"}, {"tag", "name"}, {"workspace", NULL}, {"namespace", NULL}};
    const struct tree *tree = &mention->module->tree;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        node_id given = call_keyword(tree, mention->call, str_of(names[i].old));
        if (given && !names[i].now)
            return false;
        if (given)
            api_replace(checker, finding, mention->module, tree_field(tree, tree->nodes[given].parent, FIELD_NAME),
                        str_of(names[i].now));
    }
    return true;
}

/* lookup() asks at once, from_name() when it is used: in a try block that is another thing.  lookup.aio() needs no await. */
static void fix_lookup(struct checker *checker, struct finding *finding, const struct mention *mention,
                       const struct gone *gone)
{
    const struct tree *tree = &mention->module->tree;
    node_id parent = tree->nodes[mention->node].parent, call = mention->call;
    bool aio = !call && tree_kind(tree, parent) == KIND_ATTRIBUTE &&
               str_equals(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE)), STR("aio"));
    if (aio && tree_kind(tree, tree->nodes[parent].parent) == KIND_CALL)
        call = tree->nodes[parent].parent;
    node_id await = call ? tree->nodes[call].parent : 0;
    if (!call || (aio && tree_kind(tree, await) != KIND_AWAIT))
        return;
    struct mention called = *mention;
    called.call = call;
    replace_word(checker, finding, mention, str_of(gone->now));
    if (!fix_lookup_arguments(checker, finding, &called)) {
        finding->edits = (struct edits){0};
        finding->fix = FIX_MANUAL;
        return;
    }
    if (aio) {
        check_edit(checker, finding, mention->module, tree->nodes[await].start, tree->nodes[call].start, STR(""));
        check_edit(checker, finding, mention->module, tree->nodes[mention->node].end, tree->nodes[parent].end, STR(""));
    }
    if (mention->module->where[mention->node] & WHERE_TRY)
        finding->fix = FIX_UNSAFE;
}

/* modal.gpu.A100(count=2) as the string that it means. */
static void fix_gpu(struct checker *checker, struct finding *finding, const struct mention *mention,
                    const struct gone *gone)
{
    (void)gone;
    const struct module *module = mention->module;
    const struct tree *tree = &module->tree;
    struct str type, path = check_path(checker, module, mention->node);
    int64_t count;
    if (!mention->call)
        return;
    struct value value = {.kind = VALUE_OBJECT,
                          .ref = {.kind = REF_PATH, .path = arena_printf(checker->arena, "%.*s()", STR_ARG(path))},
                          .module = module,
                          .node = mention->call};
    if (!app_gpu(checker->arena, &checker->source->project, &value, &type, &count))
        return;
    if (str_equals(type, STR("Any")))
        type = STR("any");
    node_id given = call_keyword(tree, mention->call, STR("count"));
    if (!given)
        given = call_argument(tree, mention->call, 0);
    struct str text = count > 1 ? arena_printf(checker->arena, "\"%.*s:%lld\"", STR_ARG(type), (long long)count)
                                : arena_printf(checker->arena, "\"%.*s\"", STR_ARG(type));
    if (given && tree_kind(tree, given) != KIND_INTEGER && !str_contains(tree_text(tree, given), STR("\"")) &&
        !str_contains(tree_text(tree, given), STR("\n")))
        text = arena_printf(checker->arena, "f\"%.*s:{%.*s}\"", STR_ARG(type), STR_ARG(tree_text(tree, given)));
    check_advice(checker, finding, "gpu=%.*s", STR_ARG(text));
    if (call_has_splat(tree, mention->call))
        return;
    api_replace(checker, finding, module, mention->call, text);
    finding->fix = FIX_SAFE;
}

/* @modal.build() becomes @modal.enter(), or goes where that is there: what it fetched is then fetched by each container. */
static void fix_build(struct checker *checker, struct finding *finding, const struct mention *mention,
                      const struct gone *gone)
{
    (void)gone;
    const struct module *module = mention->module;
    const struct tree *tree = &module->tree;
    node_id expression = mention->call ? mention->call : mention->node, decorator = tree->nodes[expression].parent;
    if (tree_kind(tree, decorator) != KIND_DECORATOR)
        return;
    for (node_id child = tree->nodes[tree->nodes[decorator].parent].child; child; child = tree->nodes[child].next) {
        node_id other = tree_kind(tree, child) == KIND_DECORATOR ? tree_unwrap(tree, tree->nodes[child].child) : 0;
        if (!other || child == decorator)
            continue;
        if (tree_kind(tree, other) == KIND_CALL)
            other = tree_field(tree, other, FIELD_FUNCTION);
        if (str_equals(check_path(checker, module, other), STR("modal.enter"))) {
            if (api_remove_statement(checker, finding, module, decorator))
                finding->fix = FIX_UNSAFE;
            return;
        }
    }
    struct str enter = api_name(checker, finding, module, "enter");
    if (!enter.len)
        return;
    api_replace(checker, finding, module, expression, arena_printf(checker->arena, "%.*s()", STR_ARG(enter)));
    finding->fix = FIX_UNSAFE;
}

/* X.persisted("name") is X.from_name("name", create_if_missing=True). */
static void fix_persisted(struct checker *checker, struct finding *finding, const struct mention *mention,
                          const struct gone *gone)
{
    const struct tree *tree = &mention->module->tree;
    node_id list = mention->call ? tree_field(tree, mention->call, FIELD_ARGUMENTS) : 0;
    node_id first = list ? tree->nodes[list].child : 0;
    if (!first || tree->nodes[first].next || !call_argument(tree, mention->call, 0))
        return;
    replace_word(checker, finding, mention, str_of(gone->now));
    check_edit(checker, finding, mention->module, tree->nodes[first].end, tree->nodes[first].end,
               STR(", create_if_missing=True"));
}

/* ---- the table */

#define COPY_ADVICE "without copy=True and at the end of the chain it starts faster after an edit"

static const struct gone gones[] = {
    {"Stub", "modal.Stub", "stub", "App", "modal.Stub is modal.App since modal 0.62 (2024-04)", "modal.App",
     fix_rename},
    {"web_endpoint", "modal.web_endpoint", "web-endpoint", "fastapi_endpoint",
     "web_endpoint is fastapi_endpoint: modal 1.4.0 refuses the old name",
     "fastapi_endpoint; the image needs fastapi[standard]", fix_rename},
    {"lookup", "modal.*.lookup", "lookup-call", "from_name", "lookup() is from_name(): gone since modal 1.2.0",
     "from_name(), which also waits until it is used", fix_lookup},
    {"persisted", "modal.*.persisted", "lookup-call", "from_name",
     "persisted() is from_name(..., create_if_missing=True): gone since modal 1.0 (2025-05)",
     "from_name(..., create_if_missing=True)", fix_persisted},
    {"build", "modal.build", "build-hook", NULL, "@modal.build is gone since modal 1.1.0",
     "image.run_function(...), or a Volume that the enter hook fills once", fix_build},
    {"copy_local_dir", "*copy_local_dir", "local-files", "add_local_dir", "copy_local_dir() is gone since modal 1.1.0",
     "add_local_dir(..., copy=True); " COPY_ADVICE, fix_copy},
    {"copy_local_file", "*copy_local_file", "local-files", "add_local_file",
     "copy_local_file() is gone since modal 1.1.0", "add_local_file(..., copy=True); " COPY_ADVICE, fix_copy},
    {"copy_mount", "modal.Image*.copy_mount", "local-files", NULL, "copy_mount() is gone since modal 1.0 (2025-05)",
     "add_local_dir(...), add_local_file(...) or add_local_python_source(...)", NULL},
    {"*", "modal.Mount.*", "local-files", NULL, "modal.Mount is gone since modal 1.0 (2025-05)",
     "add files to the image: add_local_dir(...), add_local_file(...)", NULL},
    {"*", "modal.gpu.*", "gpu-object", NULL, "modal.gpu objects are gone since modal 1.4.0: a GPU is a string",
     "gpu=\"A100-80GB:2\" and the like", fix_gpu},
};

enum { GONES = sizeof(gones) / sizeof(gones[0]) };

/* The row of a path that ends in the word; of copy_local_*() also behind a chain that is too long for a path. */
static const struct gone *row_of(struct checker *checker, const struct mention *mention, struct str word,
                                 struct str path)
{
    bool moved = false;
    for (size_t i = 0; i < GONES; i++) {
        const struct gone *row = &gones[i];
        if (!str_equals(str_of(row->name), STR("*")) && !str_equals(str_of(row->name), word))
            continue;
        bool anywhere = row->pattern[0] == '*' &&
                        (str_starts_with(path, STR("modal.Image")) ||
                         (!path.len &&
                          str_starts_with(root_path(checker, mention->module, mention->node, &moved), STR("modal"))));
        if (anywhere || (path.len && row->pattern[0] != '*' && known_matches(str_of(row->pattern), path) &&
                         !str_contains(path, STR("modal.App.lookup"))))
            return row;
    }
    return NULL;
}

static void report_mention(struct checker *checker, const struct mention *mention, struct str path)
{
    struct str word = tree_text(&mention->module->tree, mention->word);
    ptrdiff_t dot = str_find_last(path, '.');
    if (mention->import && dot >= 0)
        word = str_slice(path, (size_t)dot + 1, path.len);
    const struct gone *row = row_of(checker, mention, word, path);
    struct finding *finding = row ? check_report(checker, row->rule, mention->module, mention->word, "%s", row->message)
                                  : NULL;
    if (!finding)
        return;
    check_advice(checker, finding, "%s", row->advice);
    if (row->fix)
        row->fix(checker, finding, mention, row);
}

static node_id call_of(const struct tree *tree, node_id node)
{
    node_id parent = tree->nodes[node].parent;
    return tree_kind(tree, parent) == KIND_CALL && tree_field(tree, parent, FIELD_FUNCTION) == node ? parent : 0;
}

/* Words worth a look: the table's, and whatever stands behind Mount or gpu. */
static bool is_worth(const struct tree *tree, node_id attribute, struct str word)
{
    for (size_t i = 0; i < GONES; i++)
        if (str_equals(str_of(gones[i].name), word))
            return true;
    struct str object = tree_text(tree, tree_field(tree, attribute, FIELD_OBJECT));
    return (word.ptr[0] >= 'A' && word.ptr[0] <= 'Z') || str_ends_with(object, STR("Mount")) ||
           str_starts_with(word, STR("from_local_"));
}

static void report_attributes(struct checker *checker, const struct module *module)
{
    const struct tree *tree = &module->tree;
    for (node_id id = 1; id < tree->len; id++) {
        node_id word = tree_kind(tree, id) == KIND_ATTRIBUTE ? tree_field(tree, id, FIELD_ATTRIBUTE) : 0;
        if (!word || !tree->nodes[word].start || !is_worth(tree, id, tree_text(tree, word)))
            continue;
        struct mention mention = {module, id, word, call_of(tree, id), NULL};
        report_mention(checker, &mention, check_path(checker, module, id));
    }
}

/* ---- imports */

static bool is_gone_module(const struct import *import)
{
    return str_equals(import->module, STR("modal.gpu")) || str_equals(import->module, STR("modal.mount"));
}

static const struct gone *row_of_import(const struct import *import)
{
    if (str_equals(import->module, STR("modal")) && import->member.len) {
        for (size_t i = 0; i < GONES; i++)
            if (str_equals(str_of(gones[i].name), import->member) && !strncmp(gones[i].pattern, "modal.", 6) &&
                strcmp(gones[i].name, "lookup") != 0)
                return &gones[i];
        if (str_equals(import->member, STR("Mount")))
            return &gones[GONES - 2];
        if (str_equals(import->member, STR("gpu")))
            return &gones[GONES - 1];
    }
    return is_gone_module(import) ? &gones[str_equals(import->module, STR("modal.gpu")) ? GONES - 1 : GONES - 2] : NULL;
}

/* @build() def build(self): the decorator says the import's name, which the class binds only after it. */
static bool is_decorator_of_namesake(const struct module *module, node_id identifier)
{
    const struct tree *tree = &module->tree;
    node_id decorator = tree->nodes[identifier].parent;
    if (tree_kind(tree, decorator) == KIND_CALL)
        decorator = tree->nodes[decorator].parent;
    uint32_t number = tree_kind(tree, decorator) == KIND_DECORATOR ? module_lookup(module, identifier) : NO_BINDING;
    return number != NO_BINDING && module->bindings.items[number].kind == BIND_DEF &&
           module_def(module, module->bindings.items[number].def)->outer == tree->nodes[decorator].parent;
}

/* Whether anything in the file but the import may still mean its name. */
static bool is_said(struct checker *checker, const struct module *module, const struct import *import)
{
    for (node_id id = names_first(checker, module, import->name); id; id = names_next(checker, module, id))
        if (names_is_variable(module, id) && !tree_within(&module->tree, id, import->statement) &&
            is_decorator_of_namesake(module, id))
            return true;
    return import->first_use != NO_BINDING;
}

static void report_mention_of(struct checker *checker, const struct module *module, const struct import *import,
                              node_id node)
{
    struct mention mention = {module, node, node, call_of(&module->tree, node), import};
    struct str path = import->member.len
                          ? arena_printf(checker->arena, "%.*s.%.*s", STR_ARG(import->module), STR_ARG(import->member))
                          : import->module;
    report_mention(checker, &mention, path);
}

static void report_namesakes(struct checker *checker, const struct module *module, const struct import *import)
{
    for (node_id id = names_first(checker, module, import->name); id; id = names_next(checker, module, id))
        if (names_is_variable(module, id) && is_decorator_of_namesake(module, id))
            report_mention_of(checker, module, import, id);
}

/* What is gone without another name goes when nothing says it any more. */
static void fix_import(struct checker *checker, struct finding *finding, const struct module *module,
                       const struct import *import, const struct gone *row)
{
    bool whole = is_gone_module(import) && !import->member.len && !import->has_alias;
    if (row->now && row->fix == fix_rename) {
        rename_import(checker, finding, module, import, row->now);
    } else if (whole && !imports_it_too(module, import, "modal")) { /* import modal.gpu also binds modal */
        api_replace(checker, finding, module, import->node, STR("modal"));
        finding->fix = FIX_SAFE;
    } else if (whole || !is_said(checker, module, import)) {
        if (!names_are_used_elsewhere(checker, module, import->name) &&
            api_remove_import(checker, finding, module, import))
            finding->fix = FIX_SAFE;
    }
}

static void report_imports(struct checker *checker, const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        const struct gone *row = row_of_import(import);
        struct finding *finding = row ? check_report(checker, row->rule, module, import->node, "%s", row->message)
                                      : NULL;
        if (finding) {
            check_advice(checker, finding, "%s", row->advice);
            fix_import(checker, finding, module, import, row);
        }
        if (!str_equals(import->module, STR("modal")) && !is_gone_module(import))
            continue;
        for (uint32_t use = import->member.len ? import->first_use : NO_BINDING; use != NO_BINDING;
             use = module->uses.items[use].next) {
            report_mention_of(checker, module, import, module->uses.items[use].node);
        }
        if (row && import->member.len)
            report_namesakes(checker, module, import);
    }
}

static bool mentions_modal(const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++)
        if (str_equals(module->imports.items[i].module, STR("modal")) ||
            str_starts_with(module->imports.items[i].module, STR("modal.")))
            return true;
    return false;
}

static void report_mounts(struct checker *checker, const struct app_function *function)
{
    static const char *const names[] = {"mount", "mounts"};
    for (size_t i = 0; function->call && i < 2; i++) {
        const struct tree *tree = &function->call_module->tree;
        node_id value = call_keyword(tree, function->call, str_of(names[i]));
        struct finding *finding = value ? check_report(checker, "local-files", function->call_module,
                                                       tree->nodes[value].parent,
                                                       "%s= is gone since modal 1.0 (2025-05): files are added to the "
                                                       "image",
                                                       names[i])
                                        : NULL;
        if (!finding)
            continue;
        check_advice(checker, finding,
                     "image.add_local_dir(...), .add_local_file(...) or .add_local_python_source(...)");
        mount_fix_add(checker, finding, function, tree->nodes[value].parent);
    }
}

void check_outdated_names(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    for (size_t i = 0; i < checker->source->app.functions.len; i++)
        if (checker->source->app.functions.items[i].provider == PROVIDER_MODAL)
            report_mounts(checker, &checker->source->app.functions.items[i]);
    for (size_t i = 0; i < project->modules.len; i++) {
        if (!mentions_modal(project->modules.items[i]))
            continue;
        report_imports(checker, project->modules.items[i]);
        report_attributes(checker, project->modules.items[i]);
    }
}
