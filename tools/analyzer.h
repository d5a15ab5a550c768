/* For clang-tidy only (tools/tidy puts it in front of every file): the analyzer looks at one file at a time and cannot
 * know that a failure is never 0, so it would follow paths on which an output was not written and no error was seen. */
#include "base/err.h"

#define err_set(err, code, ...) ((void)(err_set)((err), (code), __VA_ARGS__), -(int)(code))
#define err_wrap(err, ...) ((void)(err_wrap)((err), __VA_ARGS__), -1)
#define err_hint(err, ...) ((void)(err_hint)((err), __VA_ARGS__), -1)
