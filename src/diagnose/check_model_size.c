/* GPUs larger than their models need: by the number of parameters in the models' names, or by what the code's own comments say. */
#include "diagnose/check.h"

#include <string.h>

/* ---- sizes */

static const struct {
    const char *name;
    double billions;
} model_sizes[] = {
    {"all-MiniLM-L6", 0.023},
    {"all-MiniLM-L12", 0.033},
    {"paraphrase-MiniLM", 0.033},
    {"all-mpnet-base", 0.11},
    {"multi-qa-MiniLM", 0.023},
    {"distilbert", 0.067},
    {"distilroberta", 0.082},
    {"distilgpt2", 0.082},
    {"bert-base", 0.11},
    {"bert-large", 0.34},
    {"bert-tiny", 0.0044},
    {"roberta-base", 0.125},
    {"roberta-large", 0.355},
    {"deberta-v3-small", 0.14},
    {"deberta-v3-base", 0.18},
    {"albert-base", 0.012},
    {"electra-small", 0.014},
    {"bge-small", 0.033},
    {"bge-base", 0.11},
    {"bge-large", 0.335},
    {"e5-small", 0.033},
    {"e5-base", 0.11},
    {"e5-large", 0.335},
    {"gte-small", 0.033},
    {"gte-base", 0.11},
    {"gte-large", 0.335},
    {"gpt2-medium", 0.355},
    {"gpt2-large", 0.77},
    {"gpt2-xl", 1.5},
    {"t5-small", 0.06},
    {"t5-base", 0.22},
    {"t5-large", 0.77},
    {"bart-base", 0.14},
    {"bart-large", 0.4},
    {"clip-vit-base", 0.15},
    {"clip-vit-large", 0.43},
    {"vit-base", 0.086},
    {"vit-large", 0.3},
    {"resnet-50", 0.026},
    {"resnet18", 0.012},
    {"resnet50", 0.026},
    {"mobilenet", 0.005},
    {"efficientnet", 0.01},
    {"whisper-tiny", 0.039},
    {"whisper-base", 0.074},
    {"whisper-small", 0.244},
    {"whisper-medium", 0.769},
    {"yolov8n", 0.003},
    {"yolov8s", 0.011},
    {"yolo11n", 0.003},
    {"detr-resnet-50", 0.041},
    {"blip-image-captioning-base", 0.22},
    {"nomic-embed-text", 0.137},
    {"wav2vec2-base", 0.095},
    {"finbert", 0.11},
    {"gpt2", 0.124},
};

/* "7B", "1.5b", "350M" as a word of a model's name: its parameters in billions; 0: none is said. */
static double size_in_name(struct str name)
{
    double largest = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool begins = name.ptr[i] >= '0' && name.ptr[i] <= '9' &&
                      (!i || strchr("-_/.xX ", name.ptr[i - 1]) || name.ptr[i - 1] == '-');
        if (!begins)
            continue;
        size_t end = i;
        while (end < name.len && ((name.ptr[end] >= '0' && name.ptr[end] <= '9') || name.ptr[end] == '.'))
            end++;
        char unit = end < name.len ? name.ptr[end] : '\0', after = end + 1 < name.len ? name.ptr[end + 1] : '\0';
        bool word = !after || strchr("-_/. ", after);
        double number;
        if (word && (unit == 'b' || unit == 'B' || unit == 'm' || unit == 'M') &&
            str_to_f64(str_slice(name, i, end), &number)) {
            double billions = unit == 'b' || unit == 'B' ? number : number / 1000;
            largest = billions > largest ? billions : largest;
        }
        i = end;
    }
    return largest;
}

static double size_of_model(struct str path, struct str name)
{
    static const char *const whisper_names[] = {"tiny", "base", "small", "medium"};
    static const double whisper_sizes[] = {0.039, 0.074, 0.244, 0.769};
    double said = size_in_name(name);
    if (said > 0)
        return said;
    if (str_contains(path, STR("hisper")))
        for (size_t i = 0; i < 4; i++)
            if (str_starts_with(name, str_of(whisper_names[i])))
                return whisper_sizes[i];
    for (size_t i = 0; i < sizeof(model_sizes) / sizeof(model_sizes[0]); i++)
        if (str_contains(name, str_of(model_sizes[i].name)))
            return model_sizes[i].billions;
    return 0;
}

