/* GPUs: asked for and not used, fed one item at a time, or kept busy with what a CPU could do. */
#include "diagnose/check.h"

#include <stdlib.h>
#include <string.h>

/* ---- nothing uses it */

/* def debug(): pass, for `modal shell`. */
static bool is_a_shell(const struct app_function *function)
{
    const struct tree *tree = &function->module->tree;
    const struct def *def = module_def(function->module, function->def);
    struct str body = str_trim(tree_text(tree, def->body));
    return def->kind == DEF_FUNCTION && (str_equals(body, STR("pass")) || str_equals(body, STR("...")));
}

void check_gpu_use(struct checker *checker)
{
    uint32_t maybe = DOES_GPU_IMPORT | DOES_SUBPROCESS | DOES_UNKNOWN_IMPORT | KNOWN_GPU;
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct about *about = &checker->abouts[i];
        if (!about->has_gpu || about->does & maybe || about->is_server_process ||
            about->function->kind == FUNCTION_SERVER || is_a_shell(about->function))
            continue;
        struct finding *finding = check_report_setting(
            checker, "gpu-unused", about->function, SETTING_GPU,
            "%.*s asks for %.*s, and nothing that it runs can use one", STR_ARG(about->function->name),
            STR_ARG(str_equals(about->gpu, STR("?")) ? STR("a GPU") : about->gpu));
        if (!finding)
            continue;
        if (about->gpu_usd_s > 0)
            check_excerpt(checker, finding, "$%.2f an hour of each container", about->gpu_usd_s * 3600);
        check_advice(checker, finding, "leave gpu= out");
    }
}

/* ---- batches */

static const char *const batch_methods[] = {"predict",       "encode", "embed",           "generate",    "classify",
                                            "predict_proba", "infer",  "embed_documents", "embed_query", "forward"};

/* Whether the call runs a model: one that we saw loaded, or something called a model by a method that takes batches. */
static bool runs_model(const struct checker *checker, const struct fact *fact, bool *sure_out)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    struct str last = tree_kind(tree, function) == KIND_ATTRIBUTE
                          ? tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE))
                          : STR("");
    struct str object = tree_kind(tree, function) == KIND_ATTRIBUTE
                            ? tree_text(tree, tree_field(tree, function, FIELD_OBJECT))
                            : STR("");
    bool takes = false;
    for (size_t i = 0; i < sizeof(batch_methods) / sizeof(batch_methods[0]); i++)
        takes = takes || str_equals(last, str_of(batch_methods[i]));
    ptrdiff_t made = str_find(fact->path, STR("()"));
    bool pickled = known_matches(STR("*pickle.load*().predict*"), fact->path);
    if (!pickled && made > 0 && (takes || (size_t)made + 2 == fact->path.len)) {
        uint32_t flags = known_call(checker->known, str_slice(fact->path, 0, (size_t)made));
        *sure_out = true;
        return flags & KNOWN_MODEL && !(flags & KNOWN_LIGHT) && !str_contains(fact->path, STR("hisper")) &&
               !str_contains(fact->path, STR("llama_cpp"));
    }
    *sure_out = false;
    if (takes && resolve(&checker->source->project, checker->arena, fact->module, function).kind == REF_DEF)
        return false;
    bool named = str_contains(object, STR("model")) || str_contains(object, STR("encoder")) ||
                 str_contains(object, STR("embedder")) || str_contains(object, STR("classifier")) ||
                 str_contains(object, STR("clf"));
    return takes && named &&
           (pickled || !fact->path.len || str_starts_with(fact->path, STR("?")) || !str_contains(fact->path, STR("(")));
}

enum { ITEM_DEPTH = 4, ITEM_NODES = 200 };

/* The loop variable behind a local name: picture = Image.open(path); x = to_tensor(picture); model(x). */
static uint32_t item_behind(const struct module *module, node_id value, unsigned depth)
{
    const struct tree *tree = &module->tree;
    if (!value || !depth || tree->nodes[value].past - value >= ITEM_NODES)
        return NO_BINDING;
    for (node_id part = value; part < tree->nodes[value].past; part++) {
        uint32_t inner = tree_kind(tree, part) == KIND_IDENTIFIER ? module_lookup(module, part) : NO_BINDING;
        if (inner == NO_BINDING)
            continue;
        const struct binding *binding = &module->bindings.items[inner];
        if (binding->kind == BIND_VALUE && binding->scope && binding->value < value)
            inner = item_behind(module, binding->value, depth - 1);
        if (inner != NO_BINDING && module->bindings.items[inner].kind == BIND_LOOP)
            return inner;
    }
    return NO_BINDING;
}

