/* Edits as byte ranges of one text: sorted, checked for overlap finding by finding, then written out in one go. */
#include "recommend/edit.h"

#include <stdlib.h>
#include <string.h>

/* An edit with its range in bytes. */
struct piece {
    size_t start, end;
    struct str text;
    size_t order;
};

struct pieces {
    array_of(struct piece) items;
};

static size_t offset_of(struct str text, uint32_t line, uint32_t column)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line && at < text.len; i++) {
        const char *newline = memchr(text.ptr + at, '\n', text.len - at);
        at = newline ? (size_t)(newline - text.ptr) + 1 : text.len;
    }
    return at + column - 1 < text.len ? at + column - 1 : text.len;
}

static bool same_piece(const struct piece *a, const struct piece *b)
{
    return a->start == b->start && a->end == b->end && str_equals(a->text, b->text);
}

/* Insertions at one place do not disturb each other; anything else that meets does. */
static bool overlaps(const struct piece *a, const struct piece *b)
{
    if (a->start == a->end && b->start == b->end)
        return false;
    if (a->start == a->end || b->start == b->end)
        return a->start < b->end && b->start < a->end;
    return a->start < b->end && b->start < a->end;
}

static bool fits(const struct pieces *pieces, const struct piece *piece)
{
    for (size_t i = 0; i < pieces->items.len; i++)
        if (!same_piece(&pieces->items.items[i], piece) && overlaps(&pieces->items.items[i], piece))
            return false;
    return true;
}

static void add_piece(struct arena *arena, struct pieces *pieces, const struct piece *piece)
{
    for (size_t i = 0; i < pieces->items.len; i++)
        if (same_piece(&pieces->items.items[i], piece))
            return;
    *array_push(arena, &pieces->items) = *piece;
}

static bool wants(const struct finding *finding, struct str file, enum fix_kind least)
{
    if (finding->fix < least || !finding->edits.len)
        return false;
    for (size_t i = 0; i < finding->edits.len; i++)
        if (str_equals(finding->edits.items[i].place.file, file))
            return true;
    return false;
}

static int by_start(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* All of a finding's edits of the file, or none. */
static bool take(struct arena *arena, struct pieces *pieces, struct str file, struct str text,
                 const struct finding *finding, size_t order)
{
    struct pieces own = {0};
    for (size_t i = 0; i < finding->edits.len; i++) {
        const struct edit *edit = &finding->edits.items[i];
        if (!str_equals(edit->place.file, file))
            continue;
        struct piece piece = {offset_of(text, edit->place.line, edit->place.column),
                              offset_of(text, edit->place.end_line, edit->place.end_column), edit->text, order};
        if (piece.end < piece.start || !fits(pieces, &piece))
            return false;
        *array_push(arena, &own.items) = piece;
    }
    for (size_t i = 0; i < own.items.len; i++)
        add_piece(arena, pieces, &own.items.items[i]);
    return true;
}

struct str edit_apply(struct arena *arena, struct str file, struct str text, const struct findings *findings,
                      enum fix_kind least, bool *applied_out)
{
    struct pieces pieces = {0};
    struct buf out = {0};
    size_t at = 0;
    for (size_t i = 0; i < findings->len; i++)
        if (wants(&findings->items[i], file, least) && take(arena, &pieces, file, text, &findings->items[i], i))
            applied_out[i] = true;
    if (pieces.items.len)
        qsort(pieces.items.items, pieces.items.len, sizeof(struct piece), by_start);
    for (size_t i = 0; i < pieces.items.len; i++) {
        const struct piece *piece = &pieces.items.items[i];
        buf_add(&out, str_slice(text, at, piece->start));
        buf_add(&out, piece->text);
        at = piece->end > at ? piece->end : at;
    }
    buf_add(&out, str_slice(text, at, text.len));
    struct str result = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return result;
}

/* ---- diff */

enum { CONTEXT = 3, TABLE_MOST = 4000000 };

struct lines {
    array_of(struct str) items;
};

static void split(struct arena *arena, struct str text, struct lines *lines)
{
    while (text.len) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t n = newline ? (size_t)(newline - text.ptr) + 1 : text.len;
        *array_push(arena, &lines->items) = str_slice(text, 0, n);
        text = str_slice(text, n, text.len);
    }
}

/* What becomes of the lines: ' ', '-' or '+' for each, in the order of the diff. */
struct script {
    array_of(struct {
        char sign;
        struct str line;
    }) items;
};

static void add_line(struct arena *arena, struct script *script, char sign, struct str line)
{
    __typeof__(script->items.items) item = array_push(arena, &script->items);
    item->sign = sign;
    item->line = line;
}

