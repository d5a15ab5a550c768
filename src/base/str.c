/* Views of bytes: comparing, searching, cutting, and reading numbers. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *text)
{
    return text ? (struct str){text, strlen(text)} : (struct str){"", 0};
}

struct str str_from(const char *ptr, size_t len)
{
    return (struct str){ptr, len};
}

bool str_equals(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool str_ends_with(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_equals(str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool str_contains(struct str s, struct str part)
{
    return str_find(s, part) >= 0;
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct str){s.ptr ? s.ptr + from : s.ptr, to - from};
}

struct str str_trim(struct str s)
{
    while (s.len && isspace((unsigned char)s.ptr[0]))
        s = str_slice(s, 1, s.len);
    while (s.len && isspace((unsigned char)s.ptr[s.len - 1]))
        s.len--;
    return s;
}

ptrdiff_t str_find(struct str s, struct str part)
{
    if (part.len == 0)
        return 0;
    if (s.len < part.len)
        return -1;
    const char *at = memmem(s.ptr, s.len, part.ptr, part.len);
    return at ? at - s.ptr : -1;
}

ptrdiff_t str_find_last(struct str s, char c)
{
    for (size_t i = s.len; i > 0; i--) {
        if (s.ptr[i - 1] == c)
            return (ptrdiff_t)i - 1;
    }
    return -1;
}

bool str_cut(struct str *rest, char separator, struct str *piece_out)
{
    if (!rest->ptr)
        return false;
    const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    if (!at) {
        *piece_out = *rest;
        *rest = (struct str){NULL, 0};
        return true;
    }
    size_t taken = (size_t)(at - rest->ptr);
    *piece_out = (struct str){rest->ptr, taken};
    *rest = (struct str){at + 1, rest->len - taken - 1};
    return true;
}

/* strtod and its kin need a NUL; a number longer than this is none. */
enum { NUMBER_MAX = 63 };

static bool number_copy(struct str s, char copy[NUMBER_MAX + 1])
{
    if (s.len == 0 || s.len > NUMBER_MAX || isspace((unsigned char)s.ptr[0]) || memchr(s.ptr, 0, s.len))
        return false;
    memcpy(copy, s.ptr, s.len);
    copy[s.len] = 0;
    return true;
}

bool str_to_u64(struct str s, uint64_t *out)
{
    char copy[NUMBER_MAX + 1];
    if (!number_copy(s, copy) || !isdigit((unsigned char)copy[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(copy, &end, 10);
    if (errno || *end)
        return false;
    *out = value;
    return true;
}

bool str_to_i64(struct str s, int64_t *out)
{
    char copy[NUMBER_MAX + 1];
    if (!number_copy(s, copy))
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(copy, &end, 10);
    if (errno || *end || end == copy)
        return false;
    *out = value;
    return true;
}

bool str_to_f64(struct str s, double *out)
{
    char copy[NUMBER_MAX + 1];
    if (!number_copy(s, copy))
        return false;
    char *end;
    double value = strtod(copy, &end);
    if (*end || end == copy || !isfinite(value))
        return false;
    *out = value;
    return true;
}

size_t str_utf8_length(struct str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (n == 0 || n > s.len)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
            return 0;
    }
    if (n < 3)
        return n;
    unsigned char second = (unsigned char)s.ptr[1];
    bool bad = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
               (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    return bad ? 0 : n;
}

enum { DISTANCE_MAX = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

unsigned str_distance(struct str a, struct str b)
{
    a = str_slice(a, 0, DISTANCE_MAX);
    b = str_slice(b, 0, DISTANCE_MAX);
    unsigned rows[3][DISTANCE_MAX + 1]; /* the row before last, the last one, this one, taking turns */
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned replace = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            now[j] = min3(last[j] + 1, now[j - 1] + 1, replace);
            bool swapped = i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            if (swapped && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return rows[a.len % 3][b.len];
}

void str_consider(struct str_nearest *nearest, struct str asked, struct str candidate)
{
    unsigned distance = str_distance(candidate, asked);
    if (distance < nearest->distance)
        *nearest = (struct str_nearest){candidate, distance};
}

uint64_t str_hash(struct str s)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, then the finaliser of MurmurHash3 for the low bits */
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdu;
    hash ^= hash >> 33;
    return hash;
}

struct str path_base(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');
    return slash < 0 ? path : str_slice(path, (size_t)slash + 1, path.len);
}

struct str path_dir(struct str path)
{
    ptrdiff_t slash = str_find_last(path, '/');
    if (slash < 0)
        return STR(".");
    return slash == 0 ? STR("/") : str_slice(path, 0, (size_t)slash);
}

struct str path_below(struct str path, struct str directory)
{
    bool below = directory.len > 1 && path.len > directory.len + 1 && str_starts_with(path, directory) &&
                 path.ptr[directory.len] == '/';
    return below ? str_slice(path, directory.len + 1, path.len) : path;
}

size_t str_columns(struct str s)
{
    size_t columns = 0;
    for (size_t i = 0; i < s.len; i++)
        columns += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return columns;
}
