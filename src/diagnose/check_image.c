/* Images: what they install and nobody imports, GPU software without a GPU, and steps that cost build or start time. */
#include "diagnose/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packages that people import by these names and that no other package loads by itself.  A package that one of `needed_by`
 * brings along costs nothing extra. */
static const struct leaf {
    const char *package, *import, *needed_by;
} leaves[] = {
    {"tensorflow", "tensorflow",
     "keras tensorflow-hub tensorflow-datasets tensorflow-text tf-keras deepface basic-pitch"},
    {"scipy", "scipy",
     "scikit-learn scikit-image statsmodels librosa umap-learn hdbscan gensim xgboost lightgbm sentence-transformers "
     "seaborn pymc cvxpy diffusers"},
    {"matplotlib", "matplotlib", "seaborn ultralytics plotnine shap wordcloud prophet scanpy mplfinance pycocotools"},
    {"seaborn", "seaborn", "ultralytics"},
    {"pandas", "pandas",
     "datasets seaborn statsmodels gradio streamlit geopandas plotly xarray evaluate langchain dask yfinance altair "
     "great-expectations prophet duckdb polars pyarrow openpyxl sentence-transformers google-cloud-bigquery"},
    {"scikit-learn", "sklearn",
     "sentence-transformers umap-learn hdbscan imbalanced-learn shap librosa bertopic evaluate xgboost lightgbm "
     "catboost transformers joblib skl2onnx"},
    {"torch", "torch",
     "transformers diffusers accelerate sentence-transformers timm torchvision torchaudio peft trl ultralytics "
     "openai-whisper whisperx easyocr vllm lightning pytorch-lightning fastai open-clip-torch xformers bitsandbytes "
     "flash-attn optimum deepspeed safetensors facenet-pytorch demucs tts pyannote-audio nemo-toolkit auto-gptq "
     "autoawq unsloth torchmetrics einops faster-whisper spandrel gfpgan realesrgan kornia segment-anything sglang "
     "clip torch-geometric audiocraft stanza flair onnxruntime-gpu tensorrt torch-tensorrt sam2 segment-anything spacy "
     "thinc"},
    {"jax", "jax", "flax optax numpyro dm-haiku equinox alphafold chex orbax"},
    {"opencv-python", "cv2",
     "ultralytics easyocr insightface mediapipe albumentations supervision paddleocr rembg controlnet-aux detectron2 "
     "diffusers segment-anything sam2 imageio decord gfpgan realesrgan basicsr"},
    {"opencv-python-headless", "cv2",
     "ultralytics easyocr insightface mediapipe albumentations supervision paddleocr rembg controlnet-aux diffusers "
     "segment-anything sam2 imageio decord gfpgan realesrgan basicsr"},
    {"plotly", "plotly", "dash streamlit cufflinks"},
    {"bokeh", "bokeh", "holoviews panel dask distributed"},
    {"nltk", "nltk", "unstructured rouge-score textblob sumy"},
    {"spacy", "spacy", "scispacy textacy spacy-transformers presidio-analyzer"},
    {"gensim", "gensim", "top2vec"},
    {"xgboost", "xgboost", ""},
    {"lightgbm", "lightgbm", ""},
    {"catboost", "catboost", ""},
    {"statsmodels", "statsmodels", "pmdarima linearmodels"},
    {"scikit-image", "skimage", "lpips"},
    {"dask", "dask", "distributed dask-ml xarray"},
    {"pyspark", "pyspark", ""},
    {"transformers", "transformers",
     "sentence-transformers peft trl optimum vllm setfit bertopic diffusers auto-gptq autoawq unsloth whisperx tts "
     "kokoro sglang adapters nunchaku lm-eval axolotl llmcompressor compel"},
    {"diffusers", "diffusers", "compel"},
    {"sentence-transformers", "sentence_transformers",
     "bertopic keybert setfit langchain-huggingface llama-index-embeddings-huggingface chromadb"},
    {"keras", "keras", "tensorflow"},
    {"polars", "polars", ""},
    {"geopandas", "geopandas", "osmnx"},
    {"moviepy", "moviepy", ""},
    {"librosa", "librosa", "whisperx tts demucs audiocraft nemo-toolkit transformers"},
    {"networkx", "networkx", "osmnx torch-geometric"},
    {"sympy", "sympy", "torch"},
    {"numba", "numba", "librosa umap-learn openai-whisper"},
    {"streamlit", "streamlit", ""},
    {"gradio", "gradio", ""},
    {"selenium", "selenium", ""},
    {"mlflow", "mlflow", ""},
    {"ray", "ray", "vllm"},
    {"datasets", "datasets", "evaluate trl sentence-transformers"},
};

static const struct leaf *leaf_of(struct str package)
{
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
        if (str_equals(package, str_of(leaves[i].package)))
            return &leaves[i];
    return NULL;
}

static bool has_package(const struct image_packages *packages, struct str name)
{
    for (size_t i = 0; i < packages->items.len; i++)
        if (str_equals(packages->items.items[i].name, name))
            return true;
    return false;
}

