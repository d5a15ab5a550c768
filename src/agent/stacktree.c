/* Three open hash tables: code objects by address, instructions to lines, and the tree's nodes.  The first two are caches and
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
    tree->codes_used += slot->address == 0;
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

/* The slot of the code object at this address: its own, or a free one. */
static struct stacktree_code *code_slot(struct stacktree *tree, uint64_t address)
{
    uint64_t at = mix(address, 1);
    while (tree->codes[at % STACKTREE_CODES].address && tree->codes[at % STACKTREE_CODES].address != address)
        at++;
    return &tree->codes[at % STACKTREE_CODES];
}

static bool is_same(const struct frames_code *a, const struct frames_code *b)
{
    return a->filename == b->filename && a->name == b->name && a->qualname == b->qualname && a->lines == b->lines &&
           a->first_line == b->first_line;
}

static struct stacktree_code *find_code(struct stacktree *tree, uint64_t address, uint64_t now_ns)
{
    if (tree->codes_used > STACKTREE_CODES / 4 * 3) {
        memset(tree->codes, 0, sizeof(tree->codes));
        memset(tree->sites, 0, sizeof(tree->sites));
        tree->codes_used = tree->sites_used = 0;
    }
    struct stacktree_code *slot = code_slot(tree, address);
    if (slot->address && !slot->brief && now_ns - slot->checked_ns < CHECK_AFTER_NS)
        return slot;
    struct frames_code code;
    if (frames_code(tree->frames, address, &code))
        return NULL;
    if ((!slot->address || !is_same(&slot->code, &code)) && !name_code(tree, slot, address, &code))
        return NULL;
    slot->checked_ns = now_ns;
    return slot;
}

/* ---- lines ---- */

static uint32_t find_line(struct stacktree *tree, const struct stacktree_code *code, const struct frame *frame)
{
    if (tree->sites_used > STACKTREE_SITES / 4 * 3) {
        memset(tree->sites, 0, sizeof(tree->sites));
        tree->sites_used = 0;
    }
    for (uint64_t at = mix(frame->code, frame->instruction);; at++) {
        struct stacktree_site *site = &tree->sites[at % STACKTREE_SITES];
        if (site->code && (site->code != frame->code || site->instruction != frame->instruction))
            continue;
        if (site->code && site->generation == code->generation)
            return site->line;
        tree->sites_used += site->code == 0;
        uint32_t line = frames_line(tree->frames, frame, &code->code, tree->scratch, sizeof(tree->scratch));
        *site = (struct stacktree_site){frame->code, frame->instruction, code->generation, line};
        return line;
    }
}

/* ---- nodes ---- */

static bool write_node(struct stacktree *tree, const struct stacktree_node *node)
{
    struct event_stack_node *record = writer_reserve(tree->writer, tree->thread, EVENT_STACK_NODE, sizeof(*record));
    if (!record)
        return false;
    record->id = node->id;
    record->parent = node->parent;
    record->function = node->function;
    record->file = node->file;
    record->line = node->line;
    writer_commit(tree->thread, record, sizeof(*record));
    return true;
}

/* The slot of an equal node, or a free one. */
static struct stacktree_node *node_slot(struct stacktree *tree, const struct stacktree_node *node)
{
    uint64_t at = mix((uint64_t)node->function << 32 | node->parent, (uint64_t)node->file << 32 | node->line);
    for (;; at++) {
        struct stacktree_node *slot = &tree->nodes[at % STACKTREE_NODES];
        if (slot->id == 0 || (slot->parent == node->parent && slot->function == node->function &&
                              slot->file == node->file && slot->line == node->line))
            return slot;
    }
}

static uint32_t find_node(struct stacktree *tree, struct stacktree_node node)
{
    struct stacktree_node *slot = node_slot(tree, &node);
    if (slot->id)
        return slot->id;
    node.id = tree->first_id + tree->nodes_used + 1;
    if (tree->nodes_used >= STACKTREE_NODES / 8 * 7 || !write_node(tree, &node)) {
        tree->cut++;
        return node.parent;
    }
    tree->nodes_used++;
    *slot = node;
    return node.id;
}

bool stacktree_node(struct stacktree *tree, uint32_t parent, const struct frame *frame, uint64_t now_ns,
                    uint32_t *node_out)
{
    const struct stacktree_code *code = find_code(tree, frame->code, now_ns);
    if (!code)
        return false;
    struct stacktree_node node = {0, parent, code->function, code->file, 0};
    *node_out = parent;
    if (code->shim)
        return true;
    node.line = find_line(tree, code, frame);
    *node_out = find_node(tree, node);
    return true;
}

uint32_t stacktree_mark(struct stacktree *tree, const char *text)
{
    uint32_t string = writer_string(tree->writer, tree->thread, text, strlen(text));
    return find_node(tree, (struct stacktree_node){.function = string});
}
