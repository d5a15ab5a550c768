/* Patterns of .gitignore: "PATTERN\nPATH".  Those without sets and escapes match as the plain recursion over their definition says. */
#include "fuzz.h"

#include <stdlib.h>

#include "source/ignore.h"

enum { MOST = 48 };

struct reference {
    struct str pattern, path;
    signed char known[MOST + 1][MOST + 1]; /* 0: not asked yet; 1: matches; -1: doesn't */
};

static bool rest_matches(struct reference *r, size_t p, size_t t);

/* Stars at p, n of them. */
static bool stars_match(struct reference *r, size_t p, size_t n, size_t t)
{
    struct str pattern = r->pattern, path = r->path;
    size_t after = p + n;
    bool deep = n > 1 && (!p || pattern.ptr[p - 1] == '/') && (after == pattern.len || pattern.ptr[after] == '/');
    if (deep && after == pattern.len)
        return true;
    if (deep && rest_matches(r, after + 1, t))
        return true;
    for (; t < path.len; t++) {
        if (deep ? path.ptr[t] == '/' && rest_matches(r, after + 1, t + 1) : rest_matches(r, after, t))
            return true;
        if (!deep && path.ptr[t] == '/')
            return false;
    }
    return !deep && rest_matches(r, after, t);
}

static bool rest_matches(struct reference *r, size_t p, size_t t)
{
    signed char *known = &r->known[p][t];
    if (*known)
        return *known > 0;
    bool matches;
    size_t n = 0;
    while (p + n < r->pattern.len && r->pattern.ptr[p + n] == '*')
        n++;
    if (p == r->pattern.len)
        matches = t == r->path.len;
    else if (n)
        matches = stars_match(r, p, n, t);
    else
        matches = t < r->path.len &&
                  (r->pattern.ptr[p] == r->path.ptr[t] || (r->pattern.ptr[p] == '?' && r->path.ptr[t] != '/')) &&
                  rest_matches(r, p + 1, t + 1);
    *known = matches ? 1 : -1;
    return matches;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str path = str_from((const char *)data, size), line;
    struct ignore_pattern pattern;
    struct arena arena = {0};
    struct ignore_patterns patterns = {0};
    ignore_read(&arena, path, &patterns);
    for (size_t i = 0; i < patterns.len; i++)
        ignore_matches(&patterns.items[i], STR("src/a [b]/ab.py"), false);
    arena_release(&arena);
    if (!str_cut(&path, '\n', &line) || !path.ptr || !ignore_parse(line, &pattern))
        return 0;
    bool matches = ignore_matches(&pattern, path, true);
    if (pattern.text.len > MOST || path.len > MOST || str_contains(line, STR("[")) || str_contains(line, STR("\\")))
        return 0;
    struct reference reference = {pattern.text, pattern.only_name ? path_base(path) : path, {{0}}};
    if (matches != rest_matches(&reference, 0, 0))
        abort();
    return 0;
}