/* Common packages that need none of the leaves. */
static const char *const plain_packages =
    " aioboto3 aiofiles aiohttp alembic anthropic arrow asyncpg azure-storage-blob bcrypt beautifulsoup4 boto3 "
    "botocore cachetools click cohere cryptography discord-py django duckdb elasticsearch fastapi feedparser "
    "ffmpeg-python firebase-admin flask flask-cors fsspec google-cloud-storage groq grpcio gunicorn hf-transfer "
    "hf-xet html5lib httptools httpx huggingface-hub humanize itsdangerous jinja2 llama-cpp-python loguru lxml lz4 "
    "markdown mistralai motor msgpack mysql-connector-python nest-asyncio numpy openai openpyxl orjson passlib "
    "pdf2image pdfplumber pillow pinecone pinecone-client playwright protobuf psutil psycopg psycopg2 "
    "psycopg2-binary pydantic pydantic-settings pydub pyjwt pymongo pymupdf pymysql pypdf pypdf2 pytesseract "
    "python-dateutil python-docx python-dotenv python-jose python-multipart pytz pyyaml qdrant-client redis "
    "replicate requests rich s3fs safetensors selectolax sentencepiece slack-sdk soundfile sqlalchemy sqlmodel "
    "sse-starlette starlette stripe supabase tenacity tiktoken tokenizers toml tqdm twilio typer ujson uvicorn "
    "wandb websockets werkzeug xlrd yt-dlp zstandard ";

/* Whether a package that we know nothing of may bring the leaf along. */
static bool has_unknown_package(const struct image_packages *packages)
{
    for (size_t i = 0; i < packages->items.len; i++) {
        char word[64];
        struct str name = packages->items.items[i].name;
        snprintf(word, sizeof(word), " %.*s ", STR_ARG(str_slice(name, 0, 60)));
        if (!leaf_of(name) && !strstr(plain_packages, word))
            return true;
    }
    return false;
}

static bool is_brought_along(const struct image_packages *packages, const struct leaf *leaf)
{
    struct str rest = str_of(leaf->needed_by), word;
    if (rest.len && has_unknown_package(packages))
        return true;
    while (str_cut(&rest, ' ', &word))
        if (word.len && has_package(packages, word))
            return true;
    return false;
}

bool check_image_lacks(const struct about *about, struct str module)
{
    const struct about_image *image = about->image;
    const struct app_function *function = about->function;
    bool plain = function->provider == PROVIDER_MODAL && !function->unknown_why, known = false;
    if (plain && !function->settings[SETTING_IMAGE].value)
        return true;
    if (!plain || !image->image.complete || image->packages.unknown || !image->image.steps.len ||
        !str_equals(image->image.steps.items[0].name, STR("debian_slim")))
        return false;
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++)
        if (str_equals(module, str_of(leaves[i].import))) {
            known = true;
            if (has_package(&image->packages, str_of(leaves[i].package)) ||
                is_brought_along(&image->packages, &leaves[i]))
                return false;
        }
    return known;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The calls of a module that are steps of functions' images, in order. */
struct step_calls {
    array_of(node_id) items;
};

static int by_node(const void *a, const void *b)
{
    node_id x = *(const node_id *)a, y = *(const node_id *)b;
    return (x > y) - (x < y);
}

static const struct step_calls *step_calls_of(struct checker *checker, const struct module *module)
{
    if (checker->step_calls)
        return &checker->step_calls[module->index];
    size_t n = checker->source->project.modules.len;
    struct step_calls *calls = checker->step_calls = arena_array(checker->arena, struct step_calls, n + 1);
    for (size_t i = 0; i < checker->images.len; i++)
        for (size_t k = 0; k < checker->images.items[i]->image.steps.len; k++) {
            const struct image_step *step = &checker->images.items[i]->image.steps.items[k];
            *array_push(checker->arena, &calls[step->module->index].items) = step->call;
        }
    for (size_t i = 0; i < n; i++)
        if (calls[i].items.len)
            qsort(calls[i].items.items, calls[i].items.len, sizeof(node_id), by_node);
    return &calls[module->index];
}

/* Whether the offset lies in a step of an image. */
static bool is_in_image_step(struct checker *checker, const struct module *module, uint32_t offset)
{
    const struct step_calls *calls = step_calls_of(checker, module);
    for (size_t i = 0; i < calls->items.len; i++) {
        node_id list = tree_field(&module->tree, calls->items.items[i], FIELD_ARGUMENTS);
        if (list && offset >= module->tree.nodes[list].start && offset < module->tree.nodes[list].end)
            return true;
    }
    return false;
}

static bool is_in_comment(const struct module *module, uint32_t offset)
{
    uint32_t row, column;
    tree_position(&module->tree, offset, &row, &column);
    struct str before = str_slice(tree_line(&module->tree, row), 0, column);
    ptrdiff_t hash = str_find(before, STR("#"));
    return hash >= 0 && !str_contains(before, STR("\"")) && !str_contains(before, STR("'"));
}

