/* Work at the wrong time: at import, downloads on every start, set-up on every call. */
#include "diagnose/setup_fix.h"

#include <string.h>

/* The last words of a path, for messages: "AutoModel.from_pretrained". */
static struct str short_path(struct str path)
{
    size_t dots = 0, at = path.len;
    while (at > 0) {
        if (path.ptr[at - 1] == '.' && ++dots == 2)
            break;
        at--;
    }
    struct str name = str_slice(path, at, path.len);
    if (check_is_undefined(name))
        return str_slice(name, STR("undefined.").len, name.len);
    return str_starts_with(name, STR("?.")) ? str_slice(name, 2, name.len) : name;
}

static const struct value *first_argument(const struct checker *checker, const struct fact *fact)
{
    static const char *const names[] = {"pretrained_model_name_or_path",
                                        "model",
                                        "repo_id",
                                        "model_name_or_path",
                                        "url",
                                        "path",
                                        "model_size_or_path",
                                        "name"};
    node_id node = call_argument(&fact->module->tree, fact->node, 0);
    for (size_t i = 0; !node && i < sizeof(names) / sizeof(names[0]); i++)
        node = call_keyword(&fact->module->tree, fact->node, str_of(names[i]));
    return node ? value_likely(check_fold(checker, fact->module, node)) : NULL;
}

static bool is_absolute(struct str text)
{
    return str_starts_with(text, STR("/")) || str_starts_with(text, STR("./")) || str_starts_with(text, STR("~"));
}

/* ---- CS106: work at import */

static bool is_import_work(const struct checker *checker, const struct fact *fact)
{
    if (fact->flags & (KNOWN_LOAD | KNOWN_FETCH | KNOWN_TRAIN))
        return !str_equals(fact->path, STR("?.load_model")) || fact->scope == 0;
    if (fact->flags & KNOWN_DOWNLOAD)
        return true;
    if (fact->flags & KNOWN_DATA) {
        const struct value *argument = first_argument(checker, fact);
        return argument && !str_starts_with(fact->path, STR("json.")) &&
               (argument->kind == VALUE_STR || argument->kind == VALUE_UNKNOWN);
    }
    return false;
}

static void report_import_work(struct checker *checker, const struct fact *fact)
{
    struct finding *finding = check_report(checker, "work-at-import", fact->module, fact->node,
                                           "%.*s runs as the file is imported: in every container, and on your machine",
                                           STR_ARG(short_path(fact->path)));
    if (!finding)
        return;
    check_advice(checker, finding, "do it in an enter hook, or in the function that needs it");
    check_excerpt(checker, finding,
                  "each cold start of every function of this file waits for it, also those that never use it");
}

static bool is_lambda_module(const struct checker *checker, const struct module *module)
{
    uint32_t first = checker->first_function[module->index];
    return first != NO_UNIT && checker->source->app.functions.items[first].provider == PROVIDER_LAMBDA;
}

void check_work_at_import(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (!(fact->flags & (KNOWN_LOAD | KNOWN_FETCH | KNOWN_TRAIN | KNOWN_DOWNLOAD | KNOWN_DATA)) ||
            !(fact->when & WHEN_IMPORT) || (fact->flags & KNOWN_LIGHT && !(fact->flags & KNOWN_DOWNLOAD)) ||
            (fact->where & (WHERE_MAIN | WHERE_LAMBDA | WHERE_NOT_LOCAL | WHERE_IMPORTS | WHERE_TYPE_CHECKING)))
            continue;
        if (checker->is_app_module[fact->module->index] && !is_lambda_module(checker, fact->module) &&
            is_import_work(checker, fact))
            report_import_work(checker, fact);
    }
}

/* ---- CS103: download on every start */

static const char *const asset_suffixes[] = {
    ".bin",    ".pt",    ".pth", ".onnx",   ".zip",    ".tar",     ".gz",    ".csv",  ".parquet", ".safetensors",
    ".pkl",    ".npz",   ".npy", ".h5",     ".ckpt",   ".model",   ".gguf",  ".json", ".txt",     ".tgz",
    ".joblib", ".jsonl", ".db",  ".sqlite", ".tflite", ".weights", ".index", ".bz2"};