struct need {
    double gb, billions;
    double beside_gb; /* what a process takes on a GPU beside its models */
    bool unknown;
    struct str name; /* empty: nothing is known */
};

enum { PROCESS_GB = 1, SMALL_GB = 4, DEARER = 2 /* times the usual one, to be worth a word */ };

/* A loader that stands nowhere in the text, but says by its name that its model is small: load_small_model(). */
static bool is_small_by_name(struct str path)
{
    static const char *const words[] = {"small", "tiny", "mini", "nano", "distil"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (check_is_undefined(path) && str_contains(path, str_of(words[i])))
            return true;
    return false;
}

/* Adds a load to what its function needs; a model of unknown size makes the whole unknown. */
static void add_need(struct checker *checker, const struct fact *fact, struct need *need)
{
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    need->beside_gb = PROCESS_GB;
    if (is_small_by_name(fact->path)) {
        need->gb += SMALL_GB;
        need->name = tree_text(&fact->module->tree, tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION));
        return;
    }
    if (str_equals(fact->path, STR("transformers.pipeline")) || !argument) {
        node_id model = call_keyword(&fact->module->tree, fact->node, STR("model"));
        argument = model ? model
                   : str_equals(fact->path, STR("transformers.pipeline"))
                       ? call_argument(&fact->module->tree, fact->node, 1)
                       : argument;
    }
    const struct value *name = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
    double billions = name && name->kind == VALUE_STR ? size_of_model(fact->path, name->text) : 0;
    if (billions <= 0) {
        need->unknown = true;
        return;
    }
    bool halved = call_keyword(&fact->module->tree, fact->node, STR("torch_dtype")) ||
                  call_keyword(&fact->module->tree, fact->node, STR("dtype")) ||
                  str_starts_with(fact->path, STR("vllm"));
    bool cache = str_starts_with(fact->path, STR("vllm"));
    need->gb += billions * (halved ? 2 : 4) * (cache ? 2.5 : 1.3);
    need->billions += billions;
    if (!need->name.len)
        need->name = name->text;
}

/* The usual GPU for so much memory that costs least; NULL: no price is known. */
static const struct price_gpu *cheapest_for(const struct checker *checker, double needed_gb)
{
    const struct gpu_bracket *bracket = checker->prices ? catalogue_bracket(checker->catalogue, needed_gb) : NULL;
    const struct price_gpu *best = NULL;
    for (size_t i = 0; bracket && i < bracket->gpus.len; i++) {
        const struct gpu *gpu = catalogue_gpu(checker->catalogue, bracket->gpus.items[i]);
        for (size_t k = 0; gpu && k < checker->prices->gpus.len; k++) {
            const struct price_gpu *sold = &checker->prices->gpus.items[k];
            if (str_equals(sold->name, gpu->name) && (!best || sold->amount.usd < best->amount.usd))
                best = sold;
        }
    }
    return best;
}

