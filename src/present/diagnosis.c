/* A diagnosis in words.  What is worth changing is numbered, notes follow in a line each, and a function that has nothing to
 * change is told so first. */
#include "present/diagnosis.h"

#include <math.h>

#include "diagnose/change.h"

/* Parts of a cold start, a warm call or the bill that the first line speaks of. */
#define WORTH_TELLING 0.01

struct page {
    struct document *document;
    const struct diagnosis *diagnosis;
    const struct run_report *report;
    const struct estimate_joint *joint;
    struct section *section;
};

#define DURATION(value) STR_ARG(document_duration(p->document, (value)))
#define SIZE(value) STR_ARG(document_size(p->document, (value)))
#define USD(value) STR_ARG(document_usd(p->document, (value)))
#define SHARE(value) STR_ARG(document_share(p->document, (value)))

/* ---- the first line ---- */

static double part(double before, double after)
{
    return before > 0 ? (before - after) / before : 0;
}

static struct str name_of(const struct page *p)
{
    const struct run_target *target = &p->report->run->target;
    return target->function.len ? target->function : target->file;
}

static struct str text_of(struct page *p, struct buf *text)
{
    struct str copy = arena_copy(p->document->arena, buf_str(text));
    buf_release(text);
    return copy;
}

/* The one saving in memory that no time and hardly any money shows. */
static const struct finding *largest_memory(const struct page *p)
{
    const struct finding *largest = NULL;
    for (size_t i = 0; i < p->report->findings->len; i++) {
        const struct finding *finding = &p->report->findings->items[i];
        if (finding->severity >= SEVERITY_WARN && finding->estimate.memory_bytes.known &&
            (!largest || finding->estimate.memory_bytes.low < largest->estimate.memory_bytes.low))
            largest = finding;
    }
    return largest;
}

static void add_nothing(struct page *p, struct buf *title)
{
    const struct summary *summary = p->report->summary;
    buf_addf(title, " starts in %.*s", DURATION(summary->cold.p50_s));
    if (summary->has_warm)
        buf_addf(title, " and answers in %.*s", DURATION(summary->warm.p50_s));
    buf_add(title, STR(": nothing is worth changing."));
}

/* Findings that no playing back of the starts explains: settings that the traffic asks for. */
static const struct finding *first_setting(const struct page *p)
{
    for (size_t i = 0; i < p->report->findings->len; i++) {
        const struct finding *finding = &p->report->findings->items[i];
        if (finding->severity >= SEVERITY_WARN && !finding->change)
            return finding;
    }
    return NULL;
}

static void add_setting(struct page *p, struct buf *title, const struct finding *finding)
{
    const struct range *month = &finding->estimate.usd_per_month;
    buf_addf(title, " starts in %.*s", DURATION(p->report->summary->cold.p50_s));
    if (p->report->summary->has_warm)
        buf_addf(title, " and answers in %.*s", DURATION(p->report->summary->warm.p50_s));
    if (month->known && range_typical(month) < 0)
        buf_addf(title, "; other settings save %.*s a month.", USD(-range_typical(month)));
    else
        buf_add(title, STR("; other settings would suit its traffic better."));
}

static void add_cold(struct page *p, struct buf *title)
{
    const struct estimate_joint *joint = p->joint;
    buf_addf(title, " starts in %.*s", DURATION(joint->cold_before_s));
    if (p->report->money)
        buf_addf(title, " and pays %.*s for it", USD(p->report->money->cold_usd));
    buf_addf(title, "; %.*s, %.*s of that, can go", DURATION(joint->cold_before_s - joint->cold_after_s),
             SHARE(part(joint->cold_before_s, joint->cold_after_s)));
    if (joint->has_warm && part(joint->warm_before_s, joint->warm_after_s) >= WORTH_TELLING)
        buf_addf(title, ", and %.*s of the %.*s of a warm call", DURATION(joint->warm_before_s - joint->warm_after_s),
                 DURATION(joint->warm_before_s));
    buf_add_char(title, '.');
}

static void add_warm(struct page *p, struct buf *title)
{
    const struct estimate_joint *joint = p->joint;
    buf_addf(title, " answers in %.*s", DURATION(joint->warm_before_s));
    if (p->report->money)
        buf_addf(title, " and pays %.*s for 1,000 of that", USD(p->report->money->warm_usd * 1000));
    buf_addf(title, "; %.*s, %.*s of each call, can go.", DURATION(joint->warm_before_s - joint->warm_after_s),
             SHARE(part(joint->warm_before_s, joint->warm_after_s)));
}

