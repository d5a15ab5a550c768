/* From settings and use to money.  The formulas are price.h's; which of them a platform uses is in its table, with its source
 * (data/prices), so that no platform is named here. */
#include "price/price.h"

#include <ctype.h>
#include <math.h>

#include "base/units.h"

static const double MIB_PER_GIB = 1024;

/* The field's rule for a request: the measured peak and a fifth (data/prices has what is sold). */
static const double HEADROOM = 1.2;

/* The GPUs there are, and the one that was meant. */
static void hint_gpus(const struct catalogue *catalogue, struct str name, struct err *err)
{
    struct buf known = {0}, capitals = {0};
    struct str_nearest nearest = {.distance = 3};
    for (size_t i = 0; i < name.len; i++)
        buf_add_char(&capitals, (char)toupper((unsigned char)name.ptr[i]));
    for (size_t i = 0; i < catalogue->gpus.len; i++) {
        struct str candidate = catalogue->gpus.items[i].name;
        buf_addf(&known, "%s%.*s", known.len ? ", " : "", STR_ARG(candidate));
        str_consider(&nearest, buf_str(&capitals), candidate);
    }
    err_hint(err, "known are %s", buf_cstr(&known));
    if (nearest.name.len)
        err_hint(err, "did you mean: %.*s", STR_ARG(nearest.name));
    buf_release(&known);
    buf_release(&capitals);
}

int price_parse_gpu(const struct catalogue *catalogue, struct str text, const struct gpu **gpu_out, uint32_t *count_out,
                    struct err *err)
{
    struct str rest = str_trim(text), name, count_text;
    uint64_t count = 1;
    str_cut(&rest, ':', &name);
    name = str_trim(name);
    if (rest.ptr) {
        count_text = str_trim(rest);
        if (!str_to_u64(count_text, &count) || count < 1 || count > 1024) {
            err_set(err, ERR_INPUT, "'%.*s' is no number of GPUs, in '%.*s'", STR_ARG(count_text), STR_ARG(text));
            return err_hint(err, "write NAME or NAME:COUNT, as in H100:8");
        }
    }
    const struct gpu *gpu = catalogue_gpu(catalogue, name);
    if (!gpu) {
        err_set(err, ERR_INPUT, "there is no GPU '%.*s'", STR_ARG(name));
        hint_gpus(catalogue, name, err);
        return -ERR_INPUT;
    }
    *gpu_out = gpu;
    *count_out = (uint32_t)count;
    return 0;
}

/* USD a second of one entry of the GPU list. */
static int price_gpus(const struct price_table *table, const struct gpu *gpu, uint32_t count, double *usd_per_s_out,
                      struct err *err)
{
    for (size_t i = 0; i < table->gpus.len; i++) {
        const struct price_gpu *row = &table->gpus.items[i];
        if (!str_equals(row->name, gpu->name))
            continue;
        if (row->most && count > row->most)
            return err_set(err, ERR_INPUT, "%.*s gives a container at most %u %.*s, not %u", STR_ARG(table->title),
                           row->most, STR_ARG(gpu->name), count);
        *usd_per_s_out = count * row->amount.usd;
        return 0;
    }
    err_set(err, ERR_INPUT, "%.*s sells no GPU '%.*s'", STR_ARG(table->title), STR_ARG(gpu->name));
    return err_hint(err, "coldspot prices show %.*s   lists what it sells", STR_ARG(table->provider));
}

/* The first entry of the list sets the rate, as it is the one that the platform tries first; the dearest sets the most. */
static int add_gpus(const struct catalogue *catalogue, const struct price_settings *settings, struct price_rate *rate,
                    struct err *err)
{
    struct str rest = settings->gpu, entry;
    if (!str_trim(rest).len)
        return 0;
    for (bool first = true; str_cut(&rest, ',', &entry); first = false) {
        const struct gpu *gpu = NULL;
        uint32_t count = 0;
        double usd_per_s = 0;
        int rc = price_parse_gpu(catalogue, entry, &gpu, &count, err);
        if (rc)
            return rc;
        if (settings->gpu_count)
            count = settings->gpu_count;
        rc = price_gpus(rate->table, gpu, count, &usd_per_s, err);
        if (rc)
            return rc;
        rate->usd_per_s_most = fmax(rate->usd_per_s_most, usd_per_s);
        if (!first)
            continue;
        rate->gpu = gpu->name;
        rate->gpu_count = count;
        rate->gpu_memory_bytes = count * gpu->memory_bytes;
        rate->gpu_usd_per_s = usd_per_s;
    }
    return 0;
}

/* What is asked for, or what is used where that is more and counts.  Use beyond a limit of the app's does not happen there. */
static double billed(double request, double limit, double use, bool use_counts)
{
    if (limit > 0)
        use = fmin(use, limit);
    return use_counts ? fmax(request, use) : request;
}

