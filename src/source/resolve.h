/* What an expression is: a dotted path of a library ("torch.load()"), a function or class of the project, or one of its files.
 *
 * A path says how a thing came to be: names as they were imported, "()" for the result of a call, "[]" for an element.
 * AutoModel.from_pretrained(name) is "transformers.AutoModel.from_pretrained()"; what a chain of methods that return the
 * object itself adds (.to(), .cuda(), .eval()) is left out of the result's path. */
#ifndef COLDSPOT_SOURCE_RESOLVE_H
#define COLDSPOT_SOURCE_RESOLVE_H

#include "source/project.h"

enum ref_kind { REF_UNKNOWN, REF_PATH, REF_DEF, REF_MODULE };

struct ref {
    enum ref_kind kind;
    struct str path; /* REF_PATH */
    const struct module
        *module;   /* REF_DEF: where it is; REF_MODULE: which; REF_PATH: where the call that made it is, if one did */
    def_id def;    /* REF_DEF */
    bool instance; /* REF_DEF of a class: an object of it */
    node_id made;  /* REF_PATH: the call that made the object, in module; 0: none */
};

/* What the node is.  arena holds the path. */
struct ref resolve(const struct project *project, struct arena *arena, const struct module *module, node_id node);

/* The project's function that a call runs when it is a plain call: for a class its __init__, else the function or method.
 * REF_UNKNOWN where it is none. */
struct ref resolve_callee(const struct project *project, struct arena *arena, const struct module *module,
                          node_id call);

/* The method or class-level function of that name, base classes of the project included; 0: none.  *module_out: where. */
def_id resolve_method(const struct project *project, const struct module *module, def_id class_def, struct str name,
                      const struct module **module_out);

/* The path of a call's function, empty where it is unknown ("torch.load", "self" methods of the project are none). */
struct str resolve_call_path(const struct project *project, struct arena *arena, const struct module *module,
                             node_id call);

#endif