static struct str headline(struct page *p)
{
    const struct estimate_joint *joint = p->joint;
    const struct finding *memory = largest_memory(p);
    struct buf title = {0};
    buf_add(&title, name_of(p));
    if (!joint->n && first_setting(p))
        add_setting(p, &title, first_setting(p));
    else if (!joint->n)
        add_nothing(p, &title);
    else if (part(joint->cold_before_s, joint->cold_after_s) >= WORTH_TELLING)
        add_cold(p, &title);
    else if (joint->has_warm && part(joint->warm_before_s, joint->warm_after_s) >= WORTH_TELLING)
        add_warm(p, &title);
    else if (joint->has_money && part(joint->usd_before, joint->usd_after) >= WORTH_TELLING &&
             !(memory && str_equals(memory->name, STR("whole-file-load"))))
        buf_addf(&title, " pays %.*s for 1,000 calls; %.*s of that can go.", USD(joint->usd_before),
                 SHARE(part(joint->usd_before, joint->usd_after)));
    else if (memory)
        buf_addf(&title, " takes %.*s of memory; %.*s can go.", SIZE((double)p->report->summary->peak_bytes),
                 SIZE(-memory->estimate.memory_bytes.low));
    else
        buf_addf(&title, ": %zu things are worth changing.", joint->n);
    return text_of(p, &title);
}

/* ---- a finding ---- */

/* "-610 ms [-590, -640]": the middle, and the ends without their unit where it is the same. */
static void add_range(struct page *p, struct buf *out, const struct range *range,
                      struct str (*format)(struct document *document, double value))
{
    struct str middle = format(p->document, range_typical(range));
    struct str near = format(p->document, range->high), far = format(p->document, range->low);
    buf_add(out, middle);
    if (str_equals(near, far))
        return;
    ptrdiff_t a = str_find_last(near, ' '), b = str_find_last(far, ' '), c = str_find_last(middle, ' ');
    if (a > 0 && b > 0 && c > 0 &&
        str_equals(str_slice(near, (size_t)a, near.len), str_slice(far, (size_t)b, far.len)) &&
        str_equals(str_slice(near, (size_t)a, near.len), str_slice(middle, (size_t)c, middle.len))) {
        near = str_slice(near, 0, (size_t)a);
        far = str_slice(far, 0, (size_t)b);
    }
    buf_addf(out, " [%.*s, %.*s]", STR_ARG(near), STR_ARG(far));
}

static void add_saving(struct page *p, struct buf *out, const struct range *range, const char *of,
                       struct str (*format)(struct document *document, double value))
{
    if (!range->known)
        return;
    if (out->len)
        buf_add(out, STR(", "));
    add_range(p, out, range, format);
    buf_add(out, str_of(of));
}

static struct str savings_of(struct page *p, const struct finding *finding)
{
    const struct estimate *estimate = &finding->estimate;
    struct buf out = {0};
    if (!estimate->known)
        return STR("");
    add_saving(p, &out, &estimate->cold_s, " of each cold start", document_duration);
    add_saving(p, &out, &estimate->warm_s, " of each call", document_duration);
    add_saving(p, &out, &estimate->memory_bytes, estimate->cold_s.known ? "" : " of memory", document_size);
    bool is_money = !estimate->cold_s.known && !estimate->warm_s.known;
    if (estimate->usd_per_month.known)
        add_saving(p, &out, &estimate->usd_per_month, "/mo", document_usd);
    else if (is_money)
        add_saving(p, &out, &estimate->usd_per_1k_calls, " per 1,000 calls", document_usd);
    return text_of(p, &out);
}

static void add_finding(struct page *p, size_t number, const struct finding *finding)
{
    struct document *document = p->document;
    const struct location *at = &finding->location;
    section_line(document, p->section, false, STYLE_PLAIN, "%s", "");
    struct block *block = section_line(document, p->section, false, STYLE_ANSWER, "%2zu  %.*s", number,
                                       STR_ARG(finding->message));
    if (at->file.len && at->line)
        block_verdict(document, block, STYLE_PLAIN, "%.*s:%u", STR_ARG(at->file), at->line);
    else if (at->file.len)
        block_verdict(document, block, STYLE_PLAIN, "%.*s", STR_ARG(at->file));
    struct str savings = savings_of(p, finding);
    if (savings.len) {
        block = section_line(document, p->section, false, STYLE_PLAIN, "    %.*s", STR_ARG(savings));
        block_verdict(document, block, STYLE_DETAIL, "%s", finding->estimate.confidence);
    }
    if (finding->estimate.assumption.len && finding->change && finding->change->kind == CHANGE_HOST)
        section_line(document, p->section, false, STYLE_DETAIL, "    %.*s", STR_ARG(finding->estimate.assumption));
    if (finding->advice.len)
        section_line(document, p->section, false, STYLE_PLAIN, "    %.*s", STR_ARG(finding->advice));
    if (finding->command.len)
        section_line(document, p->section, false, STYLE_DETAIL, "    %.*s", STR_ARG(finding->command));
}

/* ---- what follows them ---- */

static const char *together_words(const struct page *p)
{
    static const char *const words[] = {"",
                                        "With it",
                                        "Both together",
                                        "All three together",
                                        "All four together",
                                        "All five together",
                                        "All six together"};
    if (first_setting(p))
        return "Together, settings apart";
    return p->joint->n < sizeof(words) / sizeof(words[0]) ? words[p->joint->n] : "All together";
}

static void add_after(struct page *p, struct buf *out, const char *of, double before, double after,
                      const struct range *interval)
{
    if (before - after < WORTH_TELLING * before)
        return;
    buf_addf(out, "%s%s%.*s -> %.*s", out->len ? ", " : "", of, DURATION(before), DURATION(after));
    if (interval->known && interval->high > interval->low)
        buf_addf(out, " [%.*s, %.*s]", DURATION(interval->low), DURATION(interval->high));
}

