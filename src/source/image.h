/* How an image is made: its base and the steps of its chain, in order. */
#ifndef COLDSPOT_SOURCE_IMAGE_H
#define COLDSPOT_SOURCE_IMAGE_H

#include "source/app.h"

struct image_step {
    struct str name; /* "debian_slim", "pip_install" */
    const struct module *module;
    node_id call;
};

struct image {
    bool complete;                     /* the whole chain is known, from modal.Image.X on */
    array_of(struct image_step) steps; /* the base first */
};

/* The image that an expression makes, as far as its chain can be followed. */
void image_read(struct arena *arena, const struct project *project, const struct module *module, node_id node,
                struct image *image_out);

/* A package of a pip step. */
struct image_package {
    struct str text; /* as written: "torch==2.4.0", "transformers[torch]" */
    struct str name; /* in lower case, "_" as "-", without extras and version */
    bool pinned;     /* ==, ===, ~=, @ or a version of a url */
    bool bounded;    /* any version said */
    const struct module *module;
    node_id node;
};

struct image_packages {
    array_of(struct image_package) items;
    bool unknown; /* some can't be known: from a file, a variable */
};

/* Whether the step installs Python packages by name. */
bool image_installs(const struct image_step *step);

/* The packages of one step (pip_install, uv_pip_install, and the names in pip commands of run_commands), added. */
void image_step_packages(struct arena *arena, const struct project *project, const struct image_step *step,
                         struct image_packages *packages);

/* All string arguments of a step, joined by newlines; lists and names folded. */
struct str image_step_text(struct arena *arena, const struct project *project, const struct image_step *step);

#endif
