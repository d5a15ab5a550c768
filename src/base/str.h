/* A view of bytes that somebody else owns.  Nothing here assumes a NUL at the end. */
#ifndef COLDSPOT_BASE_STR_H
#define COLDSPOT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr;
    size_t len;
};

/* Measures a literal at compile time. */
#define STR(literal) ((struct str){("" literal ""), sizeof(literal) - 1})

/* For printf: printf("%.*s", STR_ARG(name)). */
#define STR_ARG(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

/* A view of a C string; of the empty string for NULL. */
struct str str_of(const char *text);
struct str str_from(const char *ptr, size_t len);

bool str_equals(struct str a, struct str b);
bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);
bool str_contains(struct str s, struct str part);

/* <0, 0, >0 by bytes, shorter first: the order of memcmp. */
int str_compare(struct str a, struct str b);

/* Bytes [from, to) of s; both are clipped to its length. */
struct str str_slice(struct str s, size_t from, size_t to);

/* Without the white space at both ends. */
struct str str_trim(struct str s);

/* Where `part` begins, or -1. */
ptrdiff_t str_find(struct str s, struct str part);
ptrdiff_t str_find_last(struct str s, char c);

/* Takes the bytes before the next `separator` off the front of *rest, and the separator with them.
 * Returns false when *rest was already used up (its ptr is NULL then). */
bool str_cut(struct str *rest, char separator, struct str *piece_out);

/* Decimal numbers that use every byte of s.  False: not a number, or out of range; *out is untouched. */
bool str_to_u64(struct str s, uint64_t *out);
bool str_to_i64(struct str s, int64_t *out);
bool str_to_f64(struct str s, double *out);

/* How many edits (insert, delete, replace, swap of neighbours) make b of a, for "did you mean"; both are cut at 64 bytes. */
unsigned str_distance(struct str a, struct str b);

/* The candidate that is nearest to what was asked for, for "did you mean".  distance: at first one more than may lie between them;
 * name.ptr NULL: none was that near. */
struct str_nearest {
    struct str name;
    unsigned distance;
};

/* Takes a candidate that is nearer than all before; the first of equal ones stays. */
void str_consider(struct str_nearest *nearest, struct str asked, struct str candidate);

uint64_t str_hash(struct str s);

/* The last component of a path, and what is before it ("." when there is nothing). */
struct str path_base(struct str path);
struct str path_dir(struct str path);

/* The path relative to the absolute directory when it lies below it, else as it is. */
struct str path_below(struct str path, struct str directory);

/* How many bytes the UTF-8 sequence at the front of s (not empty) has, 0 when it is none (RFC 3629: no surrogates, no overlong
 * forms). */
size_t str_utf8_length(struct str s);

/* How many columns the UTF-8 text takes on a terminal, counting a code point as one. */
size_t str_columns(struct str s);

#endif
