/* Which files to read: what was named, and the Python files of directories, as git would see them. */
#ifndef COLDSPOT_SOURCE_WALK_H
#define COLDSPOT_SOURCE_WALK_H

#include "source/project.h"

struct walk_files {
    struct project_file *items;
    size_t len, cap;
};

struct walk_problem {
    struct str path, why;
};
struct walk_problems {
    struct walk_problem *items;
    size_t len, cap;
};

/* Adds path itself where it is a file, else the *.py files below it, sorted, without what .gitignore names (those above the
 * directory up to the repository's root included), .git, and virtual environments.  Links to directories are not followed.
 * What can't be read is a problem, and the walk goes on. */
void walk_add(struct arena *arena, struct str path, struct walk_files *files, struct walk_problems *problems);

/* Whether a .gitignore pattern matches: path is relative to the directory of the file that has the pattern. */
bool walk_pattern_matches(struct str pattern, struct str path, bool is_dir);

#endif
