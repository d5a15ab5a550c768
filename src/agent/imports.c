/* Follows imports.
 *
 * The wrapper of an interpreter is a C function object whose `self` is the function it replaced: no state is shared between
 * interpreters.  It records the begin, calls on, and records the end, whatever came of it.  An import's own part is split at the
 * begins and ends of nested ones; where such a stretch was long, the resident set is read, and its growth since the last reading
 * is the module's.  The stack of open imports is per thread, from a fixed store, and indexed from the wrapper's C frame: a greenlet
 * that switches away in an import leaves its entry alone. */
#include "agent/imports.h"

#include <string.h>

#include "agent/agent.h"
#include "agent/io.h"
#include "agent/site.h"
#include "agent/tasks.h"
#include "agent/usage.h"

enum {
    STACKS = 16,
    DEPTH = 200,
    STRETCH_NS = 1000000,
};

struct open_import {
    uint32_t id; /* 0: ended, but something lies above it */
    int64_t rss_bytes;
    uint64_t read_bytes;
};

struct import_stack {
    uint32_t taken; /* by a thread */
    uint32_t depth;
    uint64_t boundary_ns;   /* the last begin or end */
    uint64_t boundary_read; /* the thread's read_bytes then */
    uint64_t last_rss;
    struct open_import open[DEPTH];
};

static struct import_stack stacks[STACKS];