static bool is_asset(struct str text)
{
    struct str rest = text, path = text;
    str_cut(&rest, '?', &path);
    for (size_t i = 0; i < sizeof(asset_suffixes) / sizeof(asset_suffixes[0]); i++)
        if (str_ends_with(path, str_of(asset_suffixes[i])))
            return true;
    return false;
}

/* Whether the path lies in a volume of the function. */
static bool is_mounted(const struct about *about, struct str path)
{
    for (size_t i = 0; i < about->mounts.len; i++) {
        struct str mount = about->mounts.items[i];
        while (mount.len > 1 && mount.ptr[mount.len - 1] == '/')
            mount.len--;
        if (str_starts_with(path, mount) && (path.len == mount.len || path.ptr[mount.len] == '/'))
            return true;
    }
    return false;
}

/* Where a library keeps what it fetches, as far as a volume or the image's environment says: a mount under ~/.cache, or a
 * variable of the image that points into a mount. */
static bool cache_is_mounted(const struct about *about)
{
    static const char *const variables[] = {
        "HF_HOME",        "HF_HUB_CACHE",      "HUGGINGFACE_HUB_CACHE",      "TRANSFORMERS_CACHE", "TORCH_HOME",
        "XDG_CACHE_HOME", "HF_DATASETS_CACHE", "SENTENCE_TRANSFORMERS_HOME", "NLTK_DATA"};
    for (size_t i = 0; i < about->mounts.len; i++)
        if (str_contains(about->mounts.items[i], STR(".cache")) ||
            str_contains(about->mounts.items[i], STR("huggingface")) ||
            str_equals(about->mounts.items[i], STR("/root")))
            return true;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        if (str_contains(about->image->text, str_of(variables[i])))
            return about->mounts.len > 0 || about->mounts_unknown;
    return about->mounts_unknown;
}

/* Whether the code sets one of those variables itself. */
static bool sets_cache_variable(const struct checker *checker, const struct fact *fact)
{
    return check_mentions(checker, fact->module, STR("HF_HOME")) ||
           check_mentions(checker, fact->module, STR("TRANSFORMERS_CACHE")) ||
           check_mentions(checker, fact->module, STR("HF_HUB_CACHE")) ||
           check_mentions(checker, fact->module, STR("TORCH_HOME")) ||
           check_mentions(checker, fact->module, STR("HF_DATASETS_CACHE"));
}

/* A keyword that says where to: 1 into a volume, -1 elsewhere, 0 not said. */
static int target_of(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    static const char *const names[] = {"cache_dir",    "local_dir",
                                        "cache_folder", "download_root",
                                        "download_dir", "output",
                                        "out",          "filename",
                                        "Filename",     "root",
                                        "dst",          "model_dir",
                                        "data_dir",     "model_storage_directory",
                                        "cache"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct value *value = check_keyword(checker, fact->module, fact->node, names[i]);
        if (value && value->kind == VALUE_STR)
            return is_mounted(about, value->text) || (about->mounts_unknown) ? 1 : -1;
        if (value && value->kind != VALUE_NONE)
            return 1;
    }
    node_id given = call_keyword(&fact->module->tree, fact->node, STR("model_kwargs"));
    if (given && str_contains(tree_text(&fact->module->tree, given), STR("cache_dir")))
        return 1;
    if (!(fact->flags & KNOWN_FETCH))
        return 0;
    for (uint32_t i = 1; i < 3; i++) {
        node_id node = call_argument(&fact->module->tree, fact->node, i);
        const struct value *value = node ? value_likely(check_fold(checker, fact->module, node)) : NULL;
        if (value && value->kind == VALUE_STR && is_absolute(value->text))
            return is_mounted(about, value->text) ? 1 : -1;
    }
    return 0;
}

/* pipeline("summarization", model=model), or model="/models/summary": the model is there already. */
static bool gets_model_object(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    const struct value *model = check_keyword(checker, fact->module, fact->node, "model");
    if (model && model->kind == VALUE_STR)
        return is_absolute(model->text) || is_mounted(about, model->text);
    return model && model->kind != VALUE_NONE;
}

