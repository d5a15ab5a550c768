/* Patterns of .gitignore.  Facts: gitignore(5), and the behaviour of git's wildmatch with WM_PATHNAME, against which a test
 * compares random trees. */
#include "source/ignore.h"

#include <ctype.h>
#include <string.h>

/* ---- matching */

struct class_name {
    const char *name;
    int (*holds)(int c);
};

static const struct class_name class_names[] = {
    {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
    {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
    {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
};

/* "alpha" for isalpha(c): 1 or 0; -1: there is no such class. */
static int is_of_class(struct str name, unsigned char c)
{
    for (size_t i = 0; i < sizeof(class_names) / sizeof(class_names[0]); i++)
        if (str_equals(name, str_of(class_names[i].name)))
            return c < 128 && class_names[i].holds(c);
    return -1;
}

/* What a "[" set says so far. */
struct set {
    unsigned char c;
    bool matched, failed; /* failed: the set is no set, and matches nothing */
};

/* "[:alpha:]" at p, if it is one: moves p to its last byte. */
static bool take_class(const char **p, const char *end, struct set *set)
{
    const char *name = *p + 2, *close;
    if (end - *p < 2 || **p != '[' || (*p)[1] != ':')
        return false;
    close = memchr(name, ']', (size_t)(end - name));
    if (!close) {
        set->failed = true;
        return true;
    }
    if (close == name || close[-1] != ':')
        return false;
    int holds = is_of_class(str_from(name, (size_t)(close - 1 - name)), set->c);
    set->failed = holds < 0;
    set->matched |= holds > 0;
    *p = close;
    return true;
}

/* The byte at p, or the one that a backslash there keeps from being special. */
static unsigned char plain_byte(const char **p, const char *end, struct set *set)
{
    if (**p == '\\' && ++*p == end) {
        set->failed = true;
        return 0;
    }
    return (unsigned char)**p;
}

/* A set, whose "[" is at p: moves p past its "]".  A "]" that comes first, and a "-" that comes first or last, mean themselves. */
static bool match_set(const char **at, const char *end, char c)
{
    struct set set = {.c = (unsigned char)c};
    const char *p = *at + 1;
    unsigned char before = 0; /* where a range could begin */
    bool negated = p < end && (*p == '!' || *p == '^');
    p += negated;
    for (bool first = true;; first = false, p++) {
        if (p == end)
            return false;
        if (*p == ']' && !first)
            break;
        if (take_class(&p, end, &set)) {
            before = 0;
        } else if (*p == '-' && before && p + 1 < end && p[1] != ']') {
            p++;
            unsigned char last = plain_byte(&p, end, &set);
            set.matched |= set.c >= before && set.c <= last;
            before = 0;
        } else {
            before = plain_byte(&p, end, &set);
            set.matched |= !set.failed && set.c == before;
        }
        if (set.failed)
            return false;
    }
    *at = p + 1;
    return set.matched != negated && c != '/';
}

/* One byte of the path against what is at p, no star: moves p past it. */
static bool match_byte(const char **p, const char *end, char c)
{
    if (**p == '[')
        return match_set(p, end, c);
    if (**p == '?') {
        ++*p;
        return c != '/';
    }
    if (**p == '\\' && ++*p == end)
        return false;
    return *(*p)++ == c;
}

/* Where matching goes on if it fails: a star takes one byte more, a "**" one directory more.  Stars before the last of a kind need
 * not be tried again: what stands between was found as early as can be. */
struct matcher {
    const char *begin, *p, *end, *t, *t_end;
    const char *star_p, *star_t; /* NULL: no star in this directory */
    const char *deep_p, *deep_t; /* NULL: no "**" yet */
};

/* On to the next directory that a "**" could reach to. */
static bool deepen(struct matcher *m)
{
    const char *slash = m->deep_p && m->deep_t < m->t_end ? memchr(m->deep_t, '/', (size_t)(m->t_end - m->deep_t))
                                                          : NULL;
    if (!slash)
        return false;
    m->deep_t = m->t = slash + 1;
    m->p = m->deep_p;
    m->star_p = NULL;
    return true;
}

static bool go_back(struct matcher *m)
{
    if (!m->star_p || m->star_t == m->t_end || *m->star_t == '/')
        return deepen(m);
    m->t = ++m->star_t;
    m->p = m->star_p;
    return true;
}

/* Stars at p.  Two or more that fill a whole part of the path stand for any number of directories; else they are one star. */
static bool take_stars(struct matcher *m, bool *all_out)
{
    bool begins = m->p == m->begin || m->p[-1] == '/';
    const char *first = m->p;
    while (m->p < m->end && *m->p == '*')
        m->p++;
    bool escaped = m->end - m->p > 1 && m->p[0] == '\\' && m->p[1] == '/';
    bool deep = m->p - first > 1 && begins && (m->p == m->end || *m->p == '/' || escaped);
    *all_out = deep && m->p == m->end;
    if (!deep || *all_out) {
        m->star_p = m->p;
        m->star_t = m->t;
        return true;
    }
    m->p += 1 + escaped;
    m->deep_p = m->p;
    m->deep_t = m->t;
    m->star_p = NULL;
    return !escaped || deepen(m); /* git: an escaped slash after them is never left out */
}

static bool match_path(struct str pattern, struct str path)
{
    struct matcher m = {.begin = pattern.ptr,
                        .p = pattern.ptr,
                        .end = pattern.ptr + pattern.len,
                        .t = path.ptr,
                        .t_end = path.ptr + path.len};
    while (m.p < m.end || m.t < m.t_end) {
        bool all = false;
        if (m.p < m.end && *m.p == '*') {
            if (!take_stars(&m, &all))
                return false;
            if (all)
                return true;
        } else if (m.p == m.end || m.t == m.t_end || !match_byte(&m.p, m.end, *m.t++)) {
            if (!go_back(&m))
                return false;
        }
    }
    return true;
}

bool ignore_matches(const struct ignore_pattern *pattern, struct str path, bool is_dir)
{
    if (pattern->only_dirs && !is_dir)
        return false;
    if (pattern->only_name)
        path = path_base(path);
    return pattern->is_plain ? str_equals(pattern->text, path) : match_path(pattern->text, path);
}

/* ---- reading */

bool ignore_parse(struct str pattern, struct ignore_pattern *out)
{
    *out = (struct ignore_pattern){.is_plain = true};
    if (str_starts_with(pattern, STR("!"))) {
        out->keeps = true;
        pattern = str_slice(pattern, 1, pattern.len);
    }
    if (str_ends_with(pattern, STR("/"))) {
        out->only_dirs = true;
        pattern = str_slice(pattern, 0, pattern.len - 1);
    }
    out->only_name = !str_contains(pattern, STR("/"));
    if (str_starts_with(pattern, STR("/")))
        pattern = str_slice(pattern, 1, pattern.len);
    for (size_t i = 0; i < pattern.len; i++)
        out->is_plain &= !strchr("*?[\\", pattern.ptr[i]);
    out->text = pattern;
    return pattern.len > 0;
}

/* Without the blanks at its end, of which a backslash keeps the one after it. */
static struct str without_blanks(struct str line)
{
    size_t end = line.len;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == ' ') {
            end = end < i ? end : i;
            continue;
        }
        end = line.len;
        if (line.ptr[i] == '\\' && ++i == line.len)
            break;
    }
    return str_slice(line, 0, end);
}

void ignore_read(struct arena *arena, struct str text, struct ignore_patterns *patterns)
{
    struct str line;
    struct ignore_pattern pattern;
    if (str_starts_with(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.len);
    while (str_cut(&text, '\n', &line)) {
        const char *nul = line.len ? memchr(line.ptr, '\0', line.len) : NULL;
        if (str_ends_with(line, STR("\r")))
            line = str_slice(line, 0, line.len - 1);
        if (nul)
            line = str_slice(line, 0, (size_t)(nul - line.ptr));
        if (line.len && line.ptr[0] != '#' && ignore_parse(without_blanks(line), &pattern))
            *array_push(arena, patterns) = pattern;
    }
}