/* The loop variable that the arguments mention; NO_BINDING: none. */
static uint32_t item_in_arguments(const struct fact *fact, bool parameters)
{
    const struct tree *tree = &fact->module->tree;
    node_id list = tree_field(tree, fact->node, FIELD_ARGUMENTS);
    for (node_id id = list; list && id < tree->nodes[list].past; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER || str_equals(tree_text(tree, id), STR("self")))
            continue;
        uint32_t number = module_lookup(fact->module, id);
        enum binding_kind kind = number == NO_BINDING ? BIND_DEF
                                                      : (enum binding_kind)fact->module->bindings.items[number].kind;
        if (kind == BIND_LOOP || (parameters && kind == BIND_PARAMETER))
            return number;
        if (number != NO_BINDING && kind == BIND_VALUE && (fact->where & WHERE_LOOP)) {
            /* inputs = tokenizer(item); model(**inputs) */
            uint32_t inner = item_behind(fact->module, fact->module->bindings.items[number].value, ITEM_DEPTH);
            if (inner != NO_BINDING)
                return inner;
        }
    }
    return NO_BINDING;
}

static bool mentions_batches(struct str text)
{
    static const char *const words[] = {"batch", "Batch", "chunk", "Chunk",   "loader", "Loader",   "range(0", "epoch",
                                        "step",  "iter(", "turn",  "attempt", "token",  "timestep", "retr"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_contains(text, str_of(words[i])))
            return true;
    return false;
}

/* Whether the items arrive one after the other, as other containers finish them: none is there to wait with. */
static bool comes_one_by_one(struct str head)
{
    return str_contains(head, STR(".map(")) || str_contains(head, STR(".starmap(")) ||
           str_contains(head, STR(".remote_gen("));
}

/* Whether the loop behind a loop variable goes over single items. */
static bool is_item_loop(const struct fact *fact, uint32_t number)
{
    const struct tree *tree = &fact->module->tree;
    const struct binding *binding = &fact->module->bindings.items[number];
    if (binding->kind != BIND_LOOP)
        return !mentions_batches(binding->name) && !str_ends_with(binding->name, STR("s"));
    struct str head = tree_text(tree, binding->value);
    if (comes_one_by_one(head))
        return false;
    if (mentions_batches(str_slice(head, 0, 200)) || mentions_batches(binding->name))
        return false;
    node_id value = tree_unwrap(tree, binding->value);
    bool stepped = tree_kind(tree, value) == KIND_CALL &&
                   str_equals(tree_text(tree, tree_field(tree, value, FIELD_FUNCTION)), STR("range")) &&
                   call_argument(tree, value, 2);
    return !stepped && tree_within(tree, fact->node, tree->nodes[binding->value].parent);
}

/* A comprehension's clause stands beside its body. */
static bool is_item_of_comprehension(const struct fact *fact, uint32_t number)
{
    const struct tree *tree = &fact->module->tree;
    const struct binding *binding = &fact->module->bindings.items[number];
    node_id clause = binding->kind == BIND_LOOP ? tree->nodes[binding->value].parent : 0;
    return clause && tree_kind(tree, clause) == KIND_FOR_IN_CLAUSE &&
           tree_within(tree, fact->node, tree->nodes[clause].parent) &&
           !comes_one_by_one(tree_text(tree, binding->value)) &&
           !mentions_batches(str_slice(tree_text(tree, binding->value), 0, 200)) && !mentions_batches(binding->name);
}

