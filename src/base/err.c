/* Errors as text: set where they happen, given context on the way up, printed once. */
#include "base/err.h"

#include <stdarg.h>

void err_release(struct err *err)
{
    if (!err)
        return;
    buf_release(&err->message);
    buf_release(&err->hint);
    err->code = ERR_NONE;
}

void err_reset(struct err *err)
{
    buf_reset(&err->message);
    buf_reset(&err->hint);
    err->code = ERR_NONE;
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err)
        return -(int)code;
    err_reset(err);
    err->code = code;
    va_list args;
    va_start(args, format);
    buf_addv(&err->message, format, args);
    va_end(args);
    return -(int)code;
}

int err_wrap(struct err *err, const char *format, ...)
{
    if (!err)
        return -(int)ERR_INTERNAL;
    struct buf wrapped = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&wrapped, format, args);
    va_end(args);
    buf_add(&wrapped, STR(": "));
    buf_add(&wrapped, buf_str(&err->message));
    buf_release(&err->message);
    err->message = wrapped;
    return -(int)err->code;
}

int err_hint(struct err *err, const char *format, ...)
{
    if (!err)
        return -(int)ERR_INTERNAL;
    if (err->hint.len)
        buf_add_char(&err->hint, '\n');
    va_list args;
    va_start(args, format);
    buf_addv(&err->hint, format, args);
    va_end(args);
    return -(int)err->code;
}
