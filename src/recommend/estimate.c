/* From times before and after to medians with intervals, and through the prices to money. */
#include "recommend/estimate.h"

#include <math.h>

#include "base/rng.h"
#include "base/stats.h"
#include "base/units.h"
#include "diagnose/measured.h"
#include "recommend/whatif.h"

enum { ROUNDS = 2000, SEED = 1 };
#define MIB 1048576.0
#define PIECE_BYTES (8 * MIB) /* what is still held of a file that is read in pieces */
#define DAYS_A_MONTH 30

/* What would be spent per cold and per warm call. */
struct bill {
    bool known, has_warm;
    double cold_usd, warm_usd;
};

static double per_1k(const struct estimate_input *input, const struct bill *bill)
{
    double cold = bill->has_warm ? input->cold_fraction : 1;
    return 1000 * (cold * bill->cold_usd + (1 - cold) * bill->warm_usd);
}

/* Settings and use as the what-if leaves them; NULL: as they are. */
static void apply(const struct estimate_input *input, const struct whatif *whatif, struct price_settings *settings,
                  struct price_use *use)
{
    *settings = *input->settings;
    *use = (struct price_use){input->summary->cpu_mean_cores, (double)input->summary->end_bytes / MIB};
    if (!whatif)
        return;
    if (whatif->memory_bytes >= 0)
        settings->memory_mib = whatif->memory_bytes / MIB;
    if (whatif->cpu >= 0)
        settings->cpu = whatif->cpu;
    if (whatif->peak_less_bytes > PIECE_BYTES) {
        const struct price_table *table = catalogue_table(input->catalogue, settings->provider);
        double less = whatif->peak_less_bytes - PIECE_BYTES, peak = (double)input->summary->peak_bytes;
        double enough = table ? price_recommend_memory_mib(table, fmax(peak - less, 0)) : 0;
        settings->memory_mib = settings->memory_mib > 0 ? fmin(settings->memory_mib, enough) : 0;
        use->memory_mib = fmax(use->memory_mib - less / MIB, 0);
    }
}

static struct bill bill_of(struct arena *arena, const struct estimate_input *input, const struct whatif *whatif,
                           double cold_s, double warm_s)
{
    struct bill bill = {.has_warm = input->summary->has_warm};
    struct price_settings settings;
    struct price_use use;
    struct price_rate rate;
    if (!input->catalogue)
        return bill;
    apply(input, whatif, &settings, &use);
    if (price_rate(arena, input->catalogue, &settings, &use, &rate, NULL))
        return bill;
    double first_s = fmin(input->summary->start->phases_s[RUN_FIRST_CALL], cold_s);
    bill.known = true;
    bill.cold_usd = price_cold(&rate, cold_s - first_s, first_s);
    bill.warm_usd = bill.has_warm ? price_warm(&rate, warm_s) : 0;
    return bill;
}

static double lower_median(struct arena *arena, const double *values, size_t n)
{
    double *sorted = arena_array(arena, double, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = values[i];
    stats_sort(sorted, n);
    return sorted[stats_lower_median_index(n)];
}

static struct range interval_of(const double *values, size_t n)
{
    struct rng rng;
    rng_init(&rng, SEED);
    struct interval interval = stats_median_interval(values, n, ROUNDS, &rng);
    return (struct range){true, interval.low, interval.high};
}

/* From the low end of one's interval to the high end of the other's, which is the first with what is unsure on top. */
static struct range interval_with(struct arena *arena, const double *values, const double *unsure, size_t n)
{
    double *later = arena_array(arena, double, n);
    for (size_t i = 0; i < n; i++)
        later[i] = values[i] + unsure[i];
    return (struct range){true, interval_of(values, n).low, interval_of(later, n).high, lower_median(arena, values, n)};
}

/* How much more (less, when negative) it takes, with its interval over the run's starts or calls. */
static struct range change_of(struct arena *arena, const struct whatif_times *times)
{
    double *more = arena_array(arena, double, times->n + 1), most = 0;
    for (size_t i = 0; i < times->n; i++) {
        more[i] = times->after[i] - times->before[i];
        most = fmax(most, fabs(more[i]));
    }
    return most > 0 ? interval_with(arena, more, times->unsure, times->n) : (struct range){0};
}

/* What 1,000 calls cost when the cold start and the warm call take so much more. */
static double per_1k_with(struct arena *arena, const struct estimate_input *input, const struct whatif *whatif,
                          double cold_more_s, double warm_more_s, bool *known_out)
{
    struct bill bill = bill_of(arena, input, whatif, input->summary->cold.p50_s + cold_more_s,
                               input->summary->warm.p50_s + warm_more_s);
    *known_out &= bill.known;
    return per_1k(input, &bill);
}

/* The change per 1,000 calls between both ends of what is saved; share_out: of what they cost now. */
static struct range money_change(struct arena *arena, const struct estimate_input *input, const struct whatif *whatif,
                                 const struct estimate *estimate, double *share_out)
{
    const struct range *cold = &estimate->cold_s, *warm = &estimate->warm_s; /* all zero where they are not known */
    bool known = true;
    double before = per_1k_with(arena, input, NULL, 0, 0, &known);
    double low = per_1k_with(arena, input, whatif, cold->low, warm->low, &known);
    double high = per_1k_with(arena, input, whatif, cold->high, warm->high, &known);
    double typical = per_1k_with(arena, input, whatif, range_typical(cold), range_typical(warm), &known);
    known = known && (low != before || high != before);
    *share_out = known && before > 0 ? fmax((before - typical) / before, 0) : 0;
    return (struct range){known, low - before, high - before, typical - before};
}

static struct range a_month(const struct estimate_input *input, const struct range *per_1k_calls)
{
    double thousands = input->calls_per_day * DAYS_A_MONTH / 1000;
    return (struct range){per_1k_calls->known && thousands > 0, per_1k_calls->low * thousands,
                          per_1k_calls->high * thousands, per_1k_calls->typical * thousands};
}

static void add_assumption(struct buf *text, const struct estimate_input *input, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_IMPORT:
        buf_add(text, STR("what this import brings in goes with it; at least its own package does"));
        break;
    case CHANGE_HOST:
        if (measured_is_loopback(change->target))
            buf_add(text, STR("measured here, over loopback: more over a network; "));
        buf_add(text, STR("read from the image at "));
        units_add_rate(text, whatif_read_rate(input->run));
        buf_add(text, STR(" instead"));
        break;
    case CHANGE_READ:
        buf_add(text, STR("from opening the file to closing it, what is made of it meanwhile included"));
        break;
    case CHANGE_PEAK:
        buf_add(text, STR("it is read in pieces of a few MiB"));
        break;
    case CHANGE_MEMORY:
    case CHANGE_CPU:
        buf_add(text, STR("no call needs more than those measured"));
        break;
    }
}