/* Whether the word stands anywhere in the file but in images, comments, and the node `except` (0: nothing else). */
static bool is_mentioned(struct checker *checker, const struct module *module, struct str word, node_id except)
{
    struct str text = module->tree.text;
    const struct node *out = tree_node(&module->tree, except);
    size_t at = 0;
    for (unsigned n = 0; n < 200; n++) {
        ptrdiff_t found = str_find(str_slice(text, at, text.len), word);
        if (found < 0)
            return false;
        size_t start = at + (size_t)found, end = start + word.len;
        bool whole = (!start || !is_word_char(text.ptr[start - 1])) &&
                     (end == text.len || !is_word_char(text.ptr[end]));
        bool left_out = except && start >= out->start && end <= out->end;
        if (whole && !left_out && !is_in_image_step(checker, module, (uint32_t)start) &&
            !is_in_comment(module, (uint32_t)start))
            return true;
        at = end;
    }
    return true;
}

/* The same, searched once a package and file. */
static bool mentions(struct checker *checker, const struct module *module, const struct leaf *leaf)
{
    bool fresh;
    struct str key = arena_printf(checker->arena, "package %u:%s", module->index, leaf->package);
    uint64_t *found = map_put(checker->arena, checker->mentions, key, &fresh);
    if (fresh)
        *found = is_mentioned(checker, module, str_of(leaf->import), 0) ||
                 is_mentioned(checker, module, str_of(leaf->package), 0);
    return *found;
}

/* Whether code outside the project may run in the image: copied in or cloned. */
static bool image_runs_other_code(const struct about_image *about)
{
    static const char *const steps[] = {"add_local_dir",
                                        "add_local_python_source",
                                        "copy_local_dir",
                                        "from_dockerfile",
                                        "pip_install_from_requirements",
                                        "uv_sync",
                                        "poetry_install_from_file",
                                        "add_local_file",
                                        "run_function",
                                        "pipe"};
    const struct image *image = &about->image;
    for (size_t i = 0; i < image->steps.len; i++)
        for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++)
            if (str_equals(image->steps.items[i].name, str_of(steps[k])))
                return true;
    return str_contains(about->text, STR("git clone")) || about->packages.unknown || !image->complete;
}

static bool is_of_package(const struct import *import, struct str name)
{
    return str_starts_with(import->module, name) &&
           (import->module.len == name.len || import->module.ptr[name.len] == '.') && !(import->where & WHERE_MAIN);
}

/* Who imports a package, looked up once a package. */
struct package_importers {
    struct importers {
        bool anywhere, at_top;
        uint64_t *reached; /* functions of the app that run an import inside a function */
    } * by_file;
    bool *leads; /* by file: whether another one that it imports does so */
};

static void note_importers(struct checker *checker, const struct module *module, struct str name,
                           struct importers *importers)
{
    const struct graph *graph = &checker->source->graph;
    struct arena scratch = {0};
    array_of(uint32_t) units = {0};
    for (size_t k = 0; k < module->imports.len; k++) {
        const struct import *import = &module->imports.items[k];
        if (!is_of_package(import, name))
            continue;
        uint32_t unit = graph_unit(graph, module, import->scope);
        importers->anywhere = true;
        /* Code that nothing of the project calls is called by a library: who knows when. */
        importers->at_top |= !import->scope || !graph_is_reached(graph, unit);
        if (import->scope)
            *array_push(&scratch, &units) = unit;
    }
    if (units.len && !importers->at_top) {
        bool own_local, own_build;
        importers->reached = arena_array(checker->arena, uint64_t, graph_words(graph));
        graph_reaching(graph, &scratch, units.items, units.len, importers->reached, &own_local, &own_build);
    }
    arena_release(&scratch);
}

/* A pickle names the classes that it needs, and the code that loads it does not. */
static bool names_pickle(const struct checker *checker, const struct module *module)
{
    return check_mentions(checker, module, STR("pickle"));
}

static const struct package_importers *importers_of(struct checker *checker, const struct leaf *leaf)
{
    const struct project *project = &checker->source->project;
    struct arena scratch = {0};
    bool fresh;
    struct str key = arena_printf(checker->arena, "importers %s", leaf->import);
    uint64_t *kept = map_put(checker->arena, checker->mentions, key, &fresh);
    if (!fresh)
        return (const struct package_importers *)(uintptr_t)*kept;
    struct package_importers *importers = arena_new(checker->arena, struct package_importers);
    *kept = (uintptr_t)importers;
    importers->by_file = arena_array(checker->arena, struct importers, project->modules.len + 1);
    importers->leads = arena_array(checker->arena, bool, project->modules.len + 1);
    bool *wanted = arena_array(&scratch, bool, project->modules.len + 1);
    for (size_t i = 0; i < project->modules.len; i++) {
        note_importers(checker, project->modules.items[i], str_of(leaf->import), &importers->by_file[i]);
        wanted[i] = importers->by_file[i].anywhere || names_pickle(checker, project->modules.items[i]);
    }
    check_leads(checker, wanted, importers->leads);
    arena_release(&scratch);
    return importers;
}

