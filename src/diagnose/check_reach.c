/* Which files lead to which, through imports of the project, direct or not.
 *
 * A file's answer never counts the file itself, and files import each other in circles, so each keeps up to two files that it leads
 * to: a third would add nothing.  Every import is thus followed at most twice, from the file that is imported. */
#include "diagnose/check.h"

struct imported_by {
    array_of(uint32_t) items;
};

struct two {
    uint32_t files[2]; /* numbers, plus 1 */
};

static const struct imported_by *files_importing(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    if (checker->imported_by)
        return checker->imported_by;
    checker->imported_by = arena_array(checker->arena, struct imported_by, project->modules.len + 1);
    for (uint32_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++) {
            const struct import *import = &project->modules.items[i]->imports.items[k];
            const struct module *targets[] = {import->target, import->submodule};
            for (size_t n = 0; n < 2; n++)
                if (targets[n])
                    *array_push(checker->arena, &checker->imported_by[targets[n]->index].items) = i;
        }
    return checker->imported_by;
}

/* Notes that the file leads to `to`; false where that is known, or enough is. */
static bool note(struct two *two, uint32_t to)
{
    for (size_t i = 0; i < 2; i++) {
        if (two->files[i] == to)
            return false;
        if (!two->files[i]) {
            two->files[i] = to;
            return true;
        }
    }
    return false;
}

void check_leads(struct checker *checker, const bool *wanted, bool *leads_out)
{
    struct step {
        uint32_t file, to;
    };
    struct arena scratch = {0};
    size_t n = checker->source->project.modules.len;
    const struct imported_by *by = files_importing(checker);
    struct two *leads = arena_array(&scratch, struct two, n + 1);
    array_of(struct step) queue = {0};
    for (uint32_t i = 0; i < n; i++)
        if (wanted[i])
            *array_push(&scratch, &queue) = (struct step){i, i + 1};
    for (size_t i = 0; i < queue.len; i++) {
        struct step step = queue.items[i];
        for (size_t k = 0; k < by[step.file].items.len; k++) {
            uint32_t from = by[step.file].items.items[k];
            if (note(&leads[from], step.to))
                *array_push(&scratch, &queue) = (struct step){from, step.to};
        }
    }
    for (uint32_t i = 0; i < n; i++)
        leads_out[i] = (leads[i].files[0] && leads[i].files[0] != i + 1) || leads[i].files[1];
    arena_release(&scratch);
}
