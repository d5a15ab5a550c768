/* One Python file, read: its functions and classes, what each name is bound to and where, its imports and calls, and for each
 * node the scope and the circumstances it runs in.  Nothing here knows Modal, or other files. */
#ifndef COLDSPOT_SOURCE_MODULE_H
#define COLDSPOT_SOURCE_MODULE_H

#include "base/map.h"
#include "source/tree.h"

typedef uint32_t def_id; /* index into a module's defs; 0 is the module itself */

enum def_kind { DEF_MODULE, DEF_FUNCTION, DEF_CLASS };

struct def {
    enum def_kind kind;
    struct str name, qualname; /* Class.method; empty for the module */
    node_id node;              /* the def or class; 0 for the module */
    node_id outer;             /* with its decorators */
    node_id body;
    def_id parent;
    bool is_async, is_generator;
    node_id returns;       /* the value of its first `return VALUE`; 0: none */
    node_id returns_early; /* an `if already there: return` at its top; what follows runs once; 0: none */
};

/* The circumstances of a node, inside its own scope. */
enum {
    WHERE_LOOP = 1,           /* runs for each item */
    WHERE_WHILE = 2,          /* ... of a while loop */
    WHERE_CONDITIONAL = 4,    /* may not run */
    WHERE_GUARD = 8,          /* runs only if something is not there yet */
    WHERE_MAIN = 16,          /* if __name__ == "__main__", if modal.is_local() */
    WHERE_IMPORTS = 32,       /* with image.imports() */
    WHERE_TYPE_CHECKING = 64, /* if TYPE_CHECKING */
    WHERE_LAMBDA = 128,       /* in a lambda: runs when that is called */
    WHERE_ANNOTATION = 256,   /* in a type annotation */
    WHERE_NO_GRAD = 512,      /* with torch.no_grad() or inference_mode() */
    WHERE_LOCK = 1024,        /* with a lock */
    WHERE_EXCEPT = 2048,      /* in an except clause */
    WHERE_TRY = 4096,         /* in a try block that has except clauses */
    WHERE_COMPREHENSION = 8192,
    WHERE_NOT_LOCAL = 16384, /* if not modal.is_local() */
    WHERE_AUTOCAST = 32768,
};

struct ref;

enum binding_kind {
    BIND_IMPORT,
    BIND_DEF,
    BIND_VALUE,     /* name = value, name := value */
    BIND_UNPACK,    /* one of several names of a value */
    BIND_LOOP,      /* for name in value */
    BIND_WITH,      /* with value as name */
    BIND_PARAMETER, /* value: its default; 0: none */
    BIND_CHANGED,   /* +=, del, except as, name[...] = ..., name.update(...): no longer what it was */
};

enum { NO_BINDING = UINT32_MAX };

struct binding {
    struct str name;
    uint8_t kind;
    bool resolving; /* private to resolve.c */
    def_id scope;
    node_id node; /* where the name stands */
    node_id value;
    def_id def;            /* BIND_DEF */
    uint32_t import;       /* BIND_IMPORT: index into imports */
    uint32_t older;        /* the binding of the same name in the same scope before it, or NO_BINDING */
    const struct ref *ref; /* what it is, once project_link() has found out; see resolve.h */
};

struct module;

struct import {
    struct str module; /* "torch.nn", ".common"; of `from M import name` the M */
    struct str member; /* name of `from M import name`; "*"; empty for `import M` */
    struct str name;   /* what it is called here: the alias, or the first component of M */
    bool has_alias;
    node_id node; /* the dotted name or alias, inside the statement */
    node_id statement;
    def_id scope;
    uint32_t where;
    uint32_t binding;
    const struct module *target; /* the project's file that `module` is, once project_link() has looked; NULL: none */
    const struct module *submodule; /* that `module.member` is, in the same way: from . import search */
    uint32_t first_use;             /* index into uses, chained by next; NO_BINDING: unused */
};

/* A place where a name that an import bound is read. */
struct use {
    node_id node;
    def_id scope;
    uint32_t next;
};

struct call {
    node_id node;
    def_id scope;
};

struct module {
    struct str path; /* as shown to the user */
    struct str file; /* as opened */
    struct tree tree;
    bool failed; /* could not be read: error says why, all else is empty */
    struct str error;
    bool future_annotations;
    array_of(struct def) defs;
    array_of(struct binding) bindings;
    array_of(struct import) imports;
    array_of(struct use) uses;
    array_of(struct call) calls;
    uint32_t *scopes;      /* a node's def */
    uint32_t *where;       /* a node's WHERE_ flags */
    uint32_t *bound;       /* an identifier's binding in its own scope at that point, else NO_BINDING */
    struct map names;      /* scope and name -> newest binding, plus 1 */
    struct map attributes; /* class and attribute -> newest binding of self.attribute, plus 1 */
    uint32_t *def_of;      /* a def's node -> its number; 0 elsewhere */
    struct str package;    /* dotted name of the package that relative imports start from; set by the project */
    uint32_t index;        /* in the project */
};

/* Reads text (kept) as a module. */
void module_read(struct arena *arena, const struct grammar *grammar, struct str path, struct str text,
                 struct module *module_out);

/* The newest binding of the name in exactly that scope, or NO_BINDING. */
uint32_t module_binding(const struct module *module, def_id scope, struct str name);

/* What an identifier that is read means: the binding in its scope or the nearest around it (class scopes are not seen from
 * inside methods).  NO_BINDING: a builtin, or unknown. */
uint32_t module_lookup(const struct module *module, node_id identifier);
uint32_t module_lookup_name(const struct module *module, def_id scope, struct str name);

/* The newest binding of self.NAME in the class, or NO_BINDING. */
uint32_t module_attribute(const struct module *module, def_id class_def, struct str name);

/* The class that a method (or a function inside one) belongs to; 0 where there is none. */
def_id module_class_of(const struct module *module, def_id def);

/* The outermost function or method that contains the def (itself where it is that); 0 for the module and class bodies. */
def_id module_unit_of(const struct module *module, def_id def);

/* Whether def is `ancestor` or nested in it. */
bool module_inside(const struct module *module, def_id def, def_id ancestor);

static inline const struct def *module_def(const struct module *module, def_id id)
{
    return &module->defs.items[id];
}

#endif