static void report_item(struct checker *checker, const struct fact *fact)
{
    bool sure;
    const struct about *about = fact->owner == NO_UNIT ? NULL : &checker->abouts[fact->owner];
    if (!about || !(fact->when & WHEN_ITEM) || about->does & (DOES_BACKWARD | KNOWN_TRAIN) ||
        !runs_model(checker, fact, &sure))
        return;
    bool helper = !(fact->where & WHERE_LOOP);
    uint32_t number = item_in_arguments(fact, helper && sure);
    if (number == NO_BINDING || (helper && !sure) ||
        !(is_item_loop(fact, number) || is_item_of_comprehension(fact, number)))
        return;
    struct str name = tree_text(&fact->module->tree, tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION));
    struct finding *finding = check_report(checker, "one-item-at-a-time", fact->module, fact->node,
                                           "%.*s runs once for each item; it takes batches",
                                           STR_ARG(str_slice(name, 0, 60)));
    if (finding)
        check_advice(checker, finding, "give it lists of some tens of items: the same work in a fraction of the calls");
}

/* Whether the project maps over the function, or calls it in loops. */
static bool is_mapped(const struct checker *checker, const struct about *about, const bool *mapped)
{
    return mapped[about - checker->abouts] || about->is_web;
}

static void find_mapped(const struct checker *checker, bool *mapped)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        const struct tree *tree = &fact->module->tree;
        node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
        if (tree_kind(tree, function) != KIND_ATTRIBUTE)
            continue;
        struct str name = tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE));
        bool maps = str_equals(name, STR("map")) || str_equals(name, STR("starmap")) ||
                    str_equals(name, STR("for_each")) || str_equals(name, STR("spawn_map")) ||
                    ((str_equals(name, STR("spawn")) || str_equals(name, STR("remote"))) && fact->where & WHERE_LOOP);
        if (!maps)
            continue;
        struct ref ref = resolve(&checker->source->project, checker->arena, fact->module,
                                 tree_field(tree, function, FIELD_OBJECT));
        uint32_t target =
            ref.kind == REF_DEF
                ? checker->source->graph.units[graph_unit(&checker->source->graph, ref.module, ref.def)].function
                : NO_UNIT;
        if (target != NO_UNIT)
            mapped[target] = true;
    }
}

/* The list of one that a model is given: model.encode([text]). */
static bool is_list_of_one(const struct fact *fact)
{
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    node_id first = argument && tree_kind(&fact->module->tree, argument) == KIND_LIST
                        ? fact->module->tree.nodes[argument].child
                        : 0;
    return first && !fact->module->tree.nodes[first].next && tree_kind(&fact->module->tree, first) != KIND_LIST_SPLAT &&
           tree_kind(&fact->module->tree, first) != KIND_DICT;
}

/* A parameter of the function that is one text or one file's bytes, by its annotation. */
static bool is_single_parameter(const struct module *module, node_id node)
{
    const struct tree *tree = &module->tree;
    uint32_t number = node && tree_kind(tree, node) == KIND_IDENTIFIER ? module_lookup(module, node) : NO_BINDING;
    static const char *const places[] = {"path", "file", "dir", "url", "uri", NULL};
    if (number == NO_BINDING || module->bindings.items[number].kind != BIND_PARAMETER ||
        check_has_any(module->bindings.items[number].name, places))
        return false;
    node_id parameter = module->bindings.items[number].node;
    for (unsigned up = 0; up < 2 && parameter && !tree_field(tree, parameter, FIELD_TYPE); up++)
        parameter = tree->nodes[parameter].parent;
    struct str type = parameter ? tree_text(tree, tree_field(tree, parameter, FIELD_TYPE)) : STR("");
    return str_equals(type, STR("str")) || str_equals(type, STR("bytes"));
}

/* The model is given one thing: [text], a parameter that is one text, or what a tokenizer made of either. */
static bool is_given_one(const struct fact *fact)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    node_id list = tree_field(tree, fact->node, FIELD_ARGUMENTS), argument = call_argument(tree, fact->node, 0);
    if (is_list_of_one(fact) || is_single_parameter(module, argument))
        return true;
    node_id name = list ? tree->nodes[list].child : 0;
    if (name && tree_kind(tree, name) == KIND_DICT_SPLAT)
        name = tree->nodes[name].child;
    uint32_t number = name && tree_kind(tree, name) == KIND_IDENTIFIER ? module_lookup(module, name) : NO_BINDING;
    const struct binding *binding = number == NO_BINDING ? NULL : &module->bindings.items[number];
    if (!binding || binding->kind != BIND_VALUE || !binding->scope || binding->older != NO_BINDING)
        return false;
    node_id call = binding->value;
    while (call && tree_kind(tree, call) == KIND_CALL) {
        struct fact made = {.module = module, .node = call};
        if (is_list_of_one(&made) || is_single_parameter(module, call_argument(tree, call, 0)))
            return true;
        node_id function = tree_field(tree, call, FIELD_FUNCTION);
        call = tree_kind(tree, function) == KIND_ATTRIBUTE ? tree_field(tree, function, FIELD_OBJECT) : 0;
    }
    return false;
}