static int add_memory(const struct price_settings *settings, const struct price_use *use, struct price_rate *rate,
                      struct err *err)
{
    const struct price_table *table = rate->table;
    double request = settings->memory_mib > 0 ? settings->memory_mib : table->memory_default_mib;
    if (table->memory_most_mib && request > table->memory_most_mib)
        return err_set(err, ERR_INPUT, "%.*s sells at most %g MiB of memory, not %g", STR_ARG(table->title),
                       table->memory_most_mib, request);
    request = fmax(request, table->memory_least_mib);
    if (table->disk_per_memory)
        request = fmax(request, settings->disk_mib / table->disk_per_memory);
    rate->memory_mib = billed(request, settings->memory_limit_mib, use->memory_mib, table->bills_use);
    rate->memory_usd_per_s = rate->memory_mib / MIB_PER_GIB * table->memory.usd;
    rate->disk_usd_per_s = fmax(settings->disk_mib - table->disk_free_mib, 0) / MIB_PER_GIB * table->disk.usd;
    return 0;
}

static void add_cpu(const struct price_settings *settings, const struct price_use *use, struct price_rate *rate)
{
    const struct price_table *table = rate->table;
    if (!table->cpu.sold)
        return;
    double request = fmax(settings->cpu > 0 ? settings->cpu : table->cpu_default, table->cpu_least);
    rate->cpu_cores = billed(request, settings->cpu_limit, use->cpu_cores, table->bills_use);
    rate->cpu_usd_per_s = rate->cpu_cores * table->cpu.usd;
}

static double region_factor(const struct price_settings *settings, const struct price_table *table)
{
    const double factors[] = {
        [REGION_ANY] = 1, [REGION_BROAD] = table->region_broad, [REGION_NARROW] = table->region_narrow};
    return factors[settings->region];
}

/* Nonpreemptible containers with a GPU are not sold; such a setting changes nothing here. */
static double nonpreemptible_factor(const struct price_settings *settings, const struct price_rate *rate)
{
    return settings->nonpreemptible && !rate->gpu_count ? rate->table->nonpreemptible : 1;
}

static void multiply(const struct price_settings *settings, struct price_rate *rate)
{
    double region = region_factor(settings, rate->table), kept = nonpreemptible_factor(settings, rate);
    double most = rate->usd_per_s_most - rate->gpu_usd_per_s;
    rate->gpu_usd_per_s *= region;
    rate->cpu_usd_per_s *= region * kept;
    rate->memory_usd_per_s *= region * kept;
    rate->disk_usd_per_s *= region;
    rate->usd_per_s = rate->gpu_usd_per_s + rate->cpu_usd_per_s + rate->memory_usd_per_s + rate->disk_usd_per_s;
    rate->usd_per_s_most = rate->usd_per_s + most * region;
}

/* "0.000222": an amount without its sign. */
static void add_amount(struct buf *out, double usd)
{
    size_t sign = out->len;
    units_add_usd(out, usd);
    if (out->ptr[sign] != '$')
        return;
    for (size_t i = sign; i < out->len; i++)
        out->ptr[i] = out->ptr[i + 1];
    out->len--;
}

/* "4 GiB", "1,613 MiB": as settings are written, so that it can be compared with them. */
static void add_mib(struct buf *out, double mib)
{
    double gib = mib / MIB_PER_GIB;
    if (gib >= 1 && gib == floor(gib)) {
        buf_addf(out, "%g GiB", gib);
        return;
    }
    units_add_count(out, (uint64_t)ceil(mib));
    buf_add(out, STR(" MiB"));
}

static void add_parts(struct buf *out, const struct price_settings *settings, const struct price_rate *rate)
{
    const struct price_table *table = rate->table;
    double region = region_factor(settings, table), kept = nonpreemptible_factor(settings, rate);
    struct str times = kept == 1 ? STR("") : STR(" nonpreemptible");
    if (rate->gpu_count > 1)
        buf_addf(out, "%u ", rate->gpu_count);
    if (rate->gpu_count) {
        buf_addf(out, "%.*s ", STR_ARG(rate->gpu));
        add_amount(out, rate->gpu_usd_per_s / region);
        buf_add(out, STR(" + "));
    }
    if (rate->cpu_cores > 0) {
        double asked = fmax(settings->cpu > 0 ? settings->cpu : table->cpu_default, table->cpu_least);
        buf_addf(out, "%.3g CPU%.*s%s ", rate->cpu_cores, STR_ARG(times), rate->cpu_cores > asked ? " used" : "");
        add_amount(out, rate->cpu_usd_per_s / region);
        buf_add(out, STR(" + "));
    }
    add_mib(out, rate->memory_mib);
    buf_addf(out, "%.*s ", STR_ARG(times));
    add_amount(out, rate->memory_usd_per_s / region);
    if (rate->disk_usd_per_s > 0) {
        buf_add(out, STR(" + disk "));
        add_amount(out, rate->disk_usd_per_s / region);
    }
}

