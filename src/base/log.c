/* Debug lines for those who look for a fault in coldspot itself. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void log_debug(const char *format, ...)
{
    const char *level = getenv("COLDSPOT_LOG");
    if (!level || strcmp(level, "debug") != 0)
        return;
    va_list args;
    va_start(args, format);
    fputs("coldspot: debug: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}
