/* The table of output formats. */
#include "present/present.h"

static const struct format formats[] = {
    {"text", ".txt", present_text},
    {"json", ".json", present_json},
    {"markdown", ".md|.markdown", present_markdown},
};

const char present_choices[] = "text|json|markdown";

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct format *present_find(struct str name)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (str_equals(str_of(formats[i].name), name))
            return &formats[i];
    }
    return NULL;
}

const struct format *present_find_by_path(struct str path)
{
    for (size_t i = 0; i < FORMATS; i++) {
        struct str rest = str_of(formats[i].suffixes), suffix;
        while (str_cut(&rest, '|', &suffix)) {
            if (str_ends_with(path, suffix))
                return &formats[i];
        }
    }
    return NULL;
}
