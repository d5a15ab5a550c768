/* Options about money: which prices, and what the container asks for. */
#include "cmd/money.h"

#include <string.h>

const struct opt cmd_money_opts[] = {
    {0, "prices", OPT_STR, offsetof(struct cmd_money, prices), "FILE", "price file to use besides the built-in ones", 0,
     0},
    {0, "provider", OPT_STR, offsetof(struct cmd_money, provider), "NAME", "whose prices: modal, aws-lambda, ...", 0,
     0},
    {0, "gpu", OPT_STR, offsetof(struct cmd_money, gpu), "NAME[:N]", "GPU, instead of what the app asks for", 0, 0},
    {0, "cpu", OPT_F64, offsetof(struct cmd_money, cpu), "CORES", "CPU request, instead of the app's", 0.001, 1024},
    {0, "memory", OPT_U32, offsetof(struct cmd_money, memory_mib), "MIB", "memory request, instead of the app's", 1,
     1e9},
    {0, "region", OPT_CHOICE, offsetof(struct cmd_money, region), "any|broad|narrow",
     "how the region is pinned, for its price", 0, 0},
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

void cmd_apply_money(const struct cmd_money *money, struct price_settings *settings)
{
    static const char *const regions[] = {[REGION_ANY] = "any", [REGION_BROAD] = "broad", [REGION_NARROW] = "narrow"};
    if (money->provider)
        settings->provider = str_of(money->provider);
    if (money->gpu) {
        settings->gpu = str_of(money->gpu);
        settings->gpu_count = 0;
    }
    if (money->cpu > 0)
        settings->cpu = money->cpu;
    if (money->memory_mib)
        settings->memory_mib = money->memory_mib;
    for (size_t i = 0; money->region && i < sizeof(regions) / sizeof(regions[0]); i++) {
        if (strcmp(money->region, regions[i]) == 0)
            settings->region = (enum price_region)i;
    }
    settings->nonpreemptible |= money->nonpreemptible;
    if (money->startup_billed)
        settings->startup_billed = strcmp(money->startup_billed, "yes") == 0 ? CHOICE_YES : CHOICE_NO;
}