static struct str assumption_of(struct arena *arena, const struct estimate_input *input, const struct change *change)
{
    struct buf text = {0};
    add_assumption(&text, input, change);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static double share_of(const struct range *change, double whole)
{
    return whole > 0 ? fmax(-range_typical(change) / whole, 0) : 0;
}

static void estimate_one(struct arena *arena, const struct estimate_input *input, struct finding *finding)
{
    struct estimate *estimate = &finding->estimate;
    struct whatif whatif;
    double usd_share;
    whatif_play(arena, input->run, input->facts, &(struct changes){&finding->change, 1, 1}, &whatif);
    estimate->cold_s = change_of(arena, &whatif.cold);
    estimate->warm_s = change_of(arena, &whatif.warm);
    estimate->usd_per_1k_calls = money_change(arena, input, &whatif, estimate, &usd_share);
    estimate->usd_per_month = a_month(input, &estimate->usd_per_1k_calls);
    if (whatif.peak_less_bytes > PIECE_BYTES)
        estimate->memory_bytes = (struct range){true, -whatif.peak_less_bytes, PIECE_BYTES - whatif.peak_less_bytes};
    double cold_share = share_of(&estimate->cold_s, input->summary->cold.p50_s);
    double warm_share = share_of(&estimate->warm_s, input->summary->warm.p50_s);
    estimate->share = fmax(usd_share, fmax(cold_share, warm_share));
    estimate->confidence = finding->change->kind == CHANGE_PEAK ? "assumed" : "measured";
    estimate->assumption = assumption_of(arena, input, finding->change);
    estimate->known = true;
}

void estimate_findings(struct arena *arena, const struct estimate_input *input, struct findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        if (findings->items[i].change)
            estimate_one(arena, input, &findings->items[i]);
    }
    findings_sort(findings);
}

static struct changes worth_changing(struct arena *arena, const struct findings *findings)
{
    struct changes changes = {0};
    for (size_t i = 0; i < findings->len; i++) {
        if (findings->items[i].change && findings->items[i].severity >= SEVERITY_WARN)
            *array_push(arena, &changes) = findings->items[i].change;
    }
    return changes;
}

void estimate_together(struct arena *arena, const struct estimate_input *input, const struct findings *findings,
                       struct estimate_joint *joint_out)
{
    struct changes changes = worth_changing(arena, findings);
    struct whatif whatif;
    struct estimate_joint joint = {.n = changes.len};
    whatif_play(arena, input->run, input->facts, &changes, &whatif);
    joint.cold_before_s = joint.cold_after_s = input->summary->cold.p50_s;
    if (whatif.cold.n) {
        joint.cold_after_s = lower_median(arena, whatif.cold.after, whatif.cold.n);
        joint.cold_interval_s = interval_with(arena, whatif.cold.after, whatif.cold.unsure, whatif.cold.n);
    }
    joint.has_warm = whatif.warm.n > 0;
    joint.warm_before_s = joint.warm_after_s = input->summary->warm.p50_s;
    if (joint.has_warm) {
        joint.warm_before_s = lower_median(arena, whatif.warm.before, whatif.warm.n);
        joint.warm_after_s = lower_median(arena, whatif.warm.after, whatif.warm.n);
        joint.warm_interval_s = interval_of(whatif.warm.after, whatif.warm.n);
    }
    struct bill now = bill_of(arena, input, NULL, joint.cold_before_s, joint.warm_before_s);
    struct bill then = bill_of(arena, input, &whatif, joint.cold_after_s, joint.warm_after_s);
    joint.has_money = now.known && then.known;
    joint.usd_before = per_1k(input, &now);
    joint.usd_after = per_1k(input, &then);
    double difference = joint.usd_after - joint.usd_before;
    joint.usd_per_month = a_month(input, &(struct range){joint.has_money, difference, difference, difference});
    *joint_out = joint;
}
