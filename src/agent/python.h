/* CPython as the agent finds it in the process: functions by dlsym, no headers, any version.
 *
 * Only what is in the stable interface or has kept its form from 3.9 on is called, and only from events that CPython itself
 * sends us while it holds its lock. */
#ifndef COLDSPOT_AGENT_PYTHON_H
#define COLDSPOT_AGENT_PYTHON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cpython/layout.h"

struct agent_thread;

/* A Python object.  Its inside is only looked at through offset tables. */
struct object;
typedef int python_audit_hook(const char *event, struct object *arguments, void *user_data);
typedef struct object *python_function(struct object *self, struct object *arguments, struct object *keywords);

/* As in CPython's methodobject.h. */
struct python_method {
    const char *name;
    python_function *function;
    int flags;
    const char *doc;
};

enum {
    PYTHON_VARARGS_KEYWORDS = 3,
    PYTHON_FASTCALL = 0x80,
};

/* X(result, name, parameters): what must be there for imports and stages. */
#define PYTHON_FUNCTIONS(X)                                                                                            \
    X(int, PySys_AddAuditHook, (python_audit_hook *, void *))                                                          \
    X(const char *, Py_GetVersion, (void))                                                                             \
    X(ssize_t, PyTuple_Size, (struct object *))                                                                        \
    X(struct object *, PyTuple_GetItem, (struct object *, ssize_t))                                                    \
    X(const char *, PyUnicode_AsUTF8AndSize, (struct object *, ssize_t *))                                             \
    X(long, PyLong_AsLong, (struct object *))                                                                          \
    X(struct object *, PyImport_AddModule, (const char *))                                                             \
    X(struct object *, PyImport_GetModule, (struct object *))                                                          \
    X(struct object *, PyObject_GetAttrString, (struct object *, const char *))                                        \
    X(int, PyObject_SetAttrString, (struct object *, const char *, struct object *))                                   \
    X(struct object *, PyObject_Call, (struct object *, struct object *, struct object *))                             \
    X(struct object *, PyCFunction_NewEx, (struct python_method *, struct object *, struct object *))                  \
    X(struct object *, PyObject_Type, (struct object *))                                                               \
    X(struct object *, PyModule_GetDict, (struct object *))                                                            \
    X(struct object *, PyDict_GetItemString, (struct object *, const char *))                                          \
    X(int, PyType_IsSubtype, (struct object *, struct object *))                                                       \
    X(void, PyErr_Clear, (void))                                                                                       \
    X(struct object *, PyErr_Occurred, (void))                                                                         \
    X(void, PyErr_Fetch, (struct object **, struct object **, struct object **))                                       \
    X(void, PyErr_Restore, (struct object *, struct object *, struct object *))                                        \
    X(void, Py_IncRef, (struct object *))                                                                              \
    X(void, Py_DecRef, (struct object *))                                                                              \
    X(struct object *, PyInterpreterState_Get, (void))                                                                 \
    X(int64_t, PyInterpreterState_GetID, (struct object *))                                                            \
    X(struct object *, PyGILState_GetThisThreadState, (void))                                                          \
    X(struct object *, PyEval_GetFrame, (void))                                                                        \
    X(struct object *, PyFrame_GetCode, (struct object *))                                                             \
    X(int, PyCode_Addr2Line, (struct object *, int))                                                                   \
    X(int, PyFrame_GetLineNumber, (struct object *))                                                                   \
    X(struct object *, PySys_GetObject, (const char *))                                                                \
    X(struct object *, PyObject_CallMethod, (struct object *, const char *, const char *, ...))

enum { PYTHON_INTERPRETERS = 64 };

/* As in CPython's pymem.h. */
struct python_allocator {
    void *ctx;
    void *(*malloc)(void *ctx, size_t size);
    void *(*calloc)(void *ctx, size_t count, size_t size);
    void *(*realloc)(void *ctx, void *block, size_t size);
    void (*free)(void *ctx, void *block);
};

struct python {
    bool found;          /* this is a Python and its functions are there */
    bool layout_known;   /* frames can be read through `layout` */
    bool layout_checked; /* it was compared with what Python itself says */
    bool free_threaded;
    uint32_t hexversion;
    struct layout layout;
    int (*is_finalizing)(void); /* NULL: not there */
    const void *gil_condition;  /* what a thread waits on for the GIL; NULL: not known */
    const void *module_type, *code_type;
    const void *inittab; /* PyImport_Inittab's content: built-in modules */
    const void *runtime;
    uintptr_t code_from, code_to; /* the interpreter's own machine code */
    uint32_t patched_count;
    struct {
        const void *interpreter;
        int64_t id;
    } patched[PYTHON_INTERPRETERS]; /* interpreters whose import function is wrapped */
#define PYTHON_POINTER(result, name, parameters) result(*name) parameters;
    PYTHON_FUNCTIONS(PYTHON_POINTER)
#undef PYTHON_POINTER
};

/* From the constructor: whether this process is a Python; adds the audit hook. */
bool python_start(struct agent_thread *self);

/* Python is about to free its audit hooks: ours was allocated before it chose an allocator. */
void python_before_hooks_are_freed(void);

/* The text of a str object; NULL when it is none.  Leaves no exception behind. */
const char *python_text(struct object *object, ssize_t *length_out);

/* The calling thread's PyThreadState; NULL when it has none, or when the interpreter is being taken apart: other threads' states
 * are freed then while these still sleep. */
const struct object *python_own_thread(void);

/* At events while the interpreter runs: finds the GIL, checks the layout. */
void python_look_again(struct agent_thread *self);

#endif
