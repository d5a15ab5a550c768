/* Finds CPython in the process and hooks into it: an audit hook from before the interpreter starts. */
#include "agent/python.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/audit.h"
#include "agent/domains.h"
#include "agent/site.h"

static const struct {
    const char *name;
    size_t place;
} functions[] = {
#define PYTHON_ROW(result, name, parameters) {#name, offsetof(struct python, name)},
    PYTHON_FUNCTIONS(PYTHON_ROW)
#undef PYTHON_ROW
};

static bool find_functions(struct agent_thread *self, struct python *python)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        void *found = dlsym(RTLD_DEFAULT, functions[i].name);
        if (!found) {
            if (i > 0)
                agent_note(self, EVENT_NOTE_NO_IMPORT_HOOK, 0, functions[i].name);
            return false;
        }
        memcpy((char *)python + functions[i].place, &found, sizeof(found));
    }
    return true;
}

/* "3.11.2 (main, …" to 0x030b0200: the last byte, the release level, is only in Py_Version. */
static uint32_t parse_version(const char *text)
{
    uint32_t parts[3] = {0};
    for (int i = 0; i < 3 && *text >= '0' && *text <= '9'; i++) {
        for (; *text >= '0' && *text <= '9'; text++)
            parts[i] = parts[i] * 10 + (uint32_t)(*text - '0');
        if (*text == '.')
            text++;
    }
    return parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | 0xf0;
}

/* For the interpreter's static part, which is mapped for good. */
static int read_own(void *unused, uint64_t address, void *buffer, size_t length)
{
    (void)unused;
    memcpy(buffer, (const void *)(uintptr_t)address, length); /* NOLINT(performance-no-int-to-ptr) */
    return 0;
}

static void find_version(struct agent_thread *self, struct python *python)
{
    const uint32_t *exact = dlsym(RTLD_DEFAULT, "Py_Version");
    python->hexversion = exact ? *exact : parse_version(python->Py_GetVersion());
    python->free_threaded = dlsym(RTLD_DEFAULT, "_Py_MergeZeroLocalRefcount") != NULL;
    void *is_finalizing = dlsym(RTLD_DEFAULT, "Py_IsFinalizing"); /* public from 3.13 on */
    if (!is_finalizing)
        is_finalizing = dlsym(RTLD_DEFAULT, "_Py_IsFinalizing");
    memcpy(&python->is_finalizing, &is_finalizing, sizeof(is_finalizing));
    python->module_type = dlsym(RTLD_DEFAULT, "PyModule_Type");
    python->code_type = dlsym(RTLD_DEFAULT, "PyCode_Type");
    python->runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");
    const void *const *inittab = dlsym(RTLD_DEFAULT, "PyImport_Inittab");
    python->inittab = inittab ? *inittab : NULL;
    struct memory memory = {.read = read_own};
    int refusal = python->free_threaded ? LAYOUT_FREE_THREADED : LAYOUT_UNREADABLE;
    if (!python->free_threaded && python->runtime)
        refusal = layout_find(&memory, (uintptr_t)python->runtime, python->hexversion, &python->layout);
    python->layout_known = refusal == LAYOUT_OK;
    if (!python->layout_known)
        agent_note(self, EVENT_NOTE_PYTHON_UNKNOWN, python->hexversion, layout_refusal_text(refusal));
}

/* The machine code of the object that holds this function: the program's, or libpython's. */
static int find_code(struct dl_phdr_info *info, size_t size, void *place)
{
    (void)size;
    struct python *python = place;
    uintptr_t inside = (uintptr_t)python->PySys_AddAuditHook;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || inside - from >= segment->p_memsz)
            continue;
        python->code_from = from;
        python->code_to = from + segment->p_memsz;
        return 1;
    }
    return 0;
}

/* ---- the memory of our audit hook ----
 *
 * Python allocates a hook's entry when it is added and frees it at its end.  Ours is added before Python has chosen its
 * allocators: where it then chooses the checking ones (-X dev, PYTHONMALLOC=debug), these would be given memory at the end that
 * is not theirs, and abort.  So that entry is freed by what it came from. */

enum { RAW_DOMAIN = 0 };

static struct {
    void (*get)(int domain, struct python_allocator *allocator_out);
    void (*set)(int domain, struct python_allocator *allocator);
    struct python_allocator first, last; /* at our hook's begin and end */
    void *entry;
} hook_memory;

