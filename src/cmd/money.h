/* Options about money, the same for every command that prints some, and the way from a measured target to its price. */
#ifndef COLDSPOT_CMD_MONEY_H
#define COLDSPOT_CMD_MONEY_H

#include "base/opt.h"
#include "price/price.h"
#include "store/run.h"

struct cmd_money {
    const char *prices;   /* a price file of the user's */
    const char *provider; /* NULL: the app's */
    const char *region;   /* NULL: the app's */
    bool nonpreemptible;
    const char *startup_billed;
};
extern const struct opt cmd_money_opts[];

/* The built-in price tables, the user's directory and --prices. */
int cmd_load_prices(struct arena *arena, const struct cmd_money *money, struct catalogue *catalogue_out,
                    struct err *err);

/* What the target asks for, with the options that were given put over it.  A target of no provider is priced on Modal.
 * Strings are borrowed from both. */
struct price_settings cmd_price_settings(const struct run_target *target, const struct cmd_money *money);

#endif
