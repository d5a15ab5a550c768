/* Memory that is there or the process ends: the tool has no use for half a malloc.  Not for agent/, cpython/ and the
 * recording's writer, which live in somebody else's process. */
#ifndef COLDSPOT_BASE_MEM_H
#define COLDSPOT_BASE_MEM_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

/* count * size, ending the process where that does not fit a size_t. */
size_t xmultiply(size_t count, size_t size);

#endif