static struct str make_basis(struct arena *arena, const struct price_settings *settings, const struct price_rate *rate)
{
    const struct price_table *table = rate->table;
    double region = region_factor(settings, table);
    struct buf out = {0};
    units_add_usd(&out, rate->usd_per_s);
    buf_add(&out, region == 1 ? STR("/s = ") : STR("/s = ("));
    add_parts(&out, settings, rate);
    if (region != 1)
        buf_addf(&out, ") x %g for its region", region);
    if (rate->usd_per_request > 0) {
        buf_add(&out, STR(", and "));
        units_add_usd(&out, rate->usd_per_request * 1e6);
        buf_add(&out, STR(" per million requests"));
    }
    buf_addf(&out, " (%.*s prices of %.*s, start-up %s)", STR_ARG(table->title), STR_ARG(table->date),
             rate->startup_billed ? "billed" : "not billed");
    struct str basis = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return basis;
}

static int unknown_provider(const struct catalogue *catalogue, struct str name, struct err *err)
{
    struct buf known = {0};
    for (size_t i = 0; i < catalogue->tables.len; i++)
        buf_addf(&known, "%s%.*s", i ? ", " : "", STR_ARG(catalogue->tables.items[i]->provider));
    err_set(err, ERR_INPUT, "there are no prices of a provider '%.*s'", STR_ARG(name));
    err_hint(err, "there are those of %s; --prices FILE adds others", buf_cstr(&known));
    buf_release(&known);
    return -ERR_INPUT;
}

int price_rate(struct arena *arena, const struct catalogue *catalogue, const struct price_settings *settings,
               const struct price_use *use, struct price_rate *rate_out, struct err *err)
{
    static const struct price_use unused = {0};
    const struct price_table *table = catalogue_table(catalogue, settings->provider);
    if (!table)
        return unknown_provider(catalogue, settings->provider, err);
    struct price_rate rate = {
        .table = table,
        .usd_per_request = table->request.usd,
        .time_step_s = table->time_step_s,
        .startup_billed = settings->startup_billed == CHOICE_PLATFORM ? table->startup_billed
                                                                      : settings->startup_billed == CHOICE_YES,
        .idle_billed = table->idle_billed,
        .idle_window_s = settings->scaledown_window_s > 0 ? settings->scaledown_window_s : table->idle_window_s,
    };
    int rc = add_gpus(catalogue, settings, &rate, err);
    if (rc)
        return rc;
    rc = add_memory(settings, use ? use : &unused, &rate, err);
    if (rc)
        return rc;
    add_cpu(settings, use ? use : &unused, &rate);
    multiply(settings, &rate);
    rate.basis = make_basis(arena, settings, &rate);
    *rate_out = rate;
    return 0;
}

double price_billed_s(const struct price_rate *rate, double seconds)
{
    if (rate->time_step_s <= 0)
        return seconds;
    /* a billionth of a step is the rounding of the sum, not time */
    return ceil(seconds / rate->time_step_s - 1e-9) * rate->time_step_s;
}

double price_cost(const struct price_rate *rate, double seconds, uint64_t requests)
{
    return rate->usd_per_s * price_billed_s(rate, seconds) + (double)requests * rate->usd_per_request;
}

double price_cold(const struct price_rate *rate, double startup_s, double call_s)
{
    return price_cost(rate, (rate->startup_billed ? startup_s : 0) + call_s, 1);
}

double price_warm(const struct price_rate *rate, double call_s)
{
    return price_cost(rate, call_s, 1);
}

double price_idle(const struct price_rate *rate)
{
    return rate->idle_billed ? rate->usd_per_s * rate->idle_window_s : 0;
}

static double round_up(double value, double step, double least, double most)
{
    if (step > 0)
        value = ceil(value / step - 1e-9) * step;
    value = fmax(value, least);
    return most > 0 ? fmin(value, most) : value;
}

double price_recommend_memory_mib(const struct price_table *table, double peak_bytes)
{
    return round_up(peak_bytes / 1048576 * HEADROOM, table->memory_step_mib, table->memory_least_mib,
                    table->memory_most_mib);
}

double price_recommend_cpu(const struct price_table *table, double peak_cores)
{
    return table->cpu.sold ? round_up(peak_cores * HEADROOM, table->cpu_step, table->cpu_least, 0) : 0;
}

double price_cores(const struct price_table *table, double cpu, double memory_mib)
{
    if (table->cpu.sold)
        return fmax(cpu > 0 ? cpu : table->cpu_default, table->cpu_least);
    return (memory_mib > 0 ? memory_mib : table->memory_default_mib) / table->mib_per_vcpu;
}