static struct import_stack *take_stack(void)
{
    for (int i = 0; i < STACKS; i++) {
        uint32_t no = 0;
        if (__atomic_compare_exchange_n(&stacks[i].taken, &no, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            stacks[i].depth = 0;
            return &stacks[i];
        }
    }
    return NULL;
}

static void give_stack(struct agent_thread *self)
{
    __atomic_store_n(&self->imports->taken, 0, __ATOMIC_SEQ_CST);
    self->imports = NULL;
    self->import = 0;
}

void imports_forget(void)
{
    for (int i = 0; i < STACKS; i++)
        stacks[i].taken = 0;
}

/* The stretch since the last begin or end belongs to the innermost import. */
static void credit(struct agent_thread *self, struct import_stack *stack, uint64_t now_ns)
{
    if (stack->depth == 0)
        return;
    struct open_import *top = &stack->open[stack->depth - 1];
    top->read_bytes += self->read_bytes - stack->boundary_read;
    if (now_ns - stack->boundary_ns < STRETCH_NS)
        return;
    uint64_t rss = usage_rss(NULL);
    if (rss == EVENT_UNKNOWN)
        return;
    top->rss_bytes += (int64_t)(rss - stack->last_rss);
    stack->last_rss = rss;
}

static void set_boundary(struct agent_thread *self, struct import_stack *stack)
{
    stack->boundary_ns = agent_now();
    stack->boundary_read = self->read_bytes;
}

static void write_begin(struct agent_thread *self, uint32_t id, uint32_t module, uint64_t now_ns)
{
    struct site site = {0};
    site_of_import(self, &site);
    struct event_import_begin *begin = writer_reserve(&agent.writer, &self->writer, EVENT_IMPORT_BEGIN, sizeof(*begin));
    if (!begin)
        return;
    begin->id = id;
    begin->parent = self->import;
    begin->module = module;
    begin->file = site.file;
    begin->line = site.line;
    begin->t_ns = now_ns;
    begin->thread_cpu_ns = usage_thread_cpu();
    writer_commit(&self->writer, begin, sizeof(*begin));
}

/* Returns the place in the thread's stack + 1; 0 when the import is not followed. */
static uint32_t begin_import(struct agent_thread *self, const char *name, ssize_t length)
{
    uint64_t now_ns = agent_now();
    bool outermost = !self->imports;
    if (outermost)
        self->imports = take_stack();
    struct import_stack *stack = self->imports;
    if (!stack || stack->depth == DEPTH) {
        __atomic_fetch_add(&agent.writer.header->dropped_imports, 1, __ATOMIC_RELAXED);
        return 0;
    }
    if (outermost)
        stack->last_rss = usage_rss(NULL);
    credit(self, stack, now_ns);
    io_close_records(self);
    uint32_t module = writer_string(&agent.writer, &self->writer, name, (size_t)length);
    uint32_t id = __atomic_add_fetch(&agent.next_import, 1, __ATOMIC_RELAXED);
    write_begin(self, id, module, now_ns);
    self->import = id;
    stack->open[stack->depth++] = (struct open_import){.id = id};
    set_boundary(self, stack);
    return stack->depth;
}

struct inittab {
    const char *name;
    void *function;
};

static bool is_built_in(const char *name)
{
    const struct inittab *row = agent.python.inittab;
    for (int i = 0; row && row[i].name && i < 1000; i++)
        if (strcmp(row[i].name, name) == 0)
            return true;
    return false;
}

/* Where a module came from, by look-ups in its dictionary only. */
static uint32_t module_file(struct agent_thread *self, struct object *module, const char *name)
{
    const struct python *python = &agent.python;
    struct object *type = python->PyObject_Type(module);
    bool is_module = type && python->module_type &&
                     python->PyType_IsSubtype(type, (struct object *)(uintptr_t)python->module_type);
    if (type)
        python->Py_DecRef(type);
    if (!is_module)
        return 0;
    struct object *dictionary = python->PyModule_GetDict(module);
    ssize_t length = 0;
    const char *file = python_text(python->PyDict_GetItemString(dictionary, "__file__"), &length);
    if (file)
        return writer_string(&agent.writer, &self->writer, file, (size_t)length);
    if (python->PyDict_GetItemString(dictionary, "__path__"))
        return agent_string(self, "namespace");
    return agent_string(self, is_built_in(name) ? "built-in" : "frozen");
}

static void write_end(struct agent_thread *self, const struct open_import *ended, uint32_t file, uint64_t now_ns,
                      bool failed)
{
    struct event_import_end *end = writer_reserve(&agent.writer, &self->writer, EVENT_IMPORT_END, sizeof(*end));
    if (!end)
        return;
    end->event.flags = failed ? EVENT_FLAG_FAILED : 0;
    end->id = ended->id;
    end->file = file;
    end->t_ns = now_ns;
    end->thread_cpu_ns = usage_thread_cpu();
    end->rss_self_bytes = ended->rss_bytes;
    end->read_self_bytes = ended->read_bytes;
    writer_commit(&self->writer, end, sizeof(*end));
}

static void end_import(struct agent_thread *self, uint32_t place, struct object *module, const char *name)
{
    uint64_t now_ns = agent_now();
    struct import_stack *stack = self->imports;
    if (!stack || place > stack->depth)
        return; /* begun in the parent of a forked child, or on another thread by a greenlet */
    credit(self, stack, now_ns);
    io_close_records(self);
    uint32_t file = module ? module_file(self, module, name) : 0;
    struct open_import *ended = &stack->open[place - 1];
    write_end(self, ended, file, now_ns, !module);
    if (module)
        uses_imported(agent_string(self, name), file);
    if (module && strcmp(name, "asyncio.tasks") == 0)
        tasks_found();
    ended->id = 0;
    while (stack->depth > 0 && stack->open[stack->depth - 1].id == 0)
        stack->depth--;
    if (stack->depth == 0) {
        give_stack(self);
        return;
    }
    self->import = stack->open[stack->depth - 1].id;
    set_boundary(self, stack);
}

static bool is_loaded(struct object *name)
{
    struct object *module = agent.python.PyImport_GetModule(name);
    if (!module) {
        if (agent.python.PyErr_Occurred())
            agent.python.PyErr_Clear();
        return false;
    }
    agent.python.Py_DecRef(module);
    return true;
}

static struct object *find_and_load(struct object *original, struct object *arguments, struct object *keywords)
{
    const struct python *python = &agent.python;
    struct agent_thread *self = agent_enter(true);
    if (!self)
        return python->PyObject_Call(original, arguments, keywords);
    uint32_t place = 0, generation = 0;
    ssize_t length = 0;
    struct object *name_object = python->PyTuple_Size(arguments) > 0 ? python->PyTuple_GetItem(arguments, 0) : NULL;
    const char *name = python_text(name_object, &length);
    if (name && !is_loaded(name_object)) {
        python_look_again(self);
        place = begin_import(self, name, length);
        generation = self->generation;
    }
    agent_leave(self);
    struct object *module = python->PyObject_Call(original, arguments, keywords);
    if (place == 0)
        return module;
    self = agent_enter(false);
    if (!self)
        return module;
    if (generation == self->generation)
        end_import(self, place, module, name);
    agent_leave(self);
    return module;
}

static bool remember_interpreter(void)
{
    struct python *python = &agent.python;
    const void *interpreter = python->PyInterpreterState_Get();
    int64_t id = python->PyInterpreterState_GetID((struct object *)(uintptr_t)interpreter);
    for (uint32_t i = 0; i < python->patched_count && i < PYTHON_INTERPRETERS; i++)
        if (python->patched[i].interpreter == interpreter && python->patched[i].id == id)
            return false;
    uint32_t place = __atomic_fetch_add(&python->patched_count, 1, __ATOMIC_SEQ_CST);
    if (place >= PYTHON_INTERPRETERS)
        return false;
    python->patched[place].interpreter = interpreter;
    python->patched[place].id = id;
    return true;
}

void imports_wrap(struct agent_thread *self)
{
    static struct python_method method = {"_find_and_load", find_and_load, PYTHON_VARARGS_KEYWORDS, NULL};
    const struct python *python = &agent.python;
    if (!(agent.start.observe & EVENT_OBSERVE_IMPORTS) || !remember_interpreter())
        return;
    struct object *importlib = python->PyImport_AddModule("_frozen_importlib");
    struct object *original = importlib ? python->PyObject_GetAttrString(importlib, "_find_and_load") : NULL;
    struct object *wrapper = original ? python->PyCFunction_NewEx(&method, original, NULL) : NULL;
    if (!wrapper || python->PyObject_SetAttrString(importlib, "_find_and_load", wrapper) != 0)
        agent_note(self, EVENT_NOTE_NO_IMPORT_HOOK, 0, "_frozen_importlib");
    if (python->PyErr_Occurred())
        python->PyErr_Clear();
    if (wrapper)
        python->Py_DecRef(wrapper);
    if (original)
        python->Py_DecRef(original);
}