/* Models that take long over one item, or gather calls themselves. */
static bool is_own_batcher(struct str path)
{
    return str_starts_with(path, STR("diffusers.")) || str_starts_with(path, STR("vllm.")) ||
           str_ends_with(path, STR(".generate")) || str_starts_with(path, STR("easyocr."));
}

static void report_unbatched(struct checker *checker, const struct about *about)
{
    bool sure;
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        if (fact->when & WHEN_ITEM || !runs_model(checker, fact, &sure) || !sure ||
            !(is_list_of_one(fact) || (!is_own_batcher(fact->path) && is_given_one(fact))))
            continue;
        struct finding *finding = check_report(
            checker, "batched-missing", fact->module, fact->node,
            "each call of %.*s runs the model for one item; @modal.batched would gather calls",
            STR_ARG(about->function->name));
        if (finding)
            check_advice(checker, finding,
                         "@modal.batched(max_batch_size=..., wait_ms=...), and take and give back lists");
        return;
    }
}

static void report_wait(struct checker *checker, const struct about *about)
{
    double wait = app_number(about->function, SETTING_WAIT_MS, -1),
           size = app_number(about->function, SETTING_MAX_BATCH_SIZE, -1);
    struct finding *finding = NULL;
    if (size == 1)
        finding = check_report_setting(checker, "batched-wait", about->function, SETTING_MAX_BATCH_SIZE,
                                       "max_batch_size=1 gathers nothing, and each call still waits for it");
    else if (size > 1 && wait > 2000)
        finding = check_report_setting(checker, "batched-wait", about->function, SETTING_WAIT_MS,
                                       "a lone call waits %g s for others before it starts", wait / 1000);
    if (finding)
        check_advice(checker, finding, "wait about as long as one batch takes to run, some tens to hundreds of ms");
}

/* ---- fixed batch sizes */

/* The batch that fits into so much memory, by data/gpus.json; 0: nothing is known. */
static int batch_for_memory(const struct checker *checker, double gb)
{
    const struct catalogue *catalogue = checker->catalogue;
    for (size_t i = 0; catalogue && i < catalogue->batches.len; i++)
        if (gb >= catalogue->batches.items[i].from_gb)
            return catalogue->batches.items[i].size;
    return 0;
}

