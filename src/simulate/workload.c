/* Sources stacked on each other, and one pass over them that says what they are like. */
#include "simulate/workload.h"

#include <math.h>

/* A generator with `rate` times the requests and `time` times the gaps. */
static struct generator scaled(const struct generator *from, double rate, double time)
{
    struct generator generator = *from;
    generator.rate *= rate / time;
    generator.span_s *= time;
    generator.dwell_s *= time;
    generator.period_s *= time;
    if (generator.span_s <= 0) /* the same span at another rate */
        generator.requests = (uint64_t)((double)generator.requests * rate);
    return generator;
}

static int open_generator(struct arena *arena, const struct generator *generator, struct arrivals **source_out,
                          struct err *err)
{
    struct generated_source *generated = arena_new(arena, struct generated_source);
    *source_out = &generated->source;
    return generated_source_init(generated, generator, err);
}

/* One alone as it is; several at once, `most` requests of them (0: all). */
static struct arrivals *mix(struct arena *arena, struct arrivals **parts, size_t n, uint64_t most)
{
    if (n == 1)
        return parts[0];
    struct mixed_source *mixed = arena_new(arena, struct mixed_source);
    mixed_source_init(arena, mixed, parts, n, most);
    return &mixed->source;
}

static int open_generators(struct arena *arena, const struct workload *workload, double rate, double time,
                           struct arrivals **source_out, struct err *err)
{
    struct generator whole = scaled(&workload->generator, rate, time);
    if (workload->n_parts == 0)
        return open_generator(arena, &whole, source_out, err);
    struct arrivals **parts = arena_array(arena, struct arrivals *, workload->n_parts);
    int rc = 0;
    for (size_t i = 0; !rc && i < workload->n_parts; i++) {
        struct generator part = scaled(&workload->parts[i], rate, time);
        part.span_s = whole.span_s;
        part.requests = workload->n_parts == 1 ? whole.requests : 0;
        rc = open_generator(arena, &part, &parts[i], err);
    }
    if (!rc)
        *source_out = mix(arena, parts, workload->n_parts, whole.span_s > 0 ? 0 : whole.requests);
    return rc;
}

static int open_traces(struct arena *arena, const struct workload *workload, struct arrivals **source_out,
                       struct err *err)
{
    struct arrivals **parts = arena_array(arena, struct arrivals *, workload->n_traces);
    int rc = 0;
    for (size_t i = 0; !rc && i < workload->n_traces; i++)
        rc = trace_source(workload->traces[i], &parts[i], err);
    if (!rc)
        *source_out = mix(arena, parts, workload->n_traces, 0);
    return rc;
}

int workload_open(struct arena *arena, const struct workload *workload, struct arrivals **source_out, struct err *err)
{
    struct arrivals *source;
    double rate = workload->rate_scale > 0 ? workload->rate_scale : 1,
           time = workload->time_scale > 0 ? workload->time_scale : 1;
    int rc = workload->n_traces ? open_traces(arena, workload, &source, err)
                                : open_generators(arena, workload, rate, time, &source, err);
    if (rc)
        return rc;
    if (workload->n_traces && (rate != 1 || time != 1)) {
        struct scaled_source *stretched = arena_new(arena, struct scaled_source);
        scaled_source_init(stretched, source, rate, time);
        source = &stretched->source;
    }
    if (workload->to_s > 0) {
        struct cut_source *cut = arena_new(arena, struct cut_source);
        cut_source_init(cut, source, workload->from_s, workload->to_s);
        source = &cut->source;
    }
    *source_out = source;
    return 0;
}

bool workload_is_random(const struct workload *workload)
{
    struct arena arena = {0};
    struct arrivals *source;
    bool random = workload_open(&arena, workload, &source, NULL) != 0 || source->is_random;
    arena_release(&arena);
    return random;
}

