/* Output formats: a row each in present.c, a file each beside it. */
#ifndef COLDSPOT_PRESENT_PRESENT_H
#define COLDSPOT_PRESENT_PRESENT_H

#include "base/err.h"
#include "present/document.h"

struct present_options {
    bool color;
    uint32_t width; /* of the terminal; 0: 100 */
};

struct format {
    const char *name;
    const char *suffixes; /* of files written with -o: ".md|.markdown" */
    int (*write)(const struct document *document, const struct present_options *options, struct buf *out,
                 struct err *err);
};

/* "text|json|markdown...": the names of all formats, for --format. */
extern const char present_choices[];

const struct format *present_find(struct str name);

/* The format whose suffix the path has; NULL when none. */
const struct format *present_find_by_path(struct str path);

int present_text(const struct document *document, const struct present_options *options, struct buf *out,
                 struct err *err);
int present_json(const struct document *document, const struct present_options *options, struct buf *out,
                 struct err *err);
int present_markdown(const struct document *document, const struct present_options *options, struct buf *out,
                     struct err *err);
int present_jsonl(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err);
int present_github(const struct document *document, const struct present_options *options, struct buf *out,
                   struct err *err);
int present_gitlab(const struct document *document, const struct present_options *options, struct buf *out,
                   struct err *err);
int present_sarif(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err);
int present_junit(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err);

#endif