/* Longest common subsequence of what lies between the equal heads and tails. */
static void compare_middle(struct arena *arena, struct script *script, const struct str *a, size_t n,
                           const struct str *b, size_t m)
{
    if ((n + 1) * (m + 1) > TABLE_MOST) {
        for (size_t i = 0; i < n; i++)
            add_line(arena, script, '-', a[i]);
        for (size_t i = 0; i < m; i++)
            add_line(arena, script, '+', b[i]);
        return;
    }
    uint32_t *table = arena_array(arena, uint32_t, (n + 1) * (m + 1));
    for (size_t i = n; i-- > 0;)
        for (size_t k = m; k-- > 0;) {
            uint32_t down = table[(i + 1) * (m + 1) + k], right = table[i * (m + 1) + k + 1];
            table[i * (m + 1) + k] = str_equals(a[i], b[k]) ? table[(i + 1) * (m + 1) + k + 1] + 1
                                     : down > right         ? down
                                                            : right;
        }
    size_t i = 0, k = 0;
    while (i < n || k < m) {
        if (i < n && k < m && str_equals(a[i], b[k])) {
            add_line(arena, script, ' ', a[i++]);
            k++;
        } else if (i < n && (k == m || table[(i + 1) * (m + 1) + k] >= table[i * (m + 1) + k + 1])) {
            add_line(arena, script, '-', a[i++]);
        } else {
            add_line(arena, script, '+', b[k++]);
        }
    }
}

static void make_script(struct arena *arena, const struct lines *a, const struct lines *b, struct script *script)
{
    size_t head = 0, tail = 0, n = a->items.len, m = b->items.len;
    while (head < n && head < m && str_equals(a->items.items[head], b->items.items[head]))
        head++;
    while (tail < n - head && tail < m - head && str_equals(a->items.items[n - 1 - tail], b->items.items[m - 1 - tail]))
        tail++;
    for (size_t i = 0; i < head; i++)
        add_line(arena, script, ' ', a->items.items[i]);
    compare_middle(arena, script, a->items.items + head, n - head - tail, b->items.items + head, m - head - tail);
    for (size_t i = n - tail; i < n; i++)
        add_line(arena, script, ' ', a->items.items[i]);
}

static void add_range(struct buf *out, char sign, size_t first, size_t n)
{
    buf_addf(out, "%c%zu", sign, n ? first + 1 : first);
    if (n != 1)
        buf_addf(out, ",%zu", n);
}

/* One hunk: the lines [from, to) of the script; old and new: lines of either text before it. */
static void add_hunk(struct buf *out, const struct script *script, size_t from, size_t to, size_t old_line,
                     size_t new_line)
{
    size_t olds = 0, news = 0;
    for (size_t i = from; i < to; i++) {
        olds += script->items.items[i].sign != '+';
        news += script->items.items[i].sign != '-';
    }
    buf_add(out, STR("@@ "));
    add_range(out, '-', old_line, olds);
    buf_add_char(out, ' ');
    add_range(out, '+', new_line, news);
    buf_add(out, STR(" @@\n"));
    for (size_t i = from; i < to; i++) {
        struct str line = script->items.items[i].line;
        buf_add_char(out, script->items.items[i].sign);
        buf_add(out, line);
        if (!str_ends_with(line, STR("\n")))
            buf_add(out, STR("\n\\ No newline at end of file\n"));
    }
}

void edit_add_diff(struct buf *out, struct str file, struct str before, struct str after)
{
    struct arena arena = {0};
    struct lines a = {0}, b = {0};
    struct script script = {0};
    if (str_equals(before, after))
        return;
    split(&arena, before, &a);
    split(&arena, after, &b);
    make_script(&arena, &a, &b, &script);
    const char *slash = str_starts_with(file, STR("/")) ? "" : "/";
    buf_addf(out, "--- a%s%.*s\n+++ b%s%.*s\n", slash, STR_ARG(file), slash, STR_ARG(file));
    size_t old_line = 0, new_line = 0, n = script.items.len;
    for (size_t i = 0; i < n;) {
        if (script.items.items[i].sign == ' ') {
            i++;
            old_line++;
            new_line++;
            continue;
        }
        size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i, to;
        for (to = i; to < n && to - last <= 2 * CONTEXT; to++)
            if (script.items.items[to].sign != ' ')
                last = to;
        to = last + 1 + CONTEXT < n ? last + 1 + CONTEXT : n;
        add_hunk(out, &script, from, to, old_line - (i - from), new_line - (i - from));
        for (; i < to; i++) {
            old_line += script.items.items[i].sign != '+';
            new_line += script.items.items[i].sign != '-';
        }
    }
    arena_release(&arena);
}