/* A download through a library's cache. */
static bool downloads_model(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    const struct value *name = first_argument(checker, fact);
    const struct value *local = check_keyword(checker, fact->module, fact->node, "local_files_only");
    if (about->image->downloads || (local && local->kind == VALUE_BOOL && local->truth))
        return false;
    if (name && name->kind == VALUE_STR) {
        if (is_absolute(name->text) || is_mounted(about, name->text))
            return false;
    } else if (name || str_ends_with(fact->path, STR(".from_pretrained"))) {
        return false;
    }
    if (gets_model_object(checker, fact, about))
        return false;
    int target = target_of(checker, fact, about);
    if (target)
        return target < 0;
    return !cache_is_mounted(about) &&
           !(sets_cache_variable(checker, fact) && (about->mounts.len || about->mounts_unknown));
}

/* A file fetched by its address, the same each time. */
static bool fetches_asset(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    bool boto = str_contains(fact->path, STR("download_file")) || str_contains(fact->path, STR("download_to_filename"));
    const struct value *url = first_argument(checker, fact);
    if (boto) {
        node_id key = call_argument(&fact->module->tree, fact->node, 1);
        if (!key)
            key = call_keyword(&fact->module->tree, fact->node, STR("Key"));
        url = key ? value_likely(check_fold(checker, fact->module, key)) : url;
    }
    bool to_file = str_ends_with(fact->path, STR("urlretrieve")) || boto || str_contains(fact->path, STR("download"));
    bool once = fact->when & (WHEN_ENTER | WHEN_ENTER_SNAP | WHEN_IMPORT | WHEN_ONCE);
    if (to_file && fact->when & (WHEN_ENTER | WHEN_ENTER_SNAP)) /* whatever it is, each start fetches it */
        return target_of(checker, fact, about) < 0 || (!about->mounts.len && !about->mounts_unknown);
    if (!url || url->kind != VALUE_STR)
        return false;
    if (!to_file && (!once || !is_asset(url->text)))
        return false;
    return target_of(checker, fact, about) <= 0;
}

/* wget, gsutil and the like, started as programs. */
static bool command_fetches(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    static const char *const programs[] = {
        "wget",       "curl", "gsutil", "aws s3 cp", "aws s3 sync", "gcloud storage cp", "huggingface-cli download",
        "hf download"};
    node_id node = call_argument(&fact->module->tree, fact->node, 0);
    const struct value *value = node ? value_likely(check_fold(checker, fact->module, node)) : NULL;
    struct buf text = {0};
    bool known = value && (value->kind == VALUE_STR || value->kind == VALUE_LIST), found = false;
    if (known && value->kind == VALUE_STR)
        buf_add(&text, value->text);
    for (size_t i = 0; known && value->kind == VALUE_LIST && i < value->len; i++) {
        const struct value *item = value_likely(value->items[i]);
        known = item->kind == VALUE_STR;
        if (known)
            buf_addf(&text, "%s%.*s", i ? " " : "", STR_ARG(item->text));
    }
    for (size_t i = 0; known && i < sizeof(programs) / sizeof(programs[0]); i++)
        found = found || str_starts_with(str_trim(buf_str(&text)), str_of(programs[i]));
    struct str rest = buf_str(&text), word;
    while (found && str_cut(&rest, ' ', &word))
        if (is_absolute(word) && is_mounted(about, word))
            found = false;
    found = found && !about->mounts_unknown;
    buf_release(&text);
    return found;
}

