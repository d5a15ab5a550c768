/* A hash map from strings to 64-bit values, and interning on top of it: equal strings get one small number.
 * Zero-initialised is empty and valid; everything lives in the arena that is passed to each call. */
#ifndef COLDSPOT_BASE_MAP_H
#define COLDSPOT_BASE_MAP_H

#include "base/arena.h"

struct map {
    struct map_slot *slots; /* private */
    size_t len, cap;
};

/* The value kept under key, or NULL.  Valid until the next map_put. */
uint64_t *map_get(const struct map *map, struct str key);

/* The place of key's value: new keys start at 0 and their bytes are copied.  *fresh_out, where wanted, says whether it is new. */
uint64_t *map_put(struct arena *arena, struct map *map, struct str key, bool *fresh_out);

/* Walks all entries in no particular order: start with *cursor = 0; false at the end. */
bool map_next(const struct map *map, size_t *cursor, struct str *key_out, uint64_t *value_out);

struct intern {
    struct map map;
    array_of(struct str) names;
};

/* The number of `name`, counted from 0 in the order of first sight. */
uint32_t intern_id(struct arena *arena, struct intern *intern, struct str name);
struct str intern_name(const struct intern *intern, uint32_t id);

#endif
