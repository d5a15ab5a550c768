/* Who calls whom inside the project, and when each function runs: at import, in enter, per call, per item of a loop, while
 * the image is built, or only on the user's machine. */
#ifndef COLDSPOT_SOURCE_GRAPH_H
#define COLDSPOT_SOURCE_GRAPH_H

#include "source/app.h"

/* When; a function may run at several times. */
enum {
    WHEN_IMPORT = 1,     /* as the file is imported, in every container and on the user's machine */
    WHEN_ENTER_SNAP = 2, /* in enter(snap=True): once, before the memory snapshot */
    WHEN_ENTER = 4,      /* once a container */
    WHEN_CALL = 8,       /* on each call */
    WHEN_ITEM = 16,      /* in a loop of a call */
    WHEN_ONCE = 32,      /* reached from calls, but only until something is there: cached or guarded */
    WHEN_EXIT = 64,
    WHEN_BUILD = 128, /* run_function, modal.build */
    WHEN_LOCAL = 256, /* local_entrypoint, if __name__ == "__main__" */
    WHEN_TIMES = 9,
    WHEN_CONTAINER = WHEN_IMPORT | WHEN_ENTER_SNAP | WHEN_ENTER | WHEN_CALL | WHEN_ITEM | WHEN_ONCE | WHEN_EXIT,
    WHEN_PER_CALL = WHEN_CALL | WHEN_ITEM,
};

enum { NO_UNIT = UINT32_MAX };

/* A def of the project: the module itself, a function, a class. */
struct unit {
    const struct module *module;
    def_id def;
    uint32_t when;
    uint32_t from[WHEN_TIMES]; /* the unit that first brought each time here; NO_UNIT: it is where that time begins */
    uint32_t first_out, n_out; /* its edges in graph.edges */
    uint32_t function;         /* index into app.functions where it is the function or one of its methods; NO_UNIT */
    uint8_t method;            /* enum method_kind there */
    bool cached;               /* lru_cache and the like */
};

struct edge {
    uint32_t from, to;
    node_id node;   /* the call or the place of the name, in from's module */
    uint32_t where; /* WHERE_ flags of that place */
    bool callback;  /* handed over rather than called */
};

struct graph {
    const struct project *project;
    const struct app *app;
    uint32_t *base; /* a module's first unit */
    struct unit *units;
    uint32_t n_units;
    array_of(struct edge) edges;   /* by from */
    uint32_t *in_first, *in_edges; /* edges by to: in_edges[in_first[u] .. in_first[u + 1]) */
    bool *reached;                 /* private: by unit */
};

void graph_build(struct arena *arena, const struct project *project, const struct app *app, struct graph *graph_out);

static inline uint32_t graph_unit(const struct graph *graph, const struct module *module, def_id def)
{
    return graph->base[module->index] + def;
}

/* When the code at a node runs: its function's times, per item where it stands in a loop, once where it is guarded. */
uint32_t graph_when(const struct graph *graph, const struct module *module, node_id node);

/* The app function that first brought one of the times in `when` to the unit; NO_UNIT: none. */
uint32_t graph_function_behind(const struct graph *graph, uint32_t unit, uint32_t when);

/* Whether anything of the project runs the unit but module-level code: a function of the app, the user's machine, an image's
 * build. */
bool graph_is_reached(const struct graph *graph, uint32_t unit);

/* All app functions whose containers run the unit (import-time code of their module included): bits by index into
 * app.functions, in words of 64; reached_out has graph_words(graph) of them.  local_out: also the user's machine. */
size_t graph_words(const struct graph *graph);
void graph_reaching(const struct graph *graph, struct arena *scratch, const uint32_t *units, size_t n,
                    uint64_t *reached_out, bool *local_out, bool *build_out);

#endif
