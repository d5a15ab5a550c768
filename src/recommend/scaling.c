/* Each group is searched alone, all else as today: what one change is worth, apart from the others. */
#include "recommend/scaling.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

/* Where a setting is written in a Modal app. */
static const struct {
    const char *key;
    enum place { IN_FUNCTION, IN_CONCURRENT, IN_BATCHED } place;
} places[] = {
    {"gpu", IN_FUNCTION},
    {"min_containers", IN_FUNCTION},
    {"max_containers", IN_FUNCTION},
    {"buffer_containers", IN_FUNCTION},
    {"scaledown_window", IN_FUNCTION},
    {"timeout", IN_FUNCTION},
    {"retries", IN_FUNCTION},
    {"enable_memory_snapshot", IN_FUNCTION},
    {"max_inputs", IN_CONCURRENT},
    {"target_inputs", IN_CONCURRENT},
    {"max_batch_size", IN_BATCHED},
    {"wait_ms", IN_BATCHED},
};

/* A value as Python has it. */
static void add_value(const struct settings *settings, const char *key, struct buf *out)
{
    struct buf text = {0};
    settings_print_one(settings, str_of(key), &text);
    struct str value = buf_str(&text);
    if (str_equals(value, STR("true")) || str_equals(value, STR("false")))
        buf_addf(out, "%s", str_equals(value, STR("true")) ? "True" : "False");
    else if (str_equals(value, STR("none")))
        buf_add(out, STR("None"));
    else if (strcmp(key, "gpu") == 0)
        buf_addf(out, "\"%.*s\"", STR_ARG(value));
    else if (str_ends_with(value, STR("s")) && str_find(value, STR("(")) < 0)
        buf_add(out, str_slice(value, 0, value.len - 1));
    else
        buf_add(out, value);
    buf_release(&text);
}

static void add_place(const struct settings *from, const struct settings *to, enum place place, const char *decorator,
                      struct buf *out)
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        /* a batched function's wait goes with its size */
        bool goes_along = place == IN_BATCHED && to->max_batch_size > 1 && from->max_batch_size != to->max_batch_size;
        if (places[i].place != place || (!goes_along && !settings_differ(from, to, places[i].key)))
            continue;
        if (n == 0)
            buf_addf(out, "%s%s(", out->len ? "  and  " : "", decorator);
        buf_addf(out, "%s%s=", n++ ? ", " : "", places[i].key);
        add_value(to, places[i].key, out);
    }
    if (n)
        buf_add_char(out, ')');
}

struct str scaling_change(struct arena *arena, const struct settings *from, const struct settings *to, bool is_method)
{
    struct buf text = {0};
    add_place(from, to, IN_FUNCTION, is_method ? "@app.cls" : "@app.function", &text);
    add_place(from, to, IN_CONCURRENT, "@modal.concurrent", &text);
    add_place(from, to, IN_BATCHED, "@modal.batched", &text);
    struct str change = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return change;
}

/* --- one group at a time --- */

enum { AXES = 2 };

/* A group's axes, and the rule and words for more of it and for less. */
static const struct group {
    const char *axes[AXES]; /* NULL: sizes up to what was measured */
    const char *more_code, *more_rule, *more;
    const char *less_code, *less_rule, *less;
} groups[SCALING_GROUPS] = {
    [SCALING_POOL] = {{"min_containers=0,1,2,3,4,6,8", "buffer_containers=0,1,2"},
                      "CS314",
                      "nothing-warm",
                      "too few containers are kept warm for this traffic",
                      "CS301",
                      "min-containers-idle",
                      "more containers are kept warm than this traffic needs"},
    [SCALING_WINDOW] = {{"scaledown_window=2s,15s,30s,60s,120s,300s,600s,1200s"},
                        "CS302",
                        "window-short",
                        "idle containers go too soon for this traffic",
                        "CS303",
                        "window-long",
                        "idle containers stay longer than this traffic pays for"},
    [SCALING_INPUTS] = {{NULL},
                        "CS304",
                        "async-without-concurrency",
                        "a container could take more inputs at once",
                        "CS304",
                        "async-without-concurrency",
                        "a container takes too many inputs at once"},
    [SCALING_BATCHES] = {{NULL, "wait_ms=0,10,50,200"},
                         "CS405",
                         "batched-wait",
                         "larger batches, or a longer wait for them, suit this traffic",
                         "CS405",
                         "batched-wait",
                         "smaller batches, or a shorter wait for them, suit this traffic"},
};

/* "max_inputs=1,2,4,8,12": powers of two up to what was measured, and that. */
static struct str sizes_up_to(struct arena *arena, const char *key, uint32_t most)
{
    struct buf text = {0};
    buf_addf(&text, "%s=1", key);
    for (uint32_t size = 2; size < most; size *= 2)
        buf_addf(&text, ",%u", size);
    if (most > 1)
        buf_addf(&text, ",%u", most);
    struct str axis = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return axis;
}

