/* JSON: the contract that the command wrote, and nothing else. */
#include "present/present.h"

int present_json(const struct document *document, const struct present_options *options, struct buf *out,
                 struct err *err)
{
    (void)options;
    if (!document->json.len)
        return err_set(err, ERR_USAGE, "this command has no JSON output");
    buf_add(out, buf_str(&document->json));
    buf_add_char(out, '\n');
    return 0;
}
