/* Bytes that grow.  Zero-initialised is empty and valid; what is in it is always followed by a NUL that len does not count. */
#ifndef COLDSPOT_BASE_BUF_H
#define COLDSPOT_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct buf {
    char *ptr;
    size_t len, cap;
};

void buf_release(struct buf *buf);
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, struct str bytes);
void buf_add_char(struct buf *buf, char c);
void buf_add_repeated(struct buf *buf, struct str piece, size_t times);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Room for `extra` more bytes; the place where they go.  Add what was written to len afterwards. */
char *buf_reserve(struct buf *buf, size_t extra);

/* Valid until the next change of buf. */
struct str buf_str(const struct buf *buf);

/* The same bytes as a C string: "" when nothing was added. */
const char *buf_cstr(const struct buf *buf);

#endif
