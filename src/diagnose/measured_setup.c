/* A file read again in every warm call that is the same for every input: set-up, which belongs before the first call. */
#include "base/stats.h"
#include "diagnose/measured.h"

enum { WORTH_BYTES = 100 << 10 };

/* What reading the file took in one call, from opening it to closing it; at most that call. */
struct reading {
    uint64_t bytes;
    double first_s, last_s, wall_s;
    const struct run_io *opened; /* its first row that names a line of the user's, else its first */
};

static bool is_file_of_ours(const struct run_io *io)
{
    static const char *const not_data[] = {".py", ".pyc", ".so", ".pyi", ".pth"};
    static const char *const not_files[] = {"/proc/", "/sys/", "/dev/", "/etc/"};
    if (io->kind != RUN_IO_FILE || !io->target.len)
        return false;
    for (size_t i = 0; i < sizeof(not_data) / sizeof(not_data[0]); i++) {
        if (str_ends_with(io->target, str_of(not_data[i])))
            return false;
    }
    for (size_t i = 0; i < sizeof(not_files) / sizeof(not_files[0]); i++) {
        if (str_starts_with(io->target, str_of(not_files[i])))
            return false;
    }
    return true;
}

static bool is_before(const struct run_io *io, const struct run_io *other)
{
    if (!other || (io->line > 0) != (other->line > 0))
        return !other || io->line > 0;
    return io->first_s < other->first_s;
}

static struct reading reading_in(const struct run_start *start, int32_t invocation, struct str path)
{
    struct reading sum = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (io->invocation != invocation || !is_file_of_ours(io) || !str_equals(io->target, path))
            continue;
        sum.first_s = sum.opened && sum.first_s < io->first_s ? sum.first_s : io->first_s;
        sum.last_s = sum.last_s > io->last_s ? sum.last_s : io->last_s;
        sum.bytes += io->bytes_in;
        sum.wall_s += io->wall_s;
        if (is_before(io, sum.opened))
            sum.opened = io;
    }
    return sum;
}

double measured_reading_s(const struct run_start *start, int32_t invocation, struct str path)
{
    struct reading reading = reading_in(start, invocation, path);
    double span_s = reading.last_s - reading.first_s;
    return span_s > reading.wall_s ? span_s : reading.wall_s;
}

bool measured_is_model(struct str path)
{
    static const char *const suffixes[] = {
        ".safetensors", ".onnx", ".pt", ".pth",    ".ckpt",   ".joblib", ".pkl",    ".pickle",
        ".npy",         ".npz",  ".h5", ".keras",  ".tflite", ".gguf",   ".bin",    ".model",
        ".ubj",         ".cbm",  ".pb", ".engine", ".plan",   ".mar",    ".params", ".spm",
    };
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (str_ends_with(path, str_of(suffixes[i])))
            return true;
    }
    return false;
}

/* Whether the file cannot depend on the input: what a model is stored in, or a name that the app's text spells out. */
static bool is_same_for_every_input(const struct measured_input *input, struct str path)
{
    return measured_is_model(path) || (input->facts && facts_mention(input->facts, path_base(path)));
}

/* Of the starts whose rows are complete: all of a run just made, the median one of a run from the store.  False where one of
 * its calls does without the file. */
static bool is_in_every_call(const struct run_start *start, struct str path, size_t *calls_out)
{
    *calls_out = 0;
    for (size_t i = 0; i < start->invocations.len; i++) {
        if (reading_in(start, (int32_t)start->invocations.items[i].number, path).bytes < WORTH_BYTES)
            return false;
        *calls_out += start->invocations.items[i].number > 0;
    }
    return *calls_out > 0;
}

static void add(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                const struct run_io *io, size_t calls, struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    struct reading reading = reading_in(start, io->invocation, io->target);
    struct str size = measured_size(arena, (double)reading.bytes), name = path_base(io->target);
    struct finding *finding = measured_add(arena, rule, findings);
    struct change *change = measured_change(arena, CHANGE_READ);
    change->target = io->target;
    finding->change = change;
    finding->subject = io->target;
    finding->message = arena_printf(arena, "%.*s (%.*s) is read again in every call", STR_ARG(name), STR_ARG(size));
    finding->location = (struct location){.file = reading.opened->file, .line = reading.opened->line};
    finding->advice = str_equals(input->run->target.provider, STR("modal"))
                          ? STR("load it once a container: in a method with @modal.enter()")
                          : STR("load it once, as the file is imported");
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_string(&evidence.json, "path", io->target);
    jsonw_key_u64(&evidence.json, "bytes_per_call", reading.bytes);
    jsonw_key_f64(&evidence.json, "reading_s", reading.wall_s);
    jsonw_key_f64(&evidence.json, "open_s", measured_reading_s(start, io->invocation, io->target));
    jsonw_key_string(&evidence.json, "stage", reading.opened->stage);
    jsonw_key_u64(&evidence.json, "calls", calls);
    finding->evidence = evidence_end(arena, &evidence);
}

static bool is_known(const struct findings *findings, struct str code, struct str path)
{
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *finding = &findings->items[i];
        if (str_equals(finding->code, code) && str_equals(finding->subject, path))
            return true;
    }
    return false;
}

void measured_setup(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                    struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        size_t calls;
        if (io->invocation <= 0 || !io->bytes_in || !is_file_of_ours(io) ||
            is_known(findings, str_of(rule->code), io->target))
            continue;
        if (!is_same_for_every_input(input, io->target) || measured_is_whole_file(arena, input, io->target))
            continue;
        if (is_in_every_call(start, io->target, &calls))
            add(arena, rule, input, io, calls, findings);
    }
}
