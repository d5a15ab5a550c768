/* The table of output formats. */
#include "present/present.h"

static const struct format formats[] = {
    {"text", ".txt", present_text},
    {"json", ".json", present_json},
    {"jsonl", ".jsonl", present_jsonl},
    {"markdown", ".md|.markdown", present_markdown},
    {"github", "", present_github},
    {"gitlab", ".gitlab.json", present_gitlab},
    {"sarif", ".sarif|.sarif.json", present_sarif},
    {"junit", ".xml", present_junit},
};

const char present_choices[] = "text|json|jsonl|markdown|github|gitlab|sarif|junit";

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct format *present_find(struct str name)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (str_equals(str_of(formats[i].name), name))
            return &formats[i];
    }
    return NULL;
}

/* The longest suffix decides: findings.sarif.json is SARIF. */
const struct format *present_find_by_path(struct str path)
{
    const struct format *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < FORMATS; i++) {
        struct str rest = str_of(formats[i].suffixes), suffix;
        while (str_cut(&rest, '|', &suffix)) {
            if (suffix.len > longest && str_ends_with(path, suffix)) {
                longest = suffix.len;
                best = &formats[i];
            }
        }
    }
    return best;
}
