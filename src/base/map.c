/* Open addressing with linear probing, at most two thirds full, no removal. */
#include "base/map.h"

struct map_slot {
    struct str key; /* ptr NULL: free */
    uint64_t hash, value;
};

static struct map_slot *slot_find(struct map_slot *slots, size_t cap, struct str key, uint64_t hash)
{
    size_t at = hash & (cap - 1);
    while (slots[at].key.ptr && !(slots[at].hash == hash && str_equals(slots[at].key, key)))
        at = (at + 1) & (cap - 1);
    return &slots[at];
}

uint64_t *map_get(const struct map *map, struct str key)
{
    if (!map->len)
        return NULL;
    struct map_slot *slot = slot_find(map->slots, map->cap, key, str_hash(key));
    return slot->key.ptr ? &slot->value : NULL;
}

static void map_grow(struct arena *arena, struct map *map)
{
    size_t cap = map->cap ? map->cap * 2 : 16;
    struct map_slot *slots = arena_array(arena, struct map_slot, cap);
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].key.ptr)
            *slot_find(slots, cap, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    }
    map->slots = slots;
    map->cap = cap;
}

uint64_t *map_put(struct arena *arena, struct map *map, struct str key, bool *fresh_out)
{
    if (map->len * 3 >= map->cap * 2)
        map_grow(arena, map);
    uint64_t hash = str_hash(key);
    struct map_slot *slot = slot_find(map->slots, map->cap, key, hash);
    bool fresh = !slot->key.ptr;
    if (fresh) {
        *slot = (struct map_slot){arena_copy(arena, key), hash, 0};
        map->len++;
    }
    if (fresh_out)
        *fresh_out = fresh;
    return &slot->value;
}

bool map_next(const struct map *map, size_t *cursor, struct str *key_out, uint64_t *value_out)
{
    for (; *cursor < map->cap; ++*cursor) {
        const struct map_slot *slot = &map->slots[*cursor];
        if (!slot->key.ptr)
            continue;
        *key_out = slot->key;
        *value_out = slot->value;
        ++*cursor;
        return true;
    }
    return false;
}

uint32_t intern_id(struct arena *arena, struct intern *intern, struct str name)
{
    bool fresh;
    uint64_t *id = map_put(arena, &intern->map, name, &fresh);
    if (fresh) {
        *id = intern->names.len;
        *array_push(arena, &intern->names) = arena_copy(arena, name);
    }
    return (uint32_t)*id;
}

struct str intern_name(const struct intern *intern, uint32_t id)
{
    return id < intern->names.len ? intern->names.items[id] : STR("");
}