/* Whether the function's containers import it: its file at the top, or code that the function runs; any other file of the
 * project that its file imports counts as a whole. */
static bool is_imported(struct checker *checker, const struct about *about, const struct leaf *leaf)
{
    const struct package_importers *all = importers_of(checker, leaf);
    const struct module *module = about->function->module;
    const struct importers *own = &all->by_file[module->index];
    size_t index = (size_t)(about - checker->abouts);
    if (own->at_top || all->leads[module->index])
        return true;
    if (own->reached && own->reached[index / 64] >> (index % 64) & 1)
        return true;
    return names_pickle(checker, module) || (!own->anywhere && mentions(checker, module, leaf));
}

/* A package by the place where it is written, over all functions whose image has it. */
struct installed {
    const struct image_package *package;
    const struct leaf *leaf;
    bool used;
};

/* What is known of one image's packages, whichever function has it. */
struct image_leaves {
    bool other_code;
    array_of(struct leaf_place {
        size_t installed; /* its number in the list of all */
        const struct leaf *leaf;
        bool brought_along;
    }) items;
};

struct all_installed {
    array_of(struct installed) items;
    struct map by_place, by_image;
};

static size_t number_of(struct checker *checker, struct all_installed *all, const struct image_package *package,
                        const struct leaf *leaf)
{
    struct str key = arena_printf(checker->arena, "%u:%u:%.*s", package->module->index, package->node,
                                  STR_ARG(package->name));
    uint64_t *number = map_put(checker->arena, &all->by_place, key, NULL);
    if (!*number) {
        *array_push(checker->arena, &all->items) = (struct installed){package, leaf, false};
        *number = all->items.len;
    }
    return *number - 1;
}

static const struct image_leaves *leaves_of(struct checker *checker, struct all_installed *all,
                                            const struct about_image *image)
{
    bool fresh;
    uint64_t *kept = map_put(checker->arena, &all->by_image, str_from((const char *)&image, sizeof(image)), &fresh);
    if (!fresh)
        return (const struct image_leaves *)(uintptr_t)*kept;
    struct image_leaves *made = arena_new(checker->arena, struct image_leaves);
    *kept = (uintptr_t)made;
    made->other_code = image_runs_other_code(image);
    for (size_t i = 0; i < image->packages.items.len; i++) {
        const struct image_package *package = &image->packages.items.items[i];
        const struct leaf *leaf = leaf_of(package->name);
        if (leaf)
            *array_push(checker->arena, &made->items) = (struct leaf_place){
                number_of(checker, all, package, leaf), leaf, is_brought_along(&image->packages, leaf)};
    }
    return made;
}

static void note_packages(struct checker *checker, const struct about *about, struct all_installed *all)
{
    const struct image_leaves *image = leaves_of(checker, all, about->image);
    bool other = image->other_code || about->does & DOES_SUBPROCESS;
    for (size_t i = 0; i < image->items.len; i++) {
        const struct leaf_place *place = &image->items.items[i];
        struct installed *entry = &all->items.items[place->installed];
        entry->used = entry->used || other || place->brought_along || is_imported(checker, about, place->leaf);
    }
}

/* ---- an image that no function here uses: a piece of code, or one for other files */

/* Whether the comment on the package's own line says that nothing needs it. */
static bool is_said_unneeded(struct checker *checker, const struct image_package *package)
{
    static const char *const words[] = {"not needed", "unneeded",   "unnecessary", "unused",
                                        "not used",   "never used", NULL};
    uint32_t row = tree_node(&package->module->tree, package->node)->row;
    return check_has_any(check_comments(checker, package->module, row, row), words);
}

/* Two frameworks in one image, of which the file imports at most one: hardly both are meant. */
static bool is_second_framework(const struct image_packages *packages, struct str name)
{
    static const char *const torch[] = {"torch", "transformers", "diffusers", "sentence-transformers", "ultralytics"};
    for (size_t i = 0; str_equals(name, STR("tensorflow")) && i < sizeof(torch) / sizeof(torch[0]); i++)
        if (has_package(packages, str_of(torch[i])))
            return true;
    return false;
}

static void report_lone_image(struct checker *checker, const struct module *module, node_id node)
{
    struct image image = {0};
    struct image_packages packages = {0};
    image_read(checker->arena, &checker->source->project, module, node, &image);
    for (size_t i = 0; image.complete && i < image.steps.len; i++)
        image_step_packages(checker->arena, &checker->source->project, &image.steps.items[i], &packages);
    for (size_t i = 0; i < packages.items.len && !packages.unknown; i++) {
        const struct image_package *package = &packages.items.items[i];
        const struct leaf *leaf = package->module == module ? leaf_of(package->name) : NULL;
        if (!leaf || is_brought_along(&packages, leaf) || is_mentioned(checker, module, str_of(leaf->import), node) ||
            !(is_said_unneeded(checker, package) || is_second_framework(&packages, package->name)))
            continue;
        struct finding *finding = check_report(checker, "package-unused", module, package->node,
                                               "%.*s is installed, and nothing here imports it",
                                               STR_ARG(package->name));
        if (finding)
            check_advice(checker, finding, "leave it out: a smaller image is pulled and unpacked sooner");
    }
}