static void report_download(struct checker *checker, const struct fact *fact, const struct about *about)
{
    bool per_call = fact->when & WHEN_PER_CALL && !(fact->when & (WHEN_ENTER | WHEN_ENTER_SNAP));
    struct finding *finding = check_report(
        checker, "download-per-start", fact->module, fact->node,
        "%.*s downloads %s: %.*s has no Volume or image layer that keeps it",
        STR_ARG(fact->flags & (KNOWN_DOWNLOAD | KNOWN_FETCH) ? short_path(fact->path) : STR("the command")),
        per_call ? "in every new container, during a call" : "on every cold start", STR_ARG(about->function->name));
    if (!finding)
        return;
    check_advice(checker, finding,
                 about->function->provider == PROVIDER_LAMBDA
                     ? "put the file into the deployment package, a layer or the container image"
                     : "mount a Volume where it is cached, or download it while the image is built (run_function)");
    finding->fix = FIX_MANUAL;
}

static const uint32_t start_times = WHEN_ENTER | WHEN_ENTER_SNAP | WHEN_CALL | WHEN_ITEM | WHEN_ONCE;

static bool is_download(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    if (fact->flags & KNOWN_DOWNLOAD && !str_equals(fact->path, STR("datasets.load_dataset")))
        return about->function->provider == PROVIDER_MODAL && downloads_model(checker, fact, about);
    if (fact->flags & KNOWN_FETCH)
        return fetches_asset(checker, fact, about);
    if (str_starts_with(fact->path, STR("subprocess.")) || str_equals(fact->path, STR("os.system")))
        return command_fetches(checker, fact, about);
    return false;
}

/* A class with a @modal.build hook: the old hook is a finding of its own, and its download is in the image. */
static bool has_build_hook(const struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    for (size_t i = 0; function->kind == FUNCTION_CLASS && i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        if (checker->source->graph.units[graph_unit(&checker->source->graph, method->module, method->def)].when &
            WHEN_BUILD)
            return true;
    }
    return false;
}

void check_downloads(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (!(fact->flags & (KNOWN_DOWNLOAD | KNOWN_FETCH | KNOWN_BLOCKING)) || fact->flags & KNOWN_LIGHT)
            continue;
        bool lambda_import = fact->when & WHEN_IMPORT && fact->scope == 0 && is_lambda_module(checker, fact->module);
        if (!(fact->when & start_times) && !lambda_import)
            continue;
        const struct about *about = check_owner(checker, fact, start_times);
        if (!about && lambda_import)
            about = &checker->abouts[checker->first_function[fact->module->index]];
        if (!about || (about->does & DOES_COMMIT) || has_build_hook(checker, about) ||
            (about->is_job && !(fact->when & (WHEN_ENTER | WHEN_ENTER_SNAP))))
            continue;
        if (fact->when & WHEN_PER_CALL && check_depends_on_loop(checker, fact->module, fact->node) &&
            !(fact->flags & KNOWN_LOAD))
            continue;
        if (is_download(checker, fact, about))
            report_download(checker, fact, about);
    }
}

/* ---- CS104: set-up on every call */

/* Whether the result of the call is used at all: a bare statement fills a cache. */
static bool result_is_used(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id parent = tree->nodes[fact->node].parent;
    while (tree_kind(tree, parent) == KIND_AWAIT || tree_kind(tree, parent) == KIND_PARENTHESIZED)
        parent = tree->nodes[parent].parent;
    return tree_kind(tree, parent) != KIND_EXPRESSION_STATEMENT;
}

/* model = whisper.load_model(..., download_root="/volume"), which nothing reads before volume.commit(). */
static bool only_fills_volume(const struct fact *fact, const struct about *about)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    node_id assignment = tree->nodes[fact->node].parent, body = module_def(module, fact->scope)->body;
    node_id left = tree_kind(tree, assignment) == KIND_ASSIGNMENT ? tree_field(tree, assignment, FIELD_LEFT) : 0;
    enum { LOOKED_AT = 4000 };
    if (!(about->does & DOES_COMMIT) || !fact->scope || tree_kind(tree, left) != KIND_IDENTIFIER ||
        tree->nodes[body].past - fact->node > LOOKED_AT)
        return false;
    for (node_id id = tree->nodes[fact->node].past; id < tree->nodes[body].past; id++)
        if (tree_kind(tree, id) == KIND_IDENTIFIER && str_equals(tree_text(tree, id), tree_text(tree, left)))
            return false;
    return true;
}

