/* A run's figures as money: what one cold and one warm invocation cost, alone in their container. */
#include "present/run_report.h"

/* Requests as the platform takes them: its own defaults where the app says nothing. */
static void fill_requests(const struct price_table *table, const struct price_settings *settings,
                          struct run_money *money)
{
    money->memory_request_mib = settings->memory_mib > 0 ? settings->memory_mib : table->memory_default_mib;
    double cpu = settings->cpu > 0 ? settings->cpu : table->cpu_default;
    money->cpu_request = price_cores(table, cpu, money->memory_request_mib);
}

int run_money_make(struct arena *arena, const struct catalogue *catalogue, const struct price_settings *settings,
                   const struct summary *summary, struct run_money *money_out, struct err *err)
{
    struct price_use use = {summary->cpu_mean_cores, (double)summary->end_bytes / 1048576};
    struct run_money money = {0};
    int rc = price_rate(arena, catalogue, settings, &use, &money.rate, err);
    if (rc)
        return rc;
    const struct run_start *start = summary->start;
    double first_s = start ? start->phases_s[RUN_FIRST_CALL] : 0, startup_s = start ? start->wall_s - first_s : 0;
    money.cold_usd = price_cold(&money.rate, startup_s, first_s);
    money.warm_usd = summary->has_warm ? price_warm(&money.rate, summary->warm.p50_s) : 0;
    money.billed_s = price_billed_s(&money.rate, first_s + (money.rate.startup_billed ? startup_s : 0));
    money.used_s = start ? start->waits_s[RUN_ON_CPU] : 0;
    money.idle_s = money.rate.idle_billed ? money.rate.idle_window_s : 0;
    struct price_use idle_use = {0, use.memory_mib};
    struct price_rate idle_rate;
    rc = price_rate(arena, catalogue, settings, &idle_use, &idle_rate, err);
    if (rc)
        return rc;
    money.idle_usd = price_idle(&idle_rate);
    fill_requests(money.rate.table, settings, &money);
    money.memory_recommended_mib = price_recommend_memory_mib(money.rate.table, (double)summary->peak_bytes);
    money.cpu_recommended = price_recommend_cpu(money.rate.table, summary->cpu_peak_cores);
    *money_out = money;
    return 0;
}
