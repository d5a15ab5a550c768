/* Options about money, the same for every command that prints some. */
#ifndef COLDSPOT_CMD_MONEY_H
#define COLDSPOT_CMD_MONEY_H

#include "base/opt.h"
#include "price/price.h"

struct cmd_money {
    const char *prices;   /* a price file of the user's */
    const char *provider; /* NULL: the app's */
    const char *gpu;      /* these override what the app asks for */
    double cpu;
    uint32_t memory_mib;
    const char *region;
    bool nonpreemptible;
    const char *startup_billed;
};
extern const struct opt cmd_money_opts[];

/* The built-in price tables, the user's directory and --prices. */
int cmd_load_prices(struct arena *arena, const struct cmd_money *money, struct catalogue *catalogue_out,
                    struct err *err);

/* Puts the options that were given over the app's settings. */
void cmd_apply_money(const struct cmd_money *money, struct price_settings *settings);

#endif
