/* Any bytes as an app: read, linked, all checks run, suppressed, fingerprinted and mended; the edits must fit their text. */
#include "fuzz.h"

#include <stdlib.h>

#include "diagnose/checklist.h"
#include "diagnose/suppress.h"
#include "recommend/edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct source source;
    struct rules rules;
    struct catalogue catalogue;
    struct findings findings;
    struct checklist checklist;
    struct str text = str_from((const char *)data, size);
    struct project_file file = {STR("app.py"), STR("/nonexistent/app.py"), size ? text : STR("\n")};
    if (rules_load(&arena, &rules, NULL) || catalogue_load(&arena, NULL, NULL, &catalogue, NULL))
        abort();
    source_read(&arena, &file, 1, &source);
    check_run(&arena, &source, &catalogue, &rules, NULL, &findings);
    suppress_comments(&arena, &source.project, &rules, &findings);
    checklist_make(&arena, &source, &findings, NULL, NULL, &checklist);
    bool *applied = arena_array(&arena, bool, findings.len + 1);
    struct str mended = edit_apply(&arena, file.path, file.text, &findings, FIX_UNSAFE, applied);
    struct buf diff = {0};
    edit_add_diff(&diff, file.path, file.text, mended);
    for (size_t i = 0; i < findings.len; i++)
        if (suppress_fingerprint(&arena, &source.project, &findings.items[i]).len != 32)
            abort();
    buf_release(&diff);
    source_release(&source);
    arena_release(&arena);
    return 0;
}