/* "A10 (24 GB) or L40S (48 GB)" */
static struct str bracket_text(struct checker *checker, double needed_gb)
{
    const struct gpu_bracket *bracket = catalogue_bracket(checker->catalogue, needed_gb);
    struct buf text = {0};
    for (size_t i = 0; i < bracket->gpus.len; i++) {
        const struct gpu *gpu = catalogue_gpu(checker->catalogue, bracket->gpus.items[i]);
        buf_addf(&text, "%s%.*s (%g GB)", i ? " or " : "", STR_ARG(bracket->gpus.items[i]),
                 gpu ? (double)gpu->memory_bytes / 1e9 : 0.0);
    }
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static void report_size(struct checker *checker, const struct about *about, const struct need *need)
{
    double needed = need->gb + need->beside_gb;
    const struct price_gpu *enough = cheapest_for(checker, needed);
    if (!enough || about->gpu_usd_s < DEARER * enough->amount.usd ||
        needed > 0.3 * about->gpu_gb * (double)about->gpu_count)
        return;
    struct finding *finding = check_report_setting(
        checker, "gpu-oversized", about->function, SETTING_GPU, "%.*s needs about %.2g GB, and %s%.*s has %g GB",
        STR_ARG(need->name), needed, about->gpu_count > 1 ? "each " : "", STR_ARG(about->gpu), about->gpu_gb);
    if (!finding)
        return;
    check_excerpt(checker, finding, "$%.2f an hour; %.*s costs $%.2f", about->gpu_usd_s * 3600, STR_ARG(enough->name),
                  enough->amount.usd * 3600);
    check_advice(checker, finding, "%.*s is enough by size: measure one call on it, then change gpu=",
                 STR_ARG(bracket_text(checker, needed)));
    finding->evidence = arena_printf(checker->arena, "{\"parameters_billion\":%g,\"needs_gb\":%.3g,\"gpu_gb\":%g}",
                                     need->billions, needed, about->gpu_gb);
}

/* The GB of GPU memory that a comment says are used: "# only uses 4GB VRAM"; 0: it says nothing of the kind. */
static double gb_said(struct str comment)
{
    static const char *const what[] = {"vram", "gpu memory", NULL};
    static const char *const how[] = {"use", "need", "take", "fit", "require", "occup", NULL};
    if (!check_has_any(comment, what) || !check_has_any(comment, how))
        return 0;
    for (size_t i = 0; i < comment.len; i++) {
        size_t end = i;
        double number;
        while (end < comment.len && ((comment.ptr[end] >= '0' && comment.ptr[end] <= '9') || comment.ptr[end] == '.'))
            end++;
        struct str unit = str_trim(str_slice(comment, end, comment.len));
        if (end > i && (str_starts_with(unit, STR("gb")) || str_starts_with(unit, STR("gib"))) &&
            str_to_f64(str_slice(comment, i, end), &number))
            return number;
        i = end > i ? end : i;
    }
    return 0;
}

/* What the comments of the function say goes before what the names of its models say. */
static void read_said(struct checker *checker, const struct about *about, struct need *need)
{
    struct str rest = check_said_in(checker, about->function), line;
    double most = 0;
    while (str_cut(&rest, '\n', &line)) {
        double said = gb_said(line);
        most = said > most ? said : most;
    }
    if (most > 0)
        *need = (struct need){
            .gb = most, .name = arena_printf(checker->arena, "%.*s, by its comment,", STR_ARG(about->function->name))};
}

/* Whether the call names a model of a hub that is none of those that we know to load one: OrpheusModel(model_name="a/b"). */
static bool names_other_model(const struct checker *checker, const struct fact *fact, struct str known)
{
    static const char *const keywords[] = {"model", "model_name", "model_id", "model_path", "repo_id", "pretrained"};
    node_id argument = call_argument(&fact->module->tree, fact->node, 0);
    if (fact->flags & (KNOWN_LOAD | KNOWN_DOWNLOAD))
        return false;
    for (size_t i = 0; !argument && i < sizeof(keywords) / sizeof(keywords[0]); i++)
        argument = call_keyword(&fact->module->tree, fact->node, str_of(keywords[i]));
    const struct value *value = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
    if (!value || value->kind != VALUE_STR || value->is_path || str_equals(value->text, known))
        return false;
    size_t slashes = 0;
    for (size_t i = 0; i < value->text.len; i++) {
        char c = value->text.ptr[i];
        if (c == ' ' || c == ':' || c == '\n' || (!i && (c == '/' || c == '.')))
            return false;
        slashes += c == '/';
    }
    return slashes == 1;
}

void check_model_size(struct checker *checker)
{
    size_t n = checker->source->app.functions.len;
    struct need *needs = arena_array(checker->arena, struct need, n + 1);
    uint32_t times = WHEN_CONTAINER & ~(uint32_t)WHEN_IMPORT;
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        if (!(fact->flags & KNOWN_LOAD) || fact->flags & KNOWN_LIGHT || !(fact->when & times))
            continue;
        uint32_t function = graph_function_behind(&checker->source->graph, fact->unit, times);
        if (function != NO_UNIT)
            add_need(checker, fact, &needs[function]);
    }
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        uint32_t function = fact->when & times ? graph_function_behind(&checker->source->graph, fact->unit, times)
                                               : NO_UNIT;
        if (function != NO_UNIT && needs[function].name.len && !needs[function].unknown)
            needs[function].unknown = names_other_model(checker, fact, needs[function].name);
    }
    for (size_t i = 0; i < n; i++) {
        const struct about *about = &checker->abouts[i];
        if (!about->has_gpu || !about->gpu_known || about->does & (DOES_SUBPROCESS | KNOWN_TRAIN | DOES_BACKWARD))
            continue;
        read_said(checker, about, &needs[i]);
        if (needs[i].name.len && !needs[i].unknown)
            report_size(checker, about, &needs[i]);
    }
}
