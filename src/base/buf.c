/* A growing run of bytes, doubled when full, always with a NUL behind it. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_release(struct buf *buf)
{
    if (!buf)
        return;
    free(buf->ptr);
    *buf = (struct buf){0};
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    if (buf->ptr)
        buf->ptr[0] = 0;
}

char *buf_reserve(struct buf *buf, size_t extra)
{
    assert(extra < SIZE_MAX / 4 && buf->len < SIZE_MAX / 4);
    size_t wanted = buf->len + extra + 1;
    if (wanted > buf->cap) {
        size_t cap = buf->cap ? buf->cap * 2 : 64;
        buf->cap = cap > wanted ? cap : wanted;
        buf->ptr = xrealloc(buf->ptr, buf->cap);
    }
    return buf->ptr + buf->len;
}

void buf_add(struct buf *buf, struct str bytes)
{
    char *at = buf_reserve(buf, bytes.len);
    if (bytes.len)
        memcpy(at, bytes.ptr, bytes.len);
    buf->len += bytes.len;
    buf->ptr[buf->len] = 0;
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, str_from(&c, 1));
}

void buf_add_repeated(struct buf *buf, struct str piece, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_add(buf, piece);
}

void buf_addv(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int needed = vsnprintf(NULL, 0, format, args);
    assert(needed >= 0);
    vsnprintf(buf_reserve(buf, (size_t)needed), (size_t)needed + 1, format, again);
    va_end(again);
    buf->len += (size_t)needed;
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_addv(buf, format, args);
    va_end(args);
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf_cstr(buf), buf->len};
}

const char *buf_cstr(const struct buf *buf)
{
    return buf->ptr ? buf->ptr : "";
}