/* Counts of whole seconds or minutes as they go by. */
struct counter {
    double length_s, at; /* at: the number of the interval */
    double count, most, sum, squares, n;
};

static void count(struct counter *counter, double time)
{
    double at = floor(time / counter->length_s);
    if (at != counter->at) {
        counter->most = fmax(counter->most, counter->count);
        counter->sum += counter->count;
        counter->squares += counter->count * counter->count;
        counter->n += at - counter->at; /* those between are empty */
        counter->at = at;
        counter->count = 0;
    }
    counter->count++;
}

static void measure_chunk(const struct chunk *chunk, bool has_service, struct traffic *traffic, struct counter *second,
                          struct counter *minute, double *sums)
{
    for (size_t i = 0; i < chunk->n; i++) {
        double time = chunk->time[i], gap = time - traffic->span_s;
        count(second, time);
        count(minute, time);
        if (traffic->requests++ > 0) {
            sums[0] += gap;
            sums[1] += gap * gap;
        }
        traffic->span_s = time;
        traffic->hours[(size_t)fmod(time / 3600, 24)]++;
        if (has_service) {
            sums[2] += chunk->service[i];
            sums[3] += chunk->service[i] * chunk->service[i];
        }
    }
}

static void conclude(struct traffic *traffic, const struct counter *second, const struct counter *minute,
                     const double *sums, double span_s)
{
    double n = (double)traffic->requests, gaps = n - 1;
    if (gaps > 0 && sums[0] > 0) {
        double mean = sums[0] / gaps;
        traffic->cv = sqrt(fmax(0, sums[1] / gaps - mean * mean)) / mean;
    }
    double last = traffic->span_s;
    traffic->span_s = fmax(span_s, last);
    traffic->rate = traffic->span_s > 0 ? n / traffic->span_s : 0;
    traffic->peak_per_s = fmax(second->most, second->count);
    traffic->peak_per_minute = fmax(minute->most, minute->count);
    if (minute->n >= 10) {
        double mean = minute->sum / minute->n;
        traffic->dispersion = mean > 0 ? (minute->squares / minute->n - mean * mean) / mean : 0;
    }
    traffic->service_mean_s = sums[2] / n;
    traffic->service_sd_s = sqrt(fmax(0, sums[3] / n - traffic->service_mean_s * traffic->service_mean_s));
    for (int i = 0; i < 24; i++)
        traffic->hours[i] = last >= 86400 ? traffic->hours[i] / n : 0;
}

int traffic_measure(const struct workload *workload, uint64_t seed, struct traffic *traffic_out, struct err *err)
{
    struct arena arena = {0};
    struct arrivals *source;
    struct traffic traffic = {0};
    struct counter second = {.length_s = 1}, minute = {.length_s = 60};
    double sums[4] = {0};
    struct chunk *chunk = arena_new(&arena, struct chunk);
    int rc = workload_open(&arena, workload, &source, err);
    if (!rc)
        rc = source->rewind(source, seed, err);
    while (!rc) {
        rc = source->read(source, chunk, err);
        if (rc || chunk->n == 0)
            break;
        measure_chunk(chunk, source->has_service, &traffic, &second, &minute, sums);
    }
    if (!rc && traffic.requests == 0)
        rc = err_set(err, ERR_INPUT, "there is no request in this traffic");
    if (!rc) {
        conclude(&traffic, &second, &minute, sums, source->span_s);
        *traffic_out = traffic;
    }
    arena_release(&arena);
    return rc;
}

const char *traffic_word(const struct traffic *traffic)
{
    static const struct {
        double most;
        const char *word;
    } words[] = {{0.7, "even"}, {1.3, "like chance"}, {3, "bursty"}, {HUGE_VAL, "very bursty"}};
    size_t i = 0;
    while (traffic->cv > words[i].most)
        i++;
    if (i <= 1 && traffic->dispersion > 4) /* smooth from one to the next, not from minute to minute */
        return "in waves";
    return words[i].word;
}
