/* Collapsed stacks, "outer;inner microseconds" a line: what flame graph tools take. */
#include "present/export.h"

#include <stdlib.h>

#include "base/map.h"

struct line {
    struct str stack;
    double wall_s;
};

/* Whether a character ends a line for some reader, or moves a terminal's cursor: the control characters, U+2028 and U+2029. */
static bool is_control(struct str character)
{
    const unsigned char *c = (const unsigned char *)character.ptr;
    return c[0] < ' ' || c[0] == 127 || (character.len == 2 && c[0] == 0xc2 && c[1] < 0xa0) ||
           (character.len == 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9));
}

/* The separators of the format must not come from a name, which is UTF-8. */
static void add_name(struct buf *out, struct str name)
{
    while (name.len) {
        struct str character = str_slice(name, 0, str_utf8_length(name));
        if (character.ptr[0] == ';')
            buf_add_char(out, ':');
        else if (is_control(character))
            buf_add_char(out, '?');
        else
            buf_add(out, character);
        name = str_slice(name, character.len, name.len);
    }
}

/* Empty for our own harness.  What ran in another interpreter than the main one stands below a root of its own. */
static struct str stack_text(const struct profile *profile, const struct run_start *start,
                             const struct run_stack *stack)
{
    int32_t path[EXPORT_DEPTH_MOST];
    size_t n = export_path(start, stack->frame, path);
    struct buf text = {0};
    if (n && stack->interpreter)
        buf_addf(&text, "(interpreter %u);", stack->interpreter);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&text, ';');
        add_name(&text, export_utf8(profile->arena, export_label(profile->arena, &start->frames.items[path[i]])));
    }
    struct str kept = arena_copy(profile->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static int by_stack(const void *a, const void *b)
{
    return str_compare(((const struct line *)a)->stack, ((const struct line *)b)->stack);
}

int export_collapsed(const struct profile *profile, struct buf *out, struct err *err)
{
    (void)err;
    struct map places = {0};
    array_of(struct line) lines = {0};
    for (size_t i = 0; i < profile->run->starts.len; i++) {
        const struct run_start *start = &profile->run->starts.items[i];
        for (size_t k = 0; k < start->stacks.len; k++) {
            const struct run_stack *stack = &start->stacks.items[k];
            if (!export_wants(profile, stack))
                continue;
            bool fresh;
            struct str text = stack_text(profile, start, stack);
            if (!text.len)
                continue;
            uint64_t *place = map_put(profile->arena, &places, text, &fresh);
            if (fresh) {
                *place = lines.len;
                *array_push(profile->arena, &lines) = (struct line){.stack = text};
            }
            lines.items[*place].wall_s += stack->wall_s;
        }
    }
    if (lines.len)
        qsort(lines.items, lines.len, sizeof(lines.items[0]), by_stack);
    for (size_t i = 0; i < lines.len; i++)
        buf_addf(out, "%.*s %.0f\n", STR_ARG(lines.items[i].stack), lines.items[i].wall_s * 1e6);
    return 0;
}
