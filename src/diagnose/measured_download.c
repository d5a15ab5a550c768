/* The same host fetched from in every cold start, before the first call ends: what the image or a Volume could hold. */
#include "diagnose/measured.h"

/* Less than LARGE counts only where it takes long, and less than SMALL is a handshake or a look-up, no download. */
enum { LARGE_BYTES = 1 << 20, SMALL_BYTES = 64 << 10 };
#define LONG_S 0.030

struct download {
    uint64_t bytes;
    double wall_s, starting_s;    /* on all threads; on the starting one */
    const struct run_io *largest; /* whose place in the user's code stands for all */
};

struct str measured_host(struct str target)
{
    ptrdiff_t colon = str_find_last(target, ':');
    return colon > 0 ? str_slice(target, 0, (size_t)colon) : target;
}

bool measured_is_loopback(struct str host)
{
    return str_starts_with(host, STR("127.")) || str_equals(host, STR("localhost")) || str_equals(host, STR("[::1]")) ||
           str_equals(host, STR("::1"));
}

static bool is_fetch(const struct run_io *io)
{
    return io->kind == RUN_IO_NETWORK && io->target.len && !str_starts_with(io->target, STR("unix:")) &&
           str_find_last(io->target, ':') > 0;
}

/* What a warm call fetches from the host is its job; the first call does that job too. */
static bool is_job(const struct run *run, struct str host)
{
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->ios.len; k++) {
            const struct run_io *io = &start->ios.items[k];
            if (io->invocation > 0 && is_fetch(io) && io->bytes_in && str_equals(measured_host(io->target), host))
                return true;
        }
    }
    return false;
}

static struct download download_from(const struct run_start *start, struct str host, bool first_call_too)
{
    struct download sum = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (!is_fetch(io) || io->phase < RUN_IMPORT || io->phase > (first_call_too ? RUN_FIRST_CALL : RUN_ENTER))
            continue;
        if (!str_equals(measured_host(io->target), host))
            continue;
        sum.bytes += io->bytes_in;
        sum.wall_s += io->wall_s;
        sum.starting_s += io->starting ? io->wall_s : 0;
        if (!sum.largest || io->bytes_in > sum.largest->bytes_in)
            sum.largest = io;
    }
    return sum;
}

double measured_fetch_s(const struct run *run, const struct run_start *start, struct str host, uint64_t *bytes_out)
{
    struct download download = download_from(start, host, !is_job(run, host));
    *bytes_out = download.bytes;
    double waited_s = start->waits_s[RUN_LOCK] + start->waits_s[RUN_CHILD];
    if (download.starting_s > 0)
        return download.starting_s;
    return download.wall_s < waited_s ? download.wall_s : waited_s;
}

static bool is_worth_it(const struct download *download)
{
    return download->bytes >= LARGE_BYTES || (download->bytes >= SMALL_BYTES && download->wall_s >= LONG_S);
}

/* Whether every cold start fetches about as much. */
static bool is_in_every_start(const struct run *run, struct str host, bool first_call_too, uint64_t bytes,
                              uint64_t *starts_out)
{
    *starts_out = 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (!measured_is_cold(start))
            continue;
        struct download other = download_from(start, host, first_call_too);
        if (!is_worth_it(&other) || other.bytes < bytes / 2)
            return false;
        ++*starts_out;
    }
    return true;
}

static void add(struct arena *arena, const struct measured_rule *rule, struct str host, const struct download *download,
                uint64_t starts, struct findings *findings)
{
    struct str size = measured_size(arena, (double)download->bytes), target = download->largest->target;
    struct finding *finding = measured_add(arena, rule, findings);
    struct change *change = measured_change(arena, CHANGE_HOST);
    change->target = host;
    finding->change = change;
    finding->subject = target;
    finding->message = arena_printf(arena, "%.*s are fetched from %.*s on every cold start", STR_ARG(size),
                                    STR_ARG(target));
    finding->location = (struct location){.file = download->largest->file, .line = download->largest->line};
    finding->advice = STR("put the file into the image, or on a Volume");
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_string(&evidence.json, "host", target);
    jsonw_key_u64(&evidence.json, "bytes", download->bytes);
    jsonw_key_f64(&evidence.json, "wall_s", download->wall_s);
    jsonw_key_string(&evidence.json, "phase", str_of(run_phase_name(download->largest->phase)));
    jsonw_key_u64(&evidence.json, "starts", starts);
    jsonw_key_bool(&evidence.json, "loopback", measured_is_loopback(host));
    finding->evidence = evidence_end(arena, &evidence);
}

static bool is_known(const struct findings *findings, struct str code, struct str host)
{
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *finding = &findings->items[i];
        if (str_equals(finding->code, code) && str_equals(finding->change->target, host))
            return true;
    }
    return false;
}

void measured_downloads(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                        struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        struct str host = measured_host(io->target);
        if (!is_fetch(io) || !io->bytes_in || is_known(findings, str_of(rule->code), host))
            continue;
        bool first_call_too = !is_job(input->run, host);
        struct download download = download_from(start, host, first_call_too);
        uint64_t starts;
        if (is_worth_it(&download) && is_in_every_start(input->run, host, first_call_too, download.bytes, &starts))
            add(arena, rule, host, &download, starts, findings);
    }
}
