/* Stacks as a tree in the recording: what was met before costs two look-ups a frame and writes nothing. */
#ifndef COLDSPOT_AGENT_STACKTREE_H
#define COLDSPOT_AGENT_STACKTREE_H

#include <stdbool.h>

#include "cpython/frames.h"
#include "record/writer.h"

enum {
    STACKTREE_CODES = 1 << 13, /* places to look in; powers of two */
    STACKTREE_SITES = 1 << 15,
    STACKTREE_NODES = 1 << 16,
    STACKTREE_CODES_MOST = STACKTREE_CODES / 4 * 3,
    STACKTREE_SITES_MOST = STACKTREE_SITES / 4 * 3,
    STACKTREE_NODES_MOST = STACKTREE_NODES / 8 * 7,
};

/* A code object that was met.  Its address may be given to another one later: looked at again once a second,
 * and each time in memory of our own. */
struct stacktree_code {
    uint64_t address;
    struct frames_code code;
    uint64_t checked_ns;
    uint32_t function, file; /* strings */
    bool brief;              /* a module's body or the like: freed when it has run, so looked at again each time */
    bool shim;               /* stands for C code: no frame of its own */
    uint32_t generation;     /* how often the slot was given to another code object */
};

struct stacktree_site {
    uint64_t code, instruction;
    uint32_t generation;
    uint32_t line;
};

struct stacktree_node {
    uint32_t parent, function, file, line;
};

/* The stack that was met last in some place: its outer frames, where they did not move, need no look-up at the next. */
struct stacktree_kept {
    uint32_t depth, cut;
    struct frame frames[FRAMES_DEEPEST]; /* innermost first */
    uint32_t nodes[FRAMES_DEEPEST];      /* outermost first */
    bool brief[FRAMES_DEEPEST];          /* the same */
};

/* Large: in memory that is mapped once and touched as needed; zeroed at first.  What is met lies one after the other and is
 * found by tables of small numbers (0: free, else its place + 1), so that little memory is touched. */
struct stacktree {
    struct writer *writer;
    struct writer_thread *thread;
    struct frames *frames;
    uint32_t first_id; /* ids begin above it: two trees of one recording */
    bool is_own;       /* memory is the reader's own and costs nothing: code is looked at again each time */
    uint32_t codes_used, sites_used, nodes_used;
    uint64_t cut; /* frames that no node could be made for */
    uint16_t code_at[STACKTREE_CODES];
    uint16_t site_at[STACKTREE_SITES];
    uint16_t node_at[STACKTREE_NODES];
    struct stacktree_code codes[STACKTREE_CODES_MOST];
    struct stacktree_site sites[STACKTREE_SITES_MOST];
    struct stacktree_node nodes[STACKTREE_NODES_MOST];
    char scratch[FRAMES_LINES_MOST];
};

/* The node of a whole stack, 0 for an empty one; writes what is new into the recording, and keeps the stack in `kept`.  False: a
 * frame's code object is none, or could not be read.  When the tree is full the answer is the node of an outer frame. */
bool stacktree_find(struct stacktree *tree, const struct frames_stack *stack, uint64_t now_ns,
                    struct stacktree_kept *kept, uint32_t *node_out);

/* A node below `parent` that says something instead of a function's name. */
uint32_t stacktree_mark(struct stacktree *tree, uint32_t parent, const char *text, size_t length);

#endif