static bool is_served(const struct about *about)
{
    return about->is_web || about->function->kind == FUNCTION_CLASS || about->function->provider == PROVIDER_LAMBDA;
}

/* with connect() as c: opened for this block on purpose. */
static bool is_with_item(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id parent = tree->nodes[fact->node].parent;
    while (tree_kind(tree, parent) == KIND_AS_PATTERN || tree_kind(tree, parent) == KIND_PARENTHESIZED)
        parent = tree->nodes[parent].parent;
    return tree_kind(tree, parent) == KIND_WITH_ITEM;
}

/* torchvision.models.resnet18(weights=None): a shape, which torch.load() fills. */
static bool is_without_weights(const struct checker *checker, const struct fact *fact)
{
    const struct value *weights = check_keyword(checker, fact->module, fact->node, "weights");
    return str_starts_with(fact->path, STR("torchvision.models.")) && weights && weights->kind == VALUE_NONE;
}

static bool is_repeated_setup(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    bool per_item = fact->where & WHERE_LOOP, named_setup = check_is_undefined(fact->path);
    bool in_place = known_matches(STR("*().load*"), fact->path); /* booster.load_model(path) fills the booster */
    if (fact->where & WHERE_EXCEPT ||
        (!result_is_used(fact) && !in_place && !(named_setup && fact->flags & KNOWN_SETUP)))
        return false;
    if (check_depends_on_loop(checker, fact->module, fact->node) || only_fills_volume(fact, about))
        return false;
    if ((app_flag(about->function, SETTING_SINGLE_USE_CONTAINERS) && !per_item) || is_without_weights(checker, fact))
        return false;
    if (fact->flags & KNOWN_SETUP)
        return (is_served(about) || named_setup) && !about->is_job && !is_with_item(fact);
    if (fact->flags & KNOWN_LIGHT && !(about->does_call & KNOWN_MODEL) && !is_served(about))
        return false;
    return per_item || !about->is_job;
}

/* Whether the same function loads a model, too: its tokenizer goes with it, and is no finding of its own. */
static bool is_beside_model(const struct checker *checker, size_t at)
{
    enum { LOOKED_AT = 12 };
    const struct fact *own = &checker->facts[at];
    size_t first = at > LOOKED_AT ? at - LOOKED_AT : 0;
    for (size_t i = first; i < checker->n_facts && i <= at + LOOKED_AT; i++) {
        const struct fact *fact = &checker->facts[i];
        if (fact->unit == own->unit && fact->flags & KNOWN_LOAD && fact->flags & KNOWN_MODEL &&
            !(fact->flags & KNOWN_LIGHT) && fact->when & WHEN_PER_CALL)
            return true;
    }
    return false;
}

void check_setup_repeated(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (!(fact->flags & (KNOWN_LOAD | KNOWN_SETUP)) || !(fact->when & WHEN_PER_CALL))
            continue;
        const struct about *about = check_owner(checker, fact, WHEN_PER_CALL);
        if (!about || !is_repeated_setup(checker, fact, about))
            continue;
        if (fact->flags & KNOWN_LIGHT && is_beside_model(checker, i))
            continue;
        bool item = fact->when & WHEN_ITEM;
        struct str name = check_name_of(checker, about->function->module, about->function->def);
        struct finding *finding = check_report(checker, "setup-repeated", fact->module, fact->node,
                                               "%.*s runs %s of %.*s", STR_ARG(short_path(fact->path)),
                                               item ? "for each item in calls" : "on every call", STR_ARG(name));
        if (!finding)
            continue;
        const char *withheld = setup_fix_add(checker, finding, fact, about);
        if (about->function->provider == PROVIDER_LAMBDA)
            check_advice(checker, finding, "make it once, at module level, so that warm calls find it there");
        else
            check_advice(checker, finding, "%s%s%s",
                         about->function->kind == FUNCTION_FUNCTION
                             ? "make the function a class (@app.cls) and load in @modal.enter(), once a container"
                             : "load it in @modal.enter(), once a container",
                         withheld ? "; by hand, since " : "", withheld ? withheld : "");
    }
}
