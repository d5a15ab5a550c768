/* Three tables with open hashing: code objects by address, instructions to lines, and the tree's nodes.  The first two are caches and
 * are emptied when they are full; nodes are for good, since their ids stand in the recording. */
#include "agent/stacktree.h"

#include <string.h>

#include "cpython/text.h"

enum { CHECK_AFTER_NS = 1000000000, TEXT_MOST = 1024 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t hash = (a ^ b * 0x9e3779b97f4a7c15u) * 0xc2b2ae3d27d4eb4fu;
    return hash ^ hash >> 29;
}

/* ---- code objects ---- */

struct text {
    size_t length;
    char bytes[TEXT_MOST];
};

static bool read_text(const struct stacktree *tree, uint64_t str, struct text *text)
{
    text->length = 0;
    return text_read(&tree->frames->memory, &tree->frames->layout, str, text->bytes, sizeof(text->bytes),
                     &text->length) == 0 &&
           text->length > 0;
}

static bool is(const struct text *text, const char *word)
{
    return text->length == strlen(word) && memcmp(text->bytes, word, text->length) == 0;
}

/* Fills a slot with the names of a code object that was not known. */
static bool name_code(struct stacktree *tree, struct stacktree_code *slot, uint64_t address,
                      const struct frames_code *code)
{
    struct text name, file;
    if (!read_text(tree, code->qualname ? code->qualname : code->name, &name) ||
        !read_text(tree, code->filename, &file))
        return false;
    *slot = (struct stacktree_code){
        .address = address,
        .code = *code,
        .function = writer_string(tree->writer, tree->thread, name.bytes, name.length),
        .file = writer_private_string(tree->writer, tree->thread, file.bytes, file.length),
        .generation = slot->generation + 1,
        .brief = is(&name, "<module>") || is(&file, "<string>"),
        .shim = is(&name, "<interpreter trampoline>"),
    };
    return true;
}

static bool is_same(const struct frames_code *a, const struct frames_code *b)
{
    return a->filename == b->filename && a->name == b->name && a->qualname == b->qualname && a->lines == b->lines &&
           a->first_line == b->first_line;
}

static void forget_sites(struct stacktree *tree)
{
    memset(tree->site_at, 0, sizeof(tree->site_at));
    tree->sites_used = 0;
}

static void forget_codes(struct stacktree *tree)
{
    memset(tree->code_at, 0, sizeof(tree->code_at));
    memset(tree->codes, 0, sizeof(tree->codes));
    tree->codes_used = 0;
    forget_sites(tree);
}

/* The place of the code object at this address among the small numbers: its own, or a free one. */
static uint16_t *code_place(struct stacktree *tree, uint64_t address)
{
    for (uint64_t at = mix(address, 1);; at++) {
        uint16_t *place = &tree->code_at[at % STACKTREE_CODES];
        if (*place == 0 || tree->codes[*place - 1].address == address)
            return place;
    }
}

static struct stacktree_code *find_code(struct stacktree *tree, uint64_t address, uint64_t now_ns)
{
    if (tree->codes_used == STACKTREE_CODES_MOST)
        forget_codes(tree);
    uint16_t *place = code_place(tree, address);
    struct stacktree_code *slot = &tree->codes[*place ? *place - 1u : tree->codes_used];
    if (*place && !slot->brief && !tree->is_own && now_ns - slot->checked_ns < CHECK_AFTER_NS)
        return slot;
    struct frames_code code;
    if (frames_code(tree->frames, address, &code))
        return NULL;
    if ((!*place || !is_same(&slot->code, &code)) && !name_code(tree, slot, address, &code))
        return NULL;
    if (!*place)
        *place = (uint16_t)++tree->codes_used;
    slot->checked_ns = now_ns;
    return slot;
}

/* ---- lines ---- */

static uint32_t find_line(struct stacktree *tree, const struct stacktree_code *code, const struct frame *frame)
{
    if (tree->sites_used == STACKTREE_SITES_MOST)
        forget_sites(tree);
    for (uint64_t at = mix(frame->code, frame->instruction);; at++) {
        uint16_t *place = &tree->site_at[at % STACKTREE_SITES];
        struct stacktree_site *site = &tree->sites[*place ? *place - 1u : tree->sites_used];
        if (*place && (site->code != frame->code || site->instruction != frame->instruction))
            continue;
        if (*place && site->generation == code->generation)
            return site->line;
        if (!*place)
            *place = (uint16_t)++tree->sites_used;
        uint32_t line = frames_line(tree->frames, frame, &code->code, tree->scratch, sizeof(tree->scratch));
        *site = (struct stacktree_site){frame->code, frame->instruction, code->generation, line};
        return line;
    }
}

