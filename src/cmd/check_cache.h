/* The last answer of a check, kept so that the same question on the same texts is not worked out twice. */
#ifndef COLDSPOT_CMD_CHECK_CACHE_H
#define COLDSPOT_CMD_CHECK_CACHE_H

#include "cmd/check.h"

/* 128 bits of everything that an answer depends on and that is known before it is worked out. */
struct cache_key {
    uint64_t words[2];
};

/* Adds bytes, and where they end, to the key. */
void cache_key_add(struct cache_key *key, struct str bytes);

/* A file that the answer depends on beside those that were asked for: its content, or that it is not there. */
struct cache_file {
    struct str path;
    bool exists;
    struct cache_key content;
};

struct cache_entry {
    int exit_code;
    struct str answer; /* for stdout */
    array_of(struct cache_file) files;
};

/* The entry's bytes.  Reading takes any bytes: false where they are not a whole, undamaged entry with that key.  Texts of an
 * entry that was read lie in bytes. */
void cache_entry_write(const struct cache_entry *entry, const struct cache_key *key, struct buf *out);
bool cache_entry_read(struct arena *arena, struct str bytes, const struct cache_key *key,
                      struct cache_entry *entry_out);

/* Whether the answer may be kept or taken from what was kept, and under which key.  path_out: the entry's file.  False where
 * something counts that the key does not hold (budgets, prices of the user's own, a baseline), or there is no cache directory. */
bool cache_find(struct cmd_call *call, const struct check_options *options, const struct opt_words *words,
                struct str format, struct cache_key *key_out, struct str *path_out);

/* Adds the files' texts to the key.  False where one has none. */
bool cache_add_texts(const struct walk_files *files, struct cache_key *key);

/* The kept answer, if it still holds. */
bool cache_load(struct arena *arena, struct str path, const struct cache_key *key, struct cache_entry *entry_out);

/* Keeps the answer, replacing an older one; a cache that cannot be written is none. */
void cache_store(struct arena *arena, struct str path, const struct cache_key *key, const struct project *project,
                 struct cache_entry *entry);

#endif