/* Whether a step of a function's image lies in the node. */
static bool is_image_of_function(const struct step_calls *calls, const struct module *module, node_id node)
{
    size_t low = 0, high = calls->items.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calls->items.items[middle] < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low < calls->items.len && tree_within(&module->tree, calls->items.items[low], node);
}

/* The images that files bind to names and give to no function and no other file. */
static void report_lone_images(struct checker *checker)
{
    for (size_t i = 0; i < checker->source->project.modules.len; i++) {
        const struct module *module = checker->source->project.modules.items[i];
        for (size_t k = 0; k < module->bindings.len && check_mentions(checker, module, STR("modal.Image")); k++) {
            const struct binding *binding = &module->bindings.items[k];
            if (binding->scope || binding->kind != BIND_VALUE ||
                tree_kind(&module->tree, binding->value) != KIND_CALL ||
                check_is_exported(checker, module, binding->name) ||
                !str_starts_with(check_path(checker, module, binding->value), STR("modal.Image.")) ||
                is_image_of_function(step_calls_of(checker, module), module, binding->value))
                continue;
            report_lone_image(checker, module, binding->value);
        }
    }
}

void check_packages(struct checker *checker)
{
    struct all_installed all = {0};
    for (size_t i = 0; i < checker->source->app.functions.len; i++)
        if (checker->abouts[i].image->image.steps.len)
            note_packages(checker, &checker->abouts[i], &all);
    for (size_t i = 0; i < all.items.len; i++) {
        const struct installed *entry = &all.items.items[i];
        if (entry->used)
            continue;
        struct finding *finding = check_report(checker, "package-unused", entry->package->module, entry->package->node,
                                               "%.*s is installed, and no code of this image's functions imports it",
                                               STR_ARG(entry->package->name));
        if (!finding)
            continue;
        finding->subject = entry->package->name;
        check_advice(checker, finding, "leave it out: a smaller image is pulled and unpacked sooner");
    }
    report_lone_images(checker);
}

/* ---- GPU software without a GPU */

static const char *const gpu_packages[] = {
    "onnxruntime-gpu", "vllm",      "xformers",          "flash-attn",         "bitsandbytes",
    "faiss-gpu",       "cupy",      "cupy-cuda12x",      "cupy-cuda11x",       "tensorrt",
    "torch",           "cudf-cu12", "nvidia-cudnn-cu12", "nvidia-cublas-cu12", "faiss-gpu-cu12",
    "triton",          "sglang",    "deepspeed"};

static bool is_gpu_package(const struct checker *checker, const struct image_step *step,
                           const struct image_package *package, struct str step_text)
{
    if (str_equals(package->name, STR("tensorflow")) || str_equals(package->name, STR("jax")))
        return str_contains(package->text, STR("cuda"));
    for (size_t i = 0; i < sizeof(gpu_packages) / sizeof(gpu_packages[0]); i++)
        if (str_equals(package->name, str_of(gpu_packages[i])))
            return !str_contains(package->text, STR("+cpu")) && !str_contains(step_text, STR("/cpu")) &&
                   !str_contains(step_text, STR("whl/cpu"));
    return false;
}

static bool is_gpu_base(struct str tag)
{
    return str_contains(tag, STR("nvidia/cuda")) || str_contains(tag, STR("nvcr.io/")) ||
           str_contains(tag, STR("-cuda")) || str_contains(tag, STR("-gpu")) ||
           str_contains(tag, STR("vllm/vllm-openai")) || str_contains(tag, STR("lmsysorg/sglang"));
}

static struct str step_key(struct checker *checker, const struct image_step *step)
{
    return arena_printf(checker->arena, "%u:%u", step->module->index, step->call);
}

/* The steps of the images that serve a function with a GPU. */
static void find_gpu_steps(struct checker *checker, struct map *steps)
{
    for (size_t i = 0; i < checker->images.len; i++)
        for (size_t k = 0; checker->images.items[i]->serves_gpu && k < checker->images.items[i]->image.steps.len; k++)
            map_put(checker->arena, steps, step_key(checker, &checker->images.items[i]->image.steps.items[k]), NULL);
}

/* Whether any image with that step serves a function with a GPU, or the step itself is built with one. */
static bool step_serves_gpu(struct checker *checker, const struct map *gpu_steps, const struct image_step *step)
{
    return map_get(gpu_steps, step_key(checker, step)) || call_keyword(&step->module->tree, step->call, STR("gpu"));
}

