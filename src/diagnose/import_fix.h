/* The fix of a heavy import: lazy where Python knows that word, a block of image.imports() where several functions of one
 * image need it and no other image has it, else into the functions that use it. */
#ifndef COLDSPOT_DIAGNOSE_IMPORT_FIX_H
#define COLDSPOT_DIAGNOSE_IMPORT_FIX_H

#include "diagnose/check.h"

/* All module-level imports of a file that load the same heavy module. */
struct import_group {
    const struct known_module *row;
    array_of(uint32_t) imports;
};

/* Who uses the names of a group. */
struct import_users {
    bool at_import, local, build;
    array_of(uint32_t) units;
    uint64_t *reached; /* functions of the app */
};

/* The names that a statement imports, and how many of them belong to the group. */
void import_fix_count(const struct module *module, const struct import_group *group, node_id statement, size_t *all_out,
                      size_t *ours_out);

/* Adds the edits, where there are some, and says how safe they are. */
void import_fix_add(struct checker *checker, struct finding *finding, const struct module *module,
                    const struct import_group *group, const struct import_users *users);

#endif
