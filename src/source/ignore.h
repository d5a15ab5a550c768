/* Lines of .gitignore files, read and matched as git does. */
#ifndef COLDSPOT_SOURCE_IGNORE_H
#define COLDSPOT_SOURCE_IGNORE_H

#include "base/arena.h"

struct ignore_pattern {
    struct str text; /* without what the flags say: "!", the first and the last slash */
    bool keeps;      /* "!": what matches is not ignored */
    bool only_dirs;  /* ended in a slash */
    bool only_name;  /* has no other slash: matches a name in any directory */
    bool is_plain;   /* nothing in it is special */
};

struct ignore_patterns {
    struct ignore_pattern *items;
    size_t len, cap;
};

/* Reads one pattern, without its line's end; false where it can match nothing. */
bool ignore_parse(struct str pattern, struct ignore_pattern *out);

/* Adds the patterns of a file, whose text they point into, to patterns in the arena. */
void ignore_read(struct arena *arena, struct str text, struct ignore_patterns *patterns);

/* Whether the pattern matches that path, relative to the directory of the file that has the pattern; what lies above the path is
 * not looked at, and neither is `keeps`.  Takes at most about (length of the pattern) * (length of the path) steps for each
 * directory of the path. */
bool ignore_matches(const struct ignore_pattern *pattern, struct str path, bool is_dir);

#endif