static void report_gpu_step(struct checker *checker, const struct about *about, const struct image_step *step)
{
    struct str text = image_step_text(checker->arena, &checker->source->project, step);
    if (str_equals(step->name, STR("from_registry")) && is_gpu_base(text)) {
        struct finding *finding = check_report(checker, "gpu-image-without-gpu", step->module, step->call,
                                               "a CUDA base image for %.*s, which asks for no GPU",
                                               STR_ARG(about->function->name));
        if (finding)
            check_advice(checker, finding, "modal.Image.debian_slim() is gigabytes smaller");
        return;
    }
    struct image_packages packages = {0};
    image_step_packages(checker->arena, &checker->source->project, step, &packages);
    for (size_t i = 0; i < packages.items.len; i++) {
        const struct image_package *package = &packages.items.items[i];
        if (!is_gpu_package(checker, step, package, text))
            continue;
        struct finding *finding = check_report(checker, "gpu-image-without-gpu", package->module, package->node,
                                               "%.*s comes with CUDA, and %.*s asks for no GPU", STR_ARG(package->name),
                                               STR_ARG(about->function->name));
        if (!finding)
            continue;
        if (str_equals(package->name, STR("torch")))
            check_advice(checker, finding, "install the CPU build: index_url=\"https://download.pytorch.org/whl/cpu\"");
        else
            check_advice(checker, finding, "install the CPU build of it, or ask for a GPU");
    }
}

void check_gpu_images(struct checker *checker)
{
    struct map gpu_steps = {0};
    find_gpu_steps(checker, &gpu_steps);
    for (size_t i = 0; i < checker->images.len; i++) {
        const struct about_image *image = checker->images.items[i];
        bool options = image->first && check_mentions(checker, image->first->function->module, STR("with_options("));
        for (size_t k = 0; !options && image->first && !image->serves_gpu && k < image->image.steps.len; k++)
            if (!step_serves_gpu(checker, &gpu_steps, &image->image.steps.items[k]))
                report_gpu_step(checker, image->first, &image->image.steps.items[k]);
    }
}

/* ---- steps */

static node_id step_name_node(const struct image_step *step)
{
    return tree_field(&step->module->tree, tree_field(&step->module->tree, step->call, FIELD_FUNCTION),
                      FIELD_ATTRIBUTE);
}

/* The steps [begin, end) of an image that are one chain in the text: what is wrong with several of them is said once. */
struct chain {
    const struct about_image *image;
    size_t begin, end;
};

static struct chain chain_from(const struct about_image *image, size_t begin)
{
    size_t end = begin + 1;
    for (; end < image->image.steps.len; end++) {
        const struct image_step *inner = &image->image.steps.items[end - 1], *outer = &image->image.steps.items[end];
        if (inner->module != outer->module || !tree_within(&outer->module->tree, inner->call, outer->call))
            break;
    }
    return (struct chain){image, begin, end};
}

static bool copies_files(const struct checker *checker, const struct image_step *step, struct str text)
{
    static const char *const needed[] = {"requirements", "pyproject",    ".whl",  "setup.py", "lock",
                                         ".sh",          "package.json", ".toml", ".cfg"};
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (str_contains(text, str_of(needed[i])))
            return false;
    if (str_starts_with(step->name, STR("copy_local_")))
        return true;
    const struct value *copy = check_keyword(checker, step->module, step->call, "copy");
    return str_starts_with(step->name, STR("add_local_")) && copy && copy->kind == VALUE_BOOL && copy->truth;
}

static bool installs_long(const struct image_step *step, struct str text)
{
    return image_installs(step) || str_equals(step->name, STR("apt_install")) ||
           str_equals(step->name, STR("micromamba_install")) || str_equals(step->name, STR("uv_sync")) ||
           str_starts_with(step->name, STR("pip_install_from")) ||
           (str_equals(step->name, STR("run_commands")) &&
            (str_contains(text, STR("pip install")) || str_contains(text, STR("apt-get install"))));
}

/* Whether an installing step comes after step i, and none that needs the files: its name. */
static struct str installed_after(const struct about_image *image, size_t i)
{
    for (size_t k = i + 1; k < image->image.steps.len; k++) {
        struct str text = image->step_texts[k];
        if (str_contains(text, STR("-e ")) || str_contains(text, STR("install .")) ||
            str_contains(text, STR("install /")) || str_contains(text, STR("install '/")) ||
            str_contains(text, STR("install \"/")))
            break;
        if (installs_long(&image->image.steps.items[k], text))
            return image->image.steps.items[k].name;
    }
    return STR("");
}

static void report_order(struct checker *checker, struct chain chain)
{
    for (size_t i = chain.begin; i < chain.end; i++) {
        const struct image_step *step = &chain.image->image.steps.items[i];
        if (!copies_files(checker, step, chain.image->step_texts[i]))
            continue;
        struct str later = installed_after(chain.image, i);
        struct finding *finding = later.len ? check_report(checker, "layer-order", step->module, step_name_node(step),
                                                           "%.*s copies files before %.*s: each change of a file "
                                                           "installs everything again",
                                                           STR_ARG(step->name), STR_ARG(later))
                                            : NULL;
        if (finding)
            check_advice(checker, finding, "put it after the installing steps, or leave out copy=True");
        if (later.len)
            return;
    }
}

