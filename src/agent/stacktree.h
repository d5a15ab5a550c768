/* Stacks as a tree in the recording: what was met before costs two look-ups a frame and writes nothing. */
#ifndef COLDSPOT_AGENT_STACKTREE_H
#define COLDSPOT_AGENT_STACKTREE_H

#include <stdbool.h>

#include "cpython/frames.h"
#include "record/writer.h"

enum {
    STACKTREE_CODES = 1 << 13, /* powers of two */
    STACKTREE_SITES = 1 << 15,
    STACKTREE_NODES = 1 << 16,
};

/* A code object that was met.  Its address may be given to another one later: looked at again once a second. */
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
    uint32_t id; /* 0: a free slot */
    uint32_t parent, function, file, line;
};

/* Large: in memory that is mapped once and touched as needed; zeroed at first. */
struct stacktree {
    struct writer *writer;
    struct writer_thread *thread;
    struct frames *frames;
    uint32_t first_id; /* ids begin above it: two trees of one recording */
    uint32_t codes_used, sites_used, nodes_used;
    uint64_t cut; /* frames that no node could be made for */
    struct stacktree_code codes[STACKTREE_CODES];
    struct stacktree_site sites[STACKTREE_SITES];
    struct stacktree_node nodes[STACKTREE_NODES];
    char scratch[FRAMES_LINES_MOST];
};

/* The node of `frame` called from `parent`; writes what is new into the recording.  False: the frame's code object is none, or
 * could not be read.  When the tree is full the answer is the parent itself. */
bool stacktree_node(struct stacktree *tree, uint32_t parent, const struct frame *frame, uint64_t now_ns,
                    uint32_t *node_out);

/* A root that says something instead of a frame's name. */
uint32_t stacktree_mark(struct stacktree *tree, const char *text);

#endif