/* "128 if gpu_gb >= 40 else 64 if gpu_gb >= 20 else 32", or for people "128 from 40 GB, 64 from 20 GB, else 32". */
static struct str batch_choice(const struct checker *checker, bool code)
{
    const struct catalogue *catalogue = checker->catalogue;
    struct buf text = {0};
    for (size_t i = 0; i + 1 < catalogue->batches.len; i++) {
        const struct gpu_batch *batch = &catalogue->batches.items[i];
        buf_addf(&text, code ? "%d if gpu_gb >= %g else " : "%d from %g GB, ", batch->size, batch->from_gb);
    }
    buf_addf(&text, "%s%d", code ? "" : "else ", catalogue->batches.items[catalogue->batches.len - 1].size);
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static void add_size_fix(struct checker *checker, struct finding *finding, const struct method *method,
                         const struct binding *binding)
{
    const struct tree *tree = &method->module->tree;
    const struct node *statement = tree_node(tree, tree_statement(tree, binding->node));
    bool imported = module_lookup_name(method->module, method->def, STR("torch")) != NO_BINDING;
    int indent = (int)statement->column;
    struct str text = arena_printf(checker->arena,
                                   "%s%*sgpu_gb = torch.cuda.get_device_properties(0).total_memory / "
                                   "1e9\n%*sbatch_size = %.*s",
                                   imported ? "" : "import torch\n", imported ? 0 : indent, "", indent, "",
                                   STR_ARG(batch_choice(checker, true)));
    check_edit(checker, finding, method->module, statement->start, statement->end, text);
}

static struct finding *report_size(struct checker *checker, const struct about *about, const struct module *module,
                                   node_id place, node_id literal)
{
    const struct value *size = check_fold(checker, module, literal);
    if (size->kind != VALUE_INT || size->integer < 1 || size->integer * 2 > batch_for_memory(checker, about->gpu_gb))
        return NULL;
    struct finding *finding = check_report(checker, "fixed-batch-size", module, place,
                                           "batches of %lld on %.*s with %g GB, whatever memory there is",
                                           (long long)size->integer, STR_ARG(about->gpu), about->gpu_gb);
    if (finding)
        check_advice(checker, finding, "choose it by torch.cuda.get_device_properties(0).total_memory: %.*s",
                     STR_ARG(batch_choice(checker, false)));
    return finding;
}

static void report_fixed_size(struct checker *checker, const struct about *about)
{
    const struct module *module = about->function->module;
    struct str text = tree_text(&module->tree, module_def(module, about->function->def)->node);
    if (!about->has_gpu || !about->gpu_known || about->does & (KNOWN_TRAIN | DOES_BACKWARD | DOES_SUBPROCESS) ||
        str_contains(text, STR("get_device_properties")) || str_contains(text, STR("mem_get_info")) ||
        str_contains(text, STR("total_memory")))
        return;
    for (size_t i = 0; i < about->function->methods.len; i++) {
        const struct method *method = &about->function->methods.items[i];
        uint32_t number = module_binding(method->module, method->def, STR("batch_size"));
        if (number == NO_BINDING || method->kind == METHOD_PLAIN)
            continue;
        const struct binding *binding = &method->module->bindings.items[number];
        if (binding->kind != BIND_VALUE || binding->older != NO_BINDING ||
            tree_kind(&method->module->tree, binding->value) != KIND_INTEGER)
            continue;
        struct finding *finding = report_size(checker, about, method->module,
                                              tree_statement(&method->module->tree, binding->node), binding->value);
        if (!finding)
            continue;
        add_size_fix(checker, finding, method, binding);
        finding->fix = FIX_UNSAFE;
    }
}

void check_batching(struct checker *checker)
{
    size_t n = checker->source->app.functions.len;
    bool *mapped = arena_array(checker->arena, bool, n + 1);
    find_mapped(checker, mapped);
    for (size_t i = 0; i < checker->n_facts; i++)
        report_item(checker, &checker->facts[i]);
    for (size_t i = 0; i < n; i++) {
        const struct about *about = &checker->abouts[i];
        report_wait(checker, about);
        report_fixed_size(checker, about);
        if (about->has_gpu && !app_setting(about->function, SETTING_MAX_BATCH_SIZE) &&
            is_mapped(checker, about, mapped) && !(about->does & (KNOWN_TRAIN | DOES_BACKWARD)))
            report_unbatched(checker, about);
    }
}

/* ---- gradients and moves */

static bool decorated_no_grad(const struct module *module, def_id def)
{
    for (; def; def = module_def(module, def)->parent) {
        const struct def *at = module_def(module, def);
        for (node_id child = at->outer != at->node ? module->tree.nodes[at->outer].child : 0; child;
             child = module->tree.nodes[child].next)
            if (tree_kind(&module->tree, child) == KIND_DECORATOR &&
                (str_contains(tree_text(&module->tree, child), STR("no_grad")) ||
                 str_contains(tree_text(&module->tree, child), STR("inference_mode"))))
                return true;
    }
    return false;
}

/* Whether the unit, or some caller of it, has gradients off. */
static bool runs_without_grad(const struct checker *checker, uint32_t number, unsigned depth)
{
    const struct graph *graph = &checker->source->graph;
    const struct unit *unit = &graph->units[number];
    if (decorated_no_grad(unit->module, unit->def))
        return true;
    for (uint32_t k = graph->in_first[number];
         depth && k < graph->in_first[number + 1] && k < graph->in_first[number] + 8; k++) {
        const struct edge *edge = &graph->edges.items[graph->in_edges[k]];
        if (edge->where & WHERE_NO_GRAD ||
            (edge->from != number && graph->units[edge->from].def && runs_without_grad(checker, edge->from, depth - 1)))
            return true;
    }
    return false;
}

/* Whether the call runs a torch module directly: model(...), not one of its methods. */
static bool calls_torch_module(const struct checker *checker, const struct fact *fact)
{
    const struct project *project = &checker->source->project;
    if (str_ends_with(fact->path, STR("()"))) {
        uint32_t flags = known_call(checker->known, str_slice(fact->path, 0, fact->path.len - 2));
        return flags & KNOWN_TORCH && !str_contains(fact->path, STR("diffusers."));
    }
    if (fact->path.len)
        return false;
    struct ref ref = resolve(project, checker->arena, fact->module,
                             tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION));
    if (ref.kind != REF_DEF || !ref.instance || module_def(ref.module, ref.def)->kind != DEF_CLASS)
        return false;
    node_id bases = tree_field(&ref.module->tree, module_def(ref.module, ref.def)->node, FIELD_SUPERCLASSES);
    node_id first = bases ? ref.module->tree.nodes[bases].child : 0;
    return first && str_equals(check_path(checker, ref.module, first), STR("torch.nn.Module"));
}

