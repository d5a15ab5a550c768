/* What every unit test includes: cmocka in the order that it wants, and a few checks over our own types. */
#ifndef COLDSPOT_TESTS_UNIT_H
#define COLDSPOT_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str(actual, expected) assert_str_at((actual), (expected), __FILE__, __LINE__)

static inline void assert_str_at(struct str actual, const char *expected, const char *file, int line)
{
    if (str_equals(actual, str_of(expected)))
        return;
    print_error("'%.*s' != '%s'\n", STR_ARG(actual), expected);
    _fail(file, line);
}

#endif
