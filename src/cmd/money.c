/* Options about money, and what a target's settings are to the price layer. */
#include "cmd/money.h"

#include <string.h>

const struct opt cmd_money_opts[] = {
    {0, "prices", OPT_STR, offsetof(struct cmd_money, prices), "FILE", "price file to use besides the built-in ones", 0,
     0},
    {0, "provider", OPT_STR, offsetof(struct cmd_money, provider), "NAME", "whose prices: modal, aws-lambda, ...", 0,
     0},
    {0, "region", OPT_CHOICE, offsetof(struct cmd_money, region), "any|broad|narrow",
     "how the region is pinned, instead of what the app says", 0, 0},
    {0, "nonpreemptible", OPT_FLAG, offsetof(struct cmd_money, nonpreemptible), NULL, "price it as nonpreemptible", 0,
     0},
    {0, "startup-billed", OPT_CHOICE, offsetof(struct cmd_money, startup_billed), "yes|no",
     "whether seconds before the first call cost money (default: the provider's rule)", 0, 0},
    {0},
};

int cmd_load_prices(struct arena *arena, const struct cmd_money *money, struct catalogue *catalogue_out,
                    struct err *err)
{
    return catalogue_load(arena, catalogue_user_directory(arena), money->prices, catalogue_out, err);
}

/* "us" is a broad region, "us-west" and "us-west-2" are narrow ones; of several, the broadest counts. */
static enum price_region region_of(struct str text)
{
    enum price_region region = REGION_ANY;
    struct str rest = text, name;
    while (str_trim(text).len && str_cut(&rest, ',', &name)) {
        if (str_find(name, STR("-")) < 0)
            return REGION_BROAD;
        region = REGION_NARROW;
    }
    return region;
}

static enum price_region region_option(const char *name)
{
    if (strcmp(name, "any") == 0)
        return REGION_ANY;
    return strcmp(name, "broad") == 0 ? REGION_BROAD : REGION_NARROW;
}

static double or_unset(double value)
{
    return value > 0 ? value : 0;
}

struct price_settings cmd_price_settings(const struct run_target *target, const struct cmd_money *money)
{
    const double mib = 1048576;
    struct price_settings settings = {
        .provider = str_equals(target->provider, STR("none")) ? STR("") : target->provider,
        .gpu = target->gpu,
        .gpu_count = target->gpu_count,
        .cpu = or_unset(target->cpu),
        .cpu_limit = or_unset(target->cpu_limit),
        .memory_mib = or_unset(target->memory_bytes) / mib,
        .memory_limit_mib = or_unset(target->memory_limit_bytes) / mib,
        .region = money->region ? region_option(money->region) : region_of(target->region),
        .nonpreemptible = target->nonpreemptible || money->nonpreemptible,
        .scaledown_window_s = or_unset(target->scaledown_window_s),
    };
    if (money->provider)
        settings.provider = str_of(money->provider);
    if (money->startup_billed)
        settings.startup_billed = strcmp(money->startup_billed, "yes") == 0 ? CHOICE_YES : CHOICE_NO;
    return settings;
}