static void report_grad(struct checker *checker, const struct fact *fact, const struct about *about)
{
    if (fact->where & WHERE_NO_GRAD || about->does & (DOES_BACKWARD | KNOWN_TRAIN) ||
        !calls_torch_module(checker, fact) ||
        check_mentions(checker, about->function->module, STR("set_grad_enabled(False)")) ||
        runs_without_grad(checker, fact->unit, 4))
        return;
    struct str name = tree_text(&fact->module->tree, tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION));
    struct finding *finding = check_report(checker, "no-inference-mode", fact->module, fact->node,
                                           "%.*s(...) records gradients that nobody asks for: more memory, and slower",
                                           STR_ARG(str_slice(name, 0, 60)));
    if (finding)
        check_advice(checker, finding, "with torch.inference_mode(): around it, or as the method's decorator");
}

/* Whether the node is kept between calls: an attribute of self, or a name of the module. */
static bool is_kept(const struct fact *fact, node_id object)
{
    const struct tree *tree = &fact->module->tree;
    if (tree_kind(tree, object) == KIND_ATTRIBUTE)
        return str_equals(tree_text(tree, tree_field(tree, object, FIELD_OBJECT)), STR("self"));
    if (tree_kind(tree, object) != KIND_IDENTIFIER)
        return false;
    uint32_t number = module_lookup(fact->module, object);
    return number != NO_BINDING && fact->module->bindings.items[number].scope == 0 &&
           fact->module->bindings.items[number].kind == BIND_VALUE;
}

static bool names_gpu(const struct checker *checker, const struct fact *fact)
{
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    if (!argument)
        argument = call_keyword(&fact->module->tree, fact->node, STR("device"));
    if (!argument)
        return false;
    const struct value *value = value_likely(check_fold(checker, fact->module, argument));
    if (value->kind == VALUE_STR)
        return str_starts_with(value->text, STR("cuda"));
    return str_contains(tree_text(&fact->module->tree, argument), STR("device")) ||
           (value->kind == VALUE_OBJECT && str_starts_with(value->ref.path, STR("torch.device")));
}

static void report_move(struct checker *checker, const struct fact *fact, const struct about *about)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    if (tree_kind(tree, function) != KIND_ATTRIBUTE || !about->has_gpu || about->does & (DOES_BACKWARD | KNOWN_TRAIN))
        return;
    struct str name = tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE));
    node_id object = tree_field(tree, function, FIELD_OBJECT);
    bool cuda = str_equals(name, STR("cuda")), to = str_equals(name, STR("to"));
    if ((!cuda && !to) || !is_kept(fact, object) || (to && !names_gpu(checker, fact)))
        return;
    struct finding *finding = check_report(checker, "gpu-move-per-call", fact->module, fact->node,
                                           "%.*s is moved to the GPU on every call",
                                           STR_ARG(str_slice(tree_text(tree, object), 0, 60)));
    if (finding)
        check_advice(checker, finding, "move it once, in @modal.enter()");
}

