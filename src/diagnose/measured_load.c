/* A data set read into memory as a whole, where reading it in pieces would need a fraction: bytes read (or mapped), against how
 * the resident set grew meanwhile. */
#include <sys/stat.h>

#include "diagnose/measured.h"

enum { LARGE_BYTES = 8 << 20 };
#define WHOLE_SHARE 0.9  /* of the file, so that it was read as a whole */
#define GROWTH_SHARE 0.5 /* of what was read, so that it was kept */

/* One file in one call, or before the first one. */
struct load {
    uint64_t bytes, mapped;
    double first_s,
        last_s; /* what is mapped is read after the calls that mapped it: last_s is then the end of what it was done in */
    const struct run_io *largest;
};

/* The size of the file, or 0 where it is no more. */
static uint64_t size_of(struct arena *arena, struct str path)
{
    struct stat status;
    bool is_there = stat(arena_cstr(arena, path), &status) == 0 && S_ISREG(status.st_mode);
    return is_there ? (uint64_t)status.st_size : 0;
}

static uint64_t size_moved(const struct run_io *io)
{
    return io->bytes_in > io->mapped_bytes ? io->bytes_in : io->mapped_bytes;
}

/* How long what the row is part of lasts at most. */
static double around_s(const struct run_start *start, const struct run_io *io)
{
    for (size_t i = 0; io->invocation >= 0 && i < start->invocations.len; i++) {
        if ((int32_t)start->invocations.items[i].number == io->invocation)
            return start->invocations.items[i].wall_s;
    }
    return start->phases_s[io->phase];
}

static struct load load_in(const struct run_start *start, struct str path, int32_t invocation)
{
    struct load load = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (io->kind != RUN_IO_FILE || io->invocation != invocation || !str_equals(io->target, path))
            continue;
        load.bytes += io->bytes_in;
        load.mapped += io->mapped_bytes;
        load.first_s = load.largest && load.first_s < io->first_s ? load.first_s : io->first_s;
        load.last_s = load.last_s > io->last_s ? load.last_s : io->last_s;
        if (!load.largest || size_moved(io) > size_moved(load.largest))
            load.largest = io;
    }
    if (load.mapped > load.bytes) {
        double end_s = load.first_s + around_s(start, load.largest);
        load.bytes = load.mapped;
        load.last_s = end_s > load.last_s ? end_s : load.last_s;
    }
    return load;
}

/* How far the resident set rose above where it was when the load began, until just after it ended. */
static double growth_of(const struct run_start *start, const struct load *load)
{
    double before = 0, most = 0;
    for (size_t i = 0; i < start->samples.len; i++) {
        const struct run_sample *sample = &start->samples.items[i];
        double rss = (double)sample->rss_bytes;
        if (sample->at_s <= load->first_s)
            before = most = rss;
        else if (rss > most)
            most = rss;
        if (sample->at_s >= load->last_s)
            break;
    }
    double sampled = before > 0 ? most - before : 0, recorded = (double)load->largest->rss_bytes;
    return sampled > recorded ? sampled : recorded;
}

/* Fills in the load when it is a whole data set; growth_out: how much memory it took. */
static bool is_whole(struct arena *arena, const struct run_start *start, const struct run_io *io, struct load *load_out,
                     double *growth_out)
{
    if (io->kind != RUN_IO_FILE || io->import != RUN_NONE || size_moved(io) < LARGE_BYTES / 8 ||
        measured_is_model(io->target))
        return false;
    if (io->phase < RUN_IMPORT || io->phase > RUN_EXEC)
        return false;
    *load_out = load_in(start, io->target, io->invocation);
    if (load_out->bytes < LARGE_BYTES)
        return false;
    uint64_t size = size_of(arena, io->target);
    if (size && (double)load_out->bytes < WHOLE_SHARE * (double)size)
        return false;
    *growth_out = growth_of(start, load_out);
    return *growth_out >= GROWTH_SHARE * (double)load_out->bytes;
}

bool measured_is_whole_file(struct arena *arena, const struct measured_input *input, struct str path)
{
    const struct run_start *start = input->summary->start;
    for (size_t i = 0; i < start->ios.len; i++) {
        struct load load;
        double growth;
        if (str_equals(start->ios.items[i].target, path) &&
            is_whole(arena, start, &start->ios.items[i], &load, &growth))
            return true;
    }
    return false;
}

/* Of several files of one place (a month each), the one that grew most stands for all. */
struct place {
    const struct run_io *io;
    struct load load;
    double growth;
    size_t loads;
};

struct places {
    struct place *items;
    size_t len, cap;
};

static struct place *place_of(struct arena *arena, struct places *places, const struct run_io *io)
{
    for (size_t i = 0; i < places->len; i++) {
        struct place *place = &places->items[i];
        if (place->io->line == io->line && str_equals(place->io->file, io->file) &&
            (io->line || str_equals(place->io->target, io->target)))
            return place;
    }
    struct place *place = array_push(arena, places);
    place->io = io;
    return place;
}

static void add(struct arena *arena, const struct measured_rule *rule, const struct place *place,
                struct findings *findings)
{
    struct str size = measured_size(arena, (double)place->load.bytes), growth = measured_size(arena, place->growth);
    struct str name = path_base(place->io->target);
    struct finding *finding = measured_add(arena, rule, findings);
    struct change *change = measured_change(arena, CHANGE_PEAK);
    change->amount = place->growth;
    finding->change = change;
    finding->subject = place->io->target;
    finding->message = arena_printf(arena, "%.*s (%.*s) is read as a whole: memory grows by %.*s", STR_ARG(name),
                                    STR_ARG(size), STR_ARG(growth));
    finding->location = (struct location){.file = place->io->file, .line = place->io->line};
    finding->advice = STR(
        "read it in pieces, and only the columns that are needed; keep what does not change between calls");
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_string(&evidence.json, "path", place->io->target);
    jsonw_key_u64(&evidence.json, "bytes", place->load.bytes);
    jsonw_key_f64(&evidence.json, "growth_bytes", place->growth);
    jsonw_key_string(&evidence.json, "phase", str_of(run_phase_name(place->io->phase)));
    jsonw_key_u64(&evidence.json, "loads", place->loads);
    finding->evidence = evidence_end(arena, &evidence);
}

void measured_whole_files(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                          struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    struct places places = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        struct load load;
        double growth;
        if (!is_whole(arena, start, io, &load, &growth) || load.largest != io)
            continue;
        struct place *place = place_of(arena, &places, io);
        place->loads++;
        if (growth > place->growth) {
            place->io = io;
            place->load = load;
            place->growth = growth;
        }
    }
    for (size_t i = 0; i < places.len; i++)
        add(arena, rule, &places.items[i], findings);
}