/* ---- nodes ---- */

static bool write_node(struct stacktree *tree, uint32_t id, const struct stacktree_node *node)
{
    struct event_stack_node *record = writer_reserve(tree->writer, tree->thread, EVENT_STACK_NODE, sizeof(*record));
    if (!record)
        return false;
    record->id = id;
    record->parent = node->parent;
    record->function = node->function;
    record->file = node->file;
    record->line = node->line;
    writer_commit(tree->thread, record, sizeof(*record));
    return true;
}

static uint32_t find_node(struct stacktree *tree, const struct stacktree_node *node)
{
    uint16_t *place;
    for (uint64_t at = mix((uint64_t)node->function << 32 | node->parent, (uint64_t)node->file << 32 | node->line);;
         at++) {
        place = &tree->node_at[at % STACKTREE_NODES];
        if (*place == 0)
            break;
        const struct stacktree_node *met = &tree->nodes[*place - 1];
        if (met->parent == node->parent && met->function == node->function && met->file == node->file &&
            met->line == node->line)
            return tree->first_id + *place;
    }
    if (tree->nodes_used == STACKTREE_NODES_MOST || !write_node(tree, tree->first_id + tree->nodes_used + 1, node)) {
        tree->cut++;
        return node->parent;
    }
    tree->nodes[tree->nodes_used++] = *node;
    *place = (uint16_t)tree->nodes_used;
    return tree->first_id + tree->nodes_used;
}

uint32_t stacktree_mark(struct stacktree *tree, uint32_t parent, const char *text, size_t length)
{
    uint32_t string = writer_string(tree->writer, tree->thread, text, length);
    return find_node(tree, &(struct stacktree_node){.parent = parent, .function = string});
}

static bool find_frame(struct stacktree *tree, uint32_t parent, const struct frame *frame, uint64_t now_ns,
                       bool *brief_out, uint32_t *node_out)
{
    const struct stacktree_code *code = find_code(tree, frame->code, now_ns);
    if (!code)
        return false;
    struct stacktree_node node = {parent, code->function, code->file, 0};
    *brief_out = code->brief;
    *node_out = parent;
    if (code->shim)
        return true;
    node.line = find_line(tree, code, frame);
    *node_out = find_node(tree, &node);
    return true;
}

/* ---- whole stacks ---- */

static const struct frame *from_outside(const struct frame *frames, uint32_t depth, uint32_t place)
{
    return &frames[depth - 1 - place];
}

/* How many of the outer frames are as they were when `kept` was met. */
static uint32_t same_frames(struct stacktree *tree, const struct frames_stack *stack, const struct stacktree_kept *kept,
                            uint64_t now_ns)
{
    uint32_t most = stack->depth < kept->depth ? stack->depth : kept->depth, same = 0;
    if (stack->cut || kept->cut)
        return 0;
    for (; same < most; same++) {
        const struct frame *now = from_outside(stack->frames, stack->depth, same);
        const struct frame *then = from_outside(kept->frames, kept->depth, same);
        uint32_t node = 0;
        bool brief = false;
        if (now->code != then->code || now->instruction != then->instruction)
            break;
        if (tree->is_own && kept->brief[same] &&
            (!find_frame(tree, same ? kept->nodes[same - 1] : 0, now, now_ns, &brief, &node) ||
             node != kept->nodes[same]))
            break;
    }
    return same;
}

bool stacktree_find(struct stacktree *tree, const struct frames_stack *stack, uint64_t now_ns,
                    struct stacktree_kept *kept, uint32_t *node_out)
{
    static const char left_out[] = "(outer frames left out)";
    uint32_t same = same_frames(tree, stack, kept, now_ns), node = 0;
    if (same)
        node = kept->nodes[same - 1];
    else if (stack->cut)
        node = stacktree_mark(tree, 0, left_out, sizeof(left_out) - 1);
    kept->depth = 0; /* until all of them are known */
    for (uint32_t i = same; i < stack->depth; i++) {
        if (!find_frame(tree, node, from_outside(stack->frames, stack->depth, i), now_ns, &kept->brief[i], &node))
            return false;
        kept->nodes[i] = node;
    }
    memcpy(kept->frames, stack->frames, stack->depth * sizeof(stack->frames[0]));
    kept->depth = stack->depth;
    kept->cut = stack->cut;
    *node_out = node;
    return true;
}