static struct str joint_money(struct page *p)
{
    const struct estimate_joint *joint = p->joint;
    struct str cold = p->report->summary->has_warm ? arena_printf(p->document->arena, "%.*s of them cold (assumed)",
                                                                  SHARE(p->diagnosis->cold_fraction))
                                                   : STR("each of them cold");
    if (!joint->has_money || part(joint->usd_before, joint->usd_after) < WORTH_TELLING)
        return STR("");
    if (joint->usd_per_month.known)
        return arena_printf(p->document->arena, "%.*s/mo at %.*s calls a day, %.*s", USD(joint->usd_per_month.low),
                            STR_ARG(document_count(p->document, (uint64_t)llround(p->diagnosis->calls_per_day))),
                            STR_ARG(cold));
    return arena_printf(p->document->arena, "%.*s -> %.*s per 1,000 calls, %.*s", USD(joint->usd_before),
                        USD(joint->usd_after), STR_ARG(cold));
}

static void add_together(struct page *p)
{
    const struct estimate_joint *joint = p->joint;
    struct buf times = {0};
    add_after(p, &times, "", joint->cold_before_s, joint->cold_after_s, &joint->cold_interval_s);
    if (joint->has_warm)
        add_after(p, &times, "warm call ", joint->warm_before_s, joint->warm_after_s, &joint->warm_interval_s);
    struct str money = joint_money(p);
    if (joint->n && (times.len || money.len)) {
        struct str first = times.len ? buf_str(&times) : money;
        section_line(p->document, p->section, false, STYLE_PLAIN, "%s", "");
        section_line(p->document, p->section, false, STYLE_ANSWER, "%s: %.*s.", together_words(p), STR_ARG(first));
        if (times.len && money.len)
            section_line(p->document, p->section, false, STYLE_PLAIN, "    %.*s", STR_ARG(money));
    }
    buf_release(&times);
}

static void add_notes(struct page *p)
{
    for (size_t i = 0; i < p->report->findings->len; i++) {
        const struct finding *finding = &p->report->findings->items[i];
        if (finding->severity == SEVERITY_INFO)
            section_line(p->document, p->section, false, STYLE_PLAIN, "Also: %.*s (%.*s).", STR_ARG(finding->message),
                         STR_ARG(finding->name));
    }
    size_t others = p->diagnosis->others->len;
    if (others)
        section_line(p->document, p->section, false, STYLE_PLAIN,
                     "Also: %zu note%s from reading the app (coldspot check %.*s).", others, others == 1 ? "" : "s",
                     STR_ARG(p->diagnosis->app_path));
    const double *phases = p->report->summary->start->phases_s;
    double own = phases[RUN_CONTAINER_START] + phases[RUN_INTERPRETER_START] + phases[RUN_PLATFORM_INIT];
    section_line(p->document, p->section, false, STYLE_DETAIL, "Nothing to do about %.*s: the platform's own start.",
                 DURATION(own));
}

void diagnosis_sections(struct document *document, const struct diagnosis *diagnosis)
{
    struct page page = {document, diagnosis, diagnosis->report, diagnosis->joint, NULL}, *p = &page;
    document->title = headline(p);
    p->section = document_section(document, "");
    size_t number = 0;
    for (size_t i = 0; i < p->report->findings->len; i++) {
        if (p->report->findings->items[i].severity >= SEVERITY_WARN)
            add_finding(p, ++number, &p->report->findings->items[i]);
    }
    add_together(p);
    add_notes(p);
    budgets_section(document, p->report->budgets);
}

void diagnosis_json(struct jsonw *json, const struct diagnosis *diagnosis)
{
    const struct estimate_joint *joint = diagnosis->joint;
    jsonw_key_object(json, "together");
    jsonw_key_u64(json, "findings", joint->n);
    jsonw_key_f64(json, "cold_before_s", joint->cold_before_s);
    jsonw_key_f64(json, "cold_after_s", joint->cold_after_s);
    range_write_json(json, "cold_after_interval_s", &joint->cold_interval_s);
    jsonw_key_f64(json, "warm_before_s", joint->warm_before_s);
    jsonw_key_f64(json, "warm_after_s", joint->warm_after_s);
    range_write_json(json, "warm_after_interval_s", &joint->warm_interval_s);
    jsonw_key_f64(json, "usd_per_1k_calls_before", joint->has_money ? joint->usd_before : NAN);
    jsonw_key_f64(json, "usd_per_1k_calls_after", joint->has_money ? joint->usd_after : NAN);
    range_write_json(json, "usd_per_month", &joint->usd_per_month);
    jsonw_key_f64(json, "cold_fraction_assumed", diagnosis->cold_fraction);
    jsonw_end(json);
    jsonw_key_array(json, "others");
    for (size_t i = 0; i < diagnosis->others->len; i++)
        finding_write_json(json, &diagnosis->others->items[i]);
    jsonw_end(json);
}