static void *first_malloc(void *ctx, size_t size)
{
    hook_memory.entry = hook_memory.first.malloc(ctx, size);
    return hook_memory.entry;
}

static void *last_malloc(void *ctx, size_t size)
{
    return hook_memory.last.malloc(ctx, size);
}

static void *last_calloc(void *ctx, size_t count, size_t size)
{
    return hook_memory.last.calloc(ctx, count, size);
}

static void *last_realloc(void *ctx, void *block, size_t size)
{
    return hook_memory.last.realloc(ctx, block, size);
}

static void last_free(void *ctx, void *block)
{
    if (block && block == hook_memory.entry) {
        hook_memory.entry = NULL;
        hook_memory.first.free(hook_memory.first.ctx, block);
        return;
    }
    hook_memory.last.free(ctx, block);
}

static int add_hook(const struct python *python)
{
    void *get = dlsym(RTLD_DEFAULT, "PyMem_GetAllocator"), *set = dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");
    if (!get || !set)
        return python->PySys_AddAuditHook(audit_event, NULL);
    memcpy(&hook_memory.get, &get, sizeof(get));
    memcpy(&hook_memory.set, &set, sizeof(set));
    hook_memory.get(RAW_DOMAIN, &hook_memory.first);
    struct python_allocator noting = hook_memory.first;
    noting.malloc = first_malloc;
    hook_memory.set(RAW_DOMAIN, &noting);
    int failed = python->PySys_AddAuditHook(audit_event, NULL);
    hook_memory.set(RAW_DOMAIN, &hook_memory.first);
    return failed;
}

void python_before_hooks_are_freed(void)
{
    if (!hook_memory.entry)
        return;
    hook_memory.get(RAW_DOMAIN, &hook_memory.last);
    if (hook_memory.last.free == hook_memory.first.free)
        return;
    struct python_allocator knowing = {hook_memory.last.ctx, last_malloc, last_calloc, last_realloc, last_free};
    hook_memory.set(RAW_DOMAIN, &knowing);
}

bool python_start(struct agent_thread *self)
{
    struct python *python = &agent.python;
    if (!find_functions(self, python))
        return false;
    find_version(self, python);
    dl_iterate_phdr(find_code, python);
    agent.writer.header->python_hex = python->hexversion;
    python->found = true;
    if (add_hook(python) != 0)
        agent_note(self, EVENT_NOTE_NO_AUDIT, 0, NULL);
    domains_follow(self);
    return true;
}

const struct object *python_own_thread(void)
{
    const struct python *python = &agent.python;
    if (!python->is_finalizing || python->is_finalizing())
        return NULL;
    return python->PyGILState_GetThisThreadState();
}

const char *python_text(struct object *object, ssize_t *length_out)
{
    if (!object)
        return NULL;
    const char *text = agent.python.PyUnicode_AsUTF8AndSize(object, length_out);
    if (!text)
        agent.python.PyErr_Clear();
    return text;
}

static const void *pointer_at(const void *base, uint32_t offset)
{
    const void *value;
    memcpy(&value, (const char *)base + offset, sizeof(value));
    return value;
}

/* What a thread waits on for the main interpreter's lock: a condition variable at the lock's start + 32 in every version. */
static void find_gil(struct python *python, const struct object *tstate)
{
    const struct layout *layout = &python->layout;
    const char *gil = (const char *)python->runtime + layout->runtime_gil;
    if (layout->interp_gil)
        gil = pointer_at(pointer_at(tstate, layout->thread_interp), layout->interp_gil);
    python->gil_condition = gil ? gil + 32 : NULL;
}

void python_look_again(struct agent_thread *self)
{
    struct python *python = &agent.python;
    if (python->layout_checked || !python->layout_known)
        return;
    struct object *tstate = python->PyGILState_GetThisThreadState();
    struct object *frame = tstate ? python->PyEval_GetFrame() : NULL;
    if (!frame)
        return;
    bool right = pointer_at(tstate, python->layout.thread_interp) == python->PyInterpreterState_Get() &&
                 site_agrees(tstate, frame);
    if (right)
        find_gil(python, tstate);
    else
        agent_note(self, EVENT_NOTE_NO_SITES, python->hexversion, NULL);
    python->layout_known = right;
    python->layout_checked = true;
}
