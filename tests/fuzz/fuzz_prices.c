/* Any bytes as a price file: never a crash, and what is accepted gives a finite rate. */
#include <math.h>
#include <stdlib.h>

#include "price/price.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_rate(struct arena *arena, struct catalogue *catalogue, struct price_table *table)
{
    struct price_settings settings = {.provider = table->provider, .cpu = 2, .memory_mib = 1024, .disk_mib = 2048};
    struct price_rate rate;
    catalogue->tables.items[0] = table;
    if (price_rate(arena, catalogue, &settings, NULL, &rate, NULL) == 0 && !isfinite(price_cold(&rate, 1, 1)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct catalogue catalogue;
    if (catalogue_load(&arena, NULL, NULL, &catalogue, NULL))
        abort();
    struct price_problems problems = {0};
    struct price_table *table = price_read(&arena, &catalogue, str_from((const char *)data, size), "fuzz", &problems);
    bool usable = true;
    for (size_t i = 0; i < problems.len; i++)
        usable &= problems.items[i].is_warning;
    if (usable)
        try_rate(&arena, &catalogue, table);
    arena_release(&arena);
    return 0;
}