void check_inference(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (fact->owner == NO_UNIT || checker->abouts[fact->owner].function->provider != PROVIDER_MODAL)
            continue;
        report_grad(checker, fact, &checker->abouts[fact->owner]);
        report_move(checker, fact, &checker->abouts[fact->owner]);
    }
}

/* ---- CPU work beside an idle GPU */

static const char *const cpu_work[] = {"moviepy.*",
                                       "librosa.load",
                                       "librosa.feature.*",
                                       "pdf2image.convert_from_*",
                                       "pytesseract.image_to_*",
                                       "pandas.read_csv",
                                       "pandas.read_parquet",
                                       "pandas.read_json",
                                       "pandas.read_excel",
                                       "zipfile.ZipFile().extractall",
                                       "tarfile.open().extractall",
                                       "bs4.BeautifulSoup",
                                       "pypdf.PdfReader",
                                       "PyPDF2.PdfReader",
                                       "pdfplumber.open",
                                       "pydub.AudioSegment.from_file",
                                       "ffmpeg.*"};

static bool starts_ffmpeg(const struct checker *checker, const struct fact *fact)
{
    if (!str_starts_with(fact->path, STR("subprocess.")) && !str_equals(fact->path, STR("os.system")))
        return false;
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    const struct value *value = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
    if (value && value->kind == VALUE_LIST && value->len)
        value = value_likely(value->items[0]);
    return value && value->kind == VALUE_STR && str_starts_with(value->text, STR("ffmpeg")) &&
           !str_contains(tree_text(&fact->module->tree, fact->node), STR("nvenc")) &&
           !str_contains(tree_text(&fact->module->tree, fact->node), STR("cuda"));
}

/* Frames that are all decoded before the model sees the first, rather than one after the other beside it. */
static bool gathers_frames(const struct fact *fact)
{
    static const char *const readers[] = {"cv2.VideoCapture", "av.open", "decord.VideoReader", "imageio.get_reader"};
    struct str body = tree_text(&fact->module->tree, module_def(fact->module, fact->scope)->node);
    bool reads = false;
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        reads = reads || str_equals(fact->path, str_of(readers[i]));
    return reads && fact->scope && str_contains(body, STR("frames.append("));
}

/* Pictures that are opened and scaled one after the other, while the GPU waits. */
static bool scales_pictures(const struct fact *fact)
{
    struct str body = tree_text(&fact->module->tree, module_def(fact->module, fact->scope)->node);
    return fact->where & WHERE_LOOP && fact->scope &&
           (str_equals(fact->path, STR("PIL.Image.open")) || str_equals(fact->path, STR("cv2.imread"))) &&
           (str_contains(body, STR(".resize(")) || str_contains(body, STR(".thumbnail(")));
}

/* librosa.load(io.BytesIO(data)): the input of one call, decoded where it is needed. */
static bool reads_from_memory(const struct checker *checker, const struct fact *fact)
{
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    return argument && str_starts_with(check_path(checker, fact->module, argument), STR("io.BytesIO"));
}

void check_preprocessing(struct checker *checker)
{
    for (size_t k = 0; k < checker->source->app.functions.len; k++) {
        const struct about *about = &checker->abouts[k];
        if (!about->has_gpu || about->is_job || about->function->kind == FUNCTION_SERVER ||
            !(about->does & KNOWN_MODEL))
            continue;
        for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
            const struct fact *fact = &checker->facts[i];
            bool known = starts_ffmpeg(checker, fact) || gathers_frames(fact) || scales_pictures(fact);
            for (size_t n = 0; n < sizeof(cpu_work) / sizeof(cpu_work[0]); n++)
                known = known || known_matches(str_of(cpu_work[n]), fact->path);
            if (!known || reads_from_memory(checker, fact))
                continue;
            struct finding *finding = check_report(
                checker, "cpu-work-on-gpu", fact->module, fact->node, "%.*s keeps %.*s waiting: it is work for a CPU",
                STR_ARG(str_slice(fact->path, 0, 60)),
                STR_ARG(str_equals(about->gpu, STR("?")) ? STR("the GPU") : about->gpu));
            if (finding)
                check_advice(checker, finding, "do it in a function without a GPU, and hand the result over");
            break;
        }
    }
}
