/* Memory and cores that are asked for, against the most that was used: what is asked for is billed. */
#include <math.h>

#include "diagnose/measured.h"
#include "price/price.h"

/* The field's targets: good between 60 and 90 %, to be looked into outside of these. */
#define FAR_BELOW 0.40
#define FAR_ABOVE 0.95
/* Nobody can tell cores apart that this machine does not have. */
#define MACHINE_FULL 0.80
/* A start is one thread that wants a whole core: with less it takes longer. */
#define CORES_LEAST 1.0
/* CPU time of the process that is none of a second thread's: loading the program, and the agent. */
#define OTHERS_S 0.1
#define OTHERS_SHARE 0.1
#define CORE_PARTS 4 /* what is recommended is rounded up to a quarter of a core */

#define MIB 1048576.0

/* What a request and its use come to. */
struct request {
    bool is_set; /* by the app, else the platform's default */
    double asked, used, better;
};

static struct str evidence_of(struct arena *arena, const struct request *request, const char *asked, const char *used,
                              const char *better)
{
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_f64(&evidence.json, asked, request->asked);
    jsonw_key_bool(&evidence.json, "set_by_app", request->is_set);
    jsonw_key_f64(&evidence.json, used, request->used);
    jsonw_key_f64(&evidence.json, better, request->better);
    return evidence_end(arena, &evidence);
}

/* A rule of requests is about the setting, or the function where that has none. */
static struct finding *add(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                           enum change_kind kind, const struct request *request, struct findings *findings)
{
    static const struct facts nothing_read = {0};
    const struct facts *facts = input->facts ? input->facts : &nothing_read;
    const struct facts_place *place = kind == CHANGE_MEMORY ? &facts->memory : &facts->cpu;
    struct finding *finding = measured_add(arena, rule, findings);
    struct change *change = measured_change(arena, kind);
    change->amount = request->better;
    finding->change = change;
    finding->subject = input->run->target.function;
    finding->location = (struct location){.file = place->line ? place->file : input->run->target.file,
                                          .line = place->line};
    return finding;
}

static struct request memory_request(const struct measured_input *input)
{
    double asked = input->run->target.memory_bytes, used = (double)input->summary->peak_bytes;
    struct request request = {
        .is_set = asked >= 0,
        .asked = asked >= 0 ? asked : input->table->memory_default_mib * MIB,
        .used = used,
        .better = price_recommend_memory_mib(input->table, used) * MIB,
    };
    return request;
}

static void add_memory(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                       const struct request *request, struct findings *findings)
{
    struct finding *finding = add(arena, rule, input, CHANGE_MEMORY, request, findings);
    double share = request->used / request->asked;
    struct str asked = measured_size(arena, request->asked), used = measured_size(arena, request->used);
    struct str part = measured_share(arena, share);
    bool is_small = share > FAR_ABOVE;
    finding->message = is_small ? arena_printf(arena, "it uses up to %.*s of memory, %.*s of the %.*s %s",
                                               STR_ARG(used), STR_ARG(part), STR_ARG(asked),
                                               request->is_set ? "asked for" : "that the platform gives by default")
                                : arena_printf(arena, "%.*s of memory are asked for and %.*s used at most, %.*s",
                                               STR_ARG(asked), STR_ARG(used), STR_ARG(part));
    if (is_small && !request->is_set)
        finding->severity = SEVERITY_INFO;
    bool brings_cpu = input->table->mib_per_vcpu > 0;
    if (brings_cpu && !is_small)
        finding->severity = SEVERITY_INFO; /* it may have been asked for the sake of CPU */
    finding->advice = arena_printf(arena, "ask for %.0f MiB, the peak x 1.2%s", request->better / MIB,
                                   brings_cpu ? "; less memory also brings less CPU: measure again" : "");
    finding->evidence = evidence_of(arena, request, "requested_bytes", "peak_bytes", "recommended_bytes");
    finding->estimate.memory_bytes = (struct range){true, request->better - request->asked,
                                                    request->better - request->asked};
}

void measured_memory(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                     struct findings *findings)
{
    if (!input->table || !input->summary->peak_bytes)
        return;
    struct request request = memory_request(input);
    double share = request.used / request.asked;
    bool too_much = share < FAR_BELOW && request.better < request.asked;
    bool too_little = share > FAR_ABOVE && request.better > request.asked;
    if (request.asked > 0 && (too_much || too_little))
        add_memory(arena, rule, input, &request, findings);
}

/* Whether the starting thread did nearly all of the process's work up to the end of the first call. */
static bool is_one_thread(const struct run_start *start)
{
    double process_s = 0, thread_s = 0;
    for (size_t i = 0; i < start->samples.len && start->samples.items[i].at_s <= start->wall_s; i++)
        process_s = start->samples.items[i].cpu_s;
    for (int i = 0; i < RUN_COLD_PHASES; i++)
        thread_s += start->phases_cpu_s[i];
    return process_s > 0 && process_s - thread_s <= OTHERS_S + OTHERS_SHARE * process_s;
}

/* The most cores that were wanted: those used, and those that others on this machine had meanwhile. */
static double cores_wanted(const struct summary *summary)
{
    const double *waits = summary->start->waits_s, used = summary->cpu_peak_cores;
    double crowded = waits[RUN_ON_CPU] > 0 ? waits[RUN_RUNNABLE] / waits[RUN_ON_CPU] : 0;
    double wanted = used * (1 + crowded);
    return is_one_thread(summary->start) ? fmin(wanted, fmax(used, 1)) : wanted;
}

/* Whether more might have been used on a larger machine. */
static bool is_machine_full(const struct run_environment *environment, double asked, double wanted)
{
    return asked > environment->cpus && environment->cpus > 1 && wanted >= MACHINE_FULL * environment->cpus;
}

void measured_cpu(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                  struct findings *findings)
{
    double asked = input->run->target.cpu, used = input->summary->cpu_peak_cores;
    if (!input->table || !input->table->cpu.sold || asked <= CORES_LEAST || used <= 0)
        return;
    double wanted = cores_wanted(input->summary);
    double enough = ceil(price_recommend_cpu(input->table, wanted) * CORE_PARTS) / CORE_PARTS;
    struct request request = {true, asked, used, fmax(enough, CORES_LEAST)};
    if (is_machine_full(&input->run->environment, asked, wanted) || wanted / asked >= FAR_BELOW ||
        request.better >= asked)
        return;
    struct finding *finding = add(arena, rule, input, CHANGE_CPU, &request, findings);
    finding->message = arena_printf(arena, "%g CPU cores are asked for and %.2g used at most", asked, used);
    finding->advice = arena_printf(arena, "ask for what is used, x 1.2 and a whole core at least: cpu=%g",
                                   request.better);
    finding->evidence = evidence_of(arena, &request, "requested_cores", "peak_cores", "recommended_cores");
}