/* env({"PYTHONDONTWRITEBYTECODE": "1"}); an empty value is Python's way of saying no. */
static bool forbids_bytecode(const struct checker *checker, const struct image_step *step, struct str text)
{
    if (!str_equals(step->name, STR("env")) || !str_contains(text, STR("PYTHONDONTWRITEBYTECODE")))
        return false;
    node_id argument = call_argument(&step->module->tree, step->call, 0);
    const struct value *env = argument ? value_likely(check_fold(checker, step->module, argument)) : NULL;
    const struct value *set = env && env->kind == VALUE_DICT ? value_under(env, STR("PYTHONDONTWRITEBYTECODE")) : NULL;
    set = set ? value_likely(set) : NULL;
    return !set || set->kind != VALUE_STR || set->text.len > 0;
}

static void report_bytecode(struct checker *checker, const struct image_step *step, struct str text)
{
    bool variable = forbids_bytecode(checker, step, text);
    bool uncompiled = str_contains(text, STR("--no-compile")) ||
                      (str_contains(text, STR("uv pip install")) && str_equals(step->name, STR("run_commands")) &&
                       !str_contains(text, STR("--compile")));
    if (!variable && !uncompiled)
        return;
    struct finding *finding = check_report(checker, "no-bytecode", step->module, step_name_node(step),
                                           "%s: every cold start compiles what it imports",
                                           variable ? "PYTHONDONTWRITEBYTECODE keeps .pyc files out of the image"
                                                    : "packages are installed without .pyc files");
    if (finding)
        check_advice(checker, finding,
                     variable ? "leave the variable out" : "use uv_pip_install, or add --compile-bytecode");
}

static void report_apt(struct checker *checker, const struct image_step *step, struct str text)
{
    if (!str_equals(step->name, STR("run_commands")) || !str_contains(text, STR(" update")) ||
        !(str_contains(text, STR("apt-get install")) || str_contains(text, STR("apt install"))))
        return;
    if (str_contains(text, STR("/var/lib/apt/lists")) || str_contains(text, STR("apt-get clean")) ||
        str_contains(text, STR("apt clean")))
        return;
    struct finding *finding = check_report(checker, "apt-uncleaned", step->module, step_name_node(step),
                                           "apt's package lists stay in the layer");
    if (finding)
        check_advice(checker, finding, "use .apt_install(...), or end the command with && rm -rf /var/lib/apt/lists/*");
}

static void report_unpinned(struct checker *checker, struct chain chain)
{
    struct buf names = {0};
    const struct image_step *first = NULL;
    size_t n = 0;
    for (size_t k = chain.begin; k < chain.end; k++) {
        const struct image_step *step = &chain.image->image.steps.items[k];
        struct image_packages packages = {0};
        if (image_installs(step))
            image_step_packages(checker->arena, &checker->source->project, step, &packages);
        for (size_t i = 0; i < packages.items.len; i++) {
            if (packages.items.items[i].bounded)
                continue;
            first = first ? first : step;
            if (++n <= 3)
                buf_addf(&names, "%s%.*s", n > 1 ? ", " : "", STR_ARG(packages.items.items[i].name));
        }
    }
    if (n > 3)
        buf_addf(&names, " and %zu more", n - 3);
    struct finding *finding = n ? check_report(checker, "package-unpinned", first->module, step_name_node(first),
                                               "no version: %s", buf_cstr(&names))
                                : NULL;
    if (finding)
        check_advice(checker, finding,
                     "pin them (==): a rebuild then gives the same image, and its layers stay cached");
    buf_release(&names);
}

static bool keywords_fit_uv(const struct image_step *step)
{
    static const char *const fit[] = {"find_links",  "index_url", "extra_index_url", "pre",
                                      "force_build", "env",       "secrets",         "gpu"};
    const struct tree *tree = &step->module->tree;
    node_id list = tree_field(tree, step->call, FIELD_ARGUMENTS);
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next) {
        bool fits = tree_kind(tree, child) != KIND_DICT_SPLAT && tree_kind(tree, child) != KIND_KEYWORD_ARGUMENT;
        for (size_t i = 0; tree_kind(tree, child) == KIND_KEYWORD_ARGUMENT && i < sizeof(fit) / sizeof(fit[0]); i++)
            fits = fits || str_equals(tree_text(tree, tree_field(tree, child, FIELD_NAME)), str_of(fit[i]));
        if (!fits)
            return false;
    }
    return true;
}

static void report_pip(struct checker *checker, struct chain chain)
{
    struct finding *finding = NULL;
    for (size_t i = chain.begin; i < chain.end; i++) {
        const struct image_step *step = &chain.image->image.steps.items[i];
        if (!str_equals(step->name, STR("pip_install")))
            continue;
        node_id name = step_name_node(step);
        if (!finding) {
            finding = check_report(checker, "pip-not-uv", step->module, name,
                                   "pip_install where uv_pip_install serves: it builds faster and compiles byte code");
            if (!finding)
                return;
            check_advice(checker, finding, "uv_pip_install takes the same packages");
        }
        if (!keywords_fit_uv(step))
            continue;
        check_edit(checker, finding, step->module, step->module->tree.nodes[name].start,
                   step->module->tree.nodes[name].end, STR("uv_pip_install"));
        finding->fix = FIX_SAFE;
    }
}

