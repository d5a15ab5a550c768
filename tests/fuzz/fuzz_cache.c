/* Kept answers of check: any bytes are no entry, or one that is written back as the same bytes; also behind a header that is
 * right, which chance would not find. */
#include "fuzz.h"

#include <stdlib.h>

#include "cmd/check_cache.h"

static void read_entry(struct str bytes, const struct cache_key *key)
{
    struct arena arena = {0};
    struct cache_entry entry;
    struct buf again = {0};
    if (cache_entry_read(&arena, bytes, key, &entry)) {
        cache_entry_write(&entry, key, &again);
        if (!str_equals(buf_str(&again), bytes))
            abort();
    }
    buf_release(&again);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_from((const char *)data, size);
    struct cache_key key = {{7, 8}}, sum = {{1, 2}};
    struct buf whole = {0};
    read_entry(bytes, &key);
    cache_key_add(&sum, bytes);
    buf_add(&whole, STR("coldspot check 1\n"));
    buf_add(&whole, str_from((const char *)&key, sizeof(key)));
    buf_add(&whole, str_from((const char *)&sum, sizeof(sum)));
    buf_add(&whole, bytes);
    read_entry(buf_str(&whole), &key);
    buf_release(&whole);
    return 0;
}