static size_t list_axes(struct arena *arena, const struct scaling_input *input, enum scaling_group group,
                        struct settings_axis *axes)
{
    size_t n = 0;
    uint32_t most = group == SCALING_INPUTS ? input->most_inputs : input->most_batch;
    const char *key = group == SCALING_INPUTS ? "max_inputs" : "max_batch_size";
    for (size_t i = 0; i < AXES; i++) {
        struct str text = str_of(groups[group].axes[i]);
        if (i == 0 && !text.len)
            text = most > 1 ? sizes_up_to(arena, key, most) : text;
        if (text.len && settings_parse_axis(arena, text, &axes[n], NULL) == 0)
            n++;
        if (i == 0 && n == 0)
            return 0;
    }
    return n;
}

/* How much of the group's good a setting has. */
static double amount(enum scaling_group group, const struct settings *s)
{
    switch (group) {
    case SCALING_POOL:
        return (double)s->min_containers + s->buffer_containers;
    case SCALING_WINDOW:
        return s->scaledown_window.mean;
    case SCALING_INPUTS:
        return s->max_inputs;
    default:
        return s->max_batch_size + s->wait_s;
    }
}

static struct str message(struct arena *arena, const char *words, const struct plan *plan)
{
    const struct result *from = &plan->baseline, *to = &plan->best->result;
    struct buf text = {0};
    buf_addf(&text, "%s: p99 ", words);
    if (from->overloaded)
        buf_add(&text, STR("without end"));
    else
        units_add_duration(&text, from->p99);
    buf_add(&text, STR(" -> "));
    units_add_duration(&text, to->p99);
    buf_addf(&text, ", cold %.1f %% -> %.1f %%", from->cold * 100, to->cold * 100);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

/* The difference over this traffic, extended to a month. */
static struct estimate price(const struct plan *plan)
{
    const struct result *from = &plan->baseline;
    struct estimate estimate = {.confidence = "simulated",
                                .assumption = STR("this traffic all month, other settings as today")};
    if (from->overloaded || from->cost_usd <= 0)
        return estimate;
    double months = from->usd_per_month / from->cost_usd;
    double now = plan->best->result.usd_per_month - from->usd_per_month;
    estimate.known = true;
    double half = (plan->gain_usd.high - plan->gain_usd.low) / 2 * months;
    estimate.usd_per_month = (struct range){true, now - half, now + half, now};
    estimate.share = fmax(0, -now / from->usd_per_month);
    return estimate;
}

static struct finding make_finding(struct arena *arena, const struct scaling_input *input, enum scaling_group group,
                                   const struct plan *plan)
{
    const struct settings *from = &plan->baseline.settings, *to = &plan->best->result.settings;
    bool more = amount(group, to) > amount(group, from);
    const struct group *words = &groups[group];
    return (struct finding){
        .code = str_of(more ? words->more_code : words->less_code),
        .name = str_of(more ? words->more_rule : words->less_rule),
        .severity = SEVERITY_WARN,
        .message = message(arena, more ? words->more : words->less, plan),
        .location = input->location,
        .subject = input->subject,
        .advice = scaling_change(arena, from, to, input->is_method),
        .estimate = price(plan),
        .fix = FIX_MANUAL,
        .command = input->command,
    };
}

/* A promise that is kept already is a matter of money, and of a month of it: last idle windows do not count there. */
static bool is_worth_telling(const struct scaling_input *input, const struct plan *plan)
{
    const struct result *from = &plan->baseline, *to = &plan->best->result;
    if (!plan->meets || !plan->is_worth_it)
        return false;
    bool is_kept = !from->overloaded && objective_meets(&input->question->objective, from);
    return !is_kept || to->usd_per_month < 0.995 * from->usd_per_month;
}

int scaling_find(struct arena *arena, const struct scaling_input *input, struct findings *findings,
                 struct scaling_verdicts *verdicts_out, struct err *err)
{
    *verdicts_out = (struct scaling_verdicts){0};
    for (enum scaling_group group = 0; group < SCALING_GROUPS; group++) {
        struct settings_axis axes[AXES];
        struct plan_question question = *input->question;
        struct plan *plan = arena_new(arena, struct plan);
        question.axes = axes;
        question.n_axes = list_axes(arena, input, group, axes);
        question.exhaustive = question.is_brief = true;
        if (question.n_axes == 0)
            continue;
        int rc = plan_make(arena, &question, plan, err);
        if (rc)
            return rc;
        verdicts_out->tried[group] = true;
        struct str change = scaling_change(arena, &plan->baseline.settings, &plan->best->result.settings,
                                           input->is_method);
        verdicts_out->found[group] = is_worth_telling(input, plan) && change.len > 0;
        if (verdicts_out->found[group])
            *array_push(arena, findings) = make_finding(arena, input, group, plan);
    }
    return 0;
}