void check_image_steps(struct checker *checker)
{
    for (size_t i = 0; i < checker->images.len; i++) {
        const struct about_image *image = checker->images.items[i];
        for (struct chain chain = {.end = 0}; chain.end < image->image.steps.len;) {
            chain = chain_from(image, chain.end);
            report_order(checker, chain);
            report_unpinned(checker, chain);
            report_pip(checker, chain);
        }
        for (size_t k = 0; k < image->image.steps.len; k++) {
            report_bytecode(checker, &image->image.steps.items[k], image->step_texts[k]);
            report_apt(checker, &image->image.steps.items[k], image->step_texts[k]);
        }
    }
}

/* ---- images that could share */

/* The step of the image that installs the package as written there; text empty: any way of writing it. */
static const struct image_step *installing_step(const struct about_image *image, struct str name, struct str *text,
                                                size_t *at_out)
{
    for (size_t i = 0; i < image->image.steps.len; i++) {
        if (!image_installs(&image->image.steps.items[i]))
            continue;
        for (size_t k = image->step_packages[i]; k < image->step_packages[i + 1]; k++) {
            const struct image_package *package = &image->packages.items.items[k];
            if (!str_equals(package->name, name) || (text->len && !str_equals(package->text, *text)))
                continue;
            *at_out = i;
            *text = package->text;
            return &image->image.steps.items[i];
        }
    }
    return NULL;
}

enum { IMAGES_COMPARED_MOST = 20 };

/* Steps that read the same up to there are one layer for the platform, wherever they are written. */
static bool same_until(const struct about_image *a, const struct about_image *b, size_t last)
{
    for (size_t i = 0; i <= last; i++)
        if (i >= b->image.steps.len || !str_equals(a->image.steps.items[i].name, b->image.steps.items[i].name) ||
            !str_equals(a->step_texts[i], b->step_texts[i]))
            return false;
    return true;
}

/* Whether an earlier image has the step's package in a layer that is the same one for the platform. */
static bool has_same_layer(const struct checker *checker, size_t image, size_t step)
{
    const struct about_image *own = checker->images.items[image];
    for (size_t k = image; k > 0 && image - k < IMAGES_COMPARED_MOST; k--)
        if (same_until(own, checker->images.items[k - 1], step))
            return true;
    return false;
}

/* Whether two steps fetch from the same index: the CPU build of torch is another package than the one with CUDA. */
static bool same_index(const struct image_step *a, const struct image_step *b)
{
    static const char *const options[] = {"index_url", "extra_index_url", "find_links", "extra_options"};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        node_id one = call_keyword(&a->module->tree, a->call, str_of(options[i]));
        node_id other = call_keyword(&b->module->tree, b->call, str_of(options[i]));
        if (!one != !other ||
            (one && !str_equals(tree_text(&a->module->tree, one), tree_text(&b->module->tree, other))))
            return false;
    }
    return true;
}

static bool shares(struct checker *checker, const struct about_image *a, size_t image)
{
    static const char *const heavy[] = {"torch", "tensorflow",   "transformers", "jax",
                                        "vllm",  "scikit-learn", "pandas",       "opencv-python",
                                        "scipy", "diffusers",    "pyspark"};
    const struct about_image *b = checker->images.items[image];
    for (size_t i = 0; same_until(a, b, 0) && i < sizeof(heavy) / sizeof(heavy[0]); i++) {
        size_t at_a, at_b;
        struct str text = {0};
        const struct image_step *first = installing_step(a, str_of(heavy[i]), &text, &at_a);
        const struct image_step *second = first ? installing_step(b, str_of(heavy[i]), &text, &at_b) : NULL;
        if (!second || first->call == second->call || first->module != second->module || !same_index(first, second) ||
            has_same_layer(checker, image, at_b))
            continue;
        struct finding *finding = check_report(
            checker, "images-share-base", second->module, step_name_node(second),
            "%s is installed here and on line %u, for %.*s: two layers of the same", heavy[i],
            tree_node(&first->module->tree, step_name_node(first))->row + 1, STR_ARG(a->first->function->name));
        if (finding)
            check_advice(checker, finding, "make one base image with what both need, and derive both from it");
        return true;
    }
    return false;
}

void check_shared_images(struct checker *checker)
{
    for (size_t i = 0; i < checker->images.len; i++)
        for (size_t k = i; k > 0 && i - k < IMAGES_COMPARED_MOST; k--)
            if (checker->images.items[i]->image.complete && checker->images.items[k - 1]->image.complete &&
                shares(checker, checker->images.items[k - 1], i))
                break;
}
