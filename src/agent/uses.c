/* Two ways to see whether code ran, both next to free.
 *
 * 3.12 and later: sys.monitoring calls back at the first start of each function and is told to leave it alone from then on;
 * at the end of the imports all are armed again.  Before that: the counter that each code object keeps for the interpreter's own
 * optimiser, compared between the end of the imports and the end of the process; a counter at its end says nothing.
 *
 * A module without any function is not judged, nor is one that is no Python. */
#include "agent/uses.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/site.h"

enum {
    MONITORING_MINOR = 12,
    CO_OPTIMIZED = 1, /* in co_flags: a function, not a class's body or a module's */
    NESTED_MOST = 16,
    TUPLE_LENGTH = 16, /* where a tuple keeps it, in every version */
    TUPLE_MOST = 1 << 20,
};

/* Where a code object keeps what is read here. */
static const struct uses_layout {
    uint32_t minor;
    uint32_t consts, flags;
    uint32_t counter, counter_bytes; /* 0 bytes: none */
    int32_t counter_end;
    uint32_t tuple_items;
} layouts[] = {
    {9, 56, 36, 168, 4, 1024, 24}, {10, 56, 36, 168, 4, 1024, 24}, {11, 24, 48, 52, 2, 0, 24},
    {12, 24, 48, 0, 0, 0, 24},     {13, 24, 48, 0, 0, 0, 24},      {14, 24, 48, 0, 0, 0, 32},
};

struct uses_code {
    const char *code; /* owned: a reference is held */
    uint32_t file;
    int32_t counter; /* at the end of the imports */
};

static void set_bit(uint8_t *bits, uint32_t id)
{
    if (id && id < USES_STRINGS)
        bits[id / 8] |= (uint8_t)(1u << id % 8);
}

static bool has_bit(const uint8_t *bits, uint32_t id)
{
    return id < USES_STRINGS && bits[id / 8] >> id % 8 & 1;
}

static const struct uses_layout *layout_of(void)
{
    if (!agent.python.layout_known)
        return NULL;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++)
        if (layouts[i].minor == agent.python.layout.minor)
            return &layouts[i];
    return NULL;
}

static void switch_off(struct agent_thread *self, const char *why)
{
    agent.uses.state = USES_OFF;
    if (agent.python.PyErr_Occurred())
        agent.python.PyErr_Clear();
    agent_note(self, EVENT_NOTE_NO_USES, agent.python.hexversion, why);
}

/* The string of a code object's file, of a frozen module its name; 0: it comes from no file, as text that was executed. */
static uint32_t file_of(struct agent_thread *self, const char *code)
{
    static const char frozen[] = "<frozen ";
    char room[SITE_TEXT];
    size_t length = 0;
    const char *text = site_code_file(code, room, &length);
    if (!text)
        return 0;
    if (length > sizeof(frozen) && memcmp(text, frozen, sizeof(frozen) - 1) == 0)
        return writer_string(&agent.writer, &self->writer, text + sizeof(frozen) - 1, length - sizeof(frozen));
    if (length && text[0] == '<')
        return 0;
    return writer_string(&agent.writer, &self->writer, text, length);
}

/* ---- 3.12 and later ---- */

/* sys.monitoring's callback for PY_START(code, offset). */
static struct object *on_start(struct object *unused, struct object *const *arguments, ssize_t count)
{
    (void)unused;
    struct agent_thread *self = agent.uses.state == USES_RUNNING && count > 0 ? agent_enter(false) : NULL;
    if (self) {
        const char *code = (const char *)arguments[0];
        uint32_t flags;
        memcpy(&flags, code + layout_of()->flags, sizeof(flags));
        if (flags & CO_OPTIMIZED)
            set_bit(agent.uses.ran, file_of(self, code));
        agent_leave(self);
    }
    agent.python.Py_IncRef(agent.uses.disable);
    return agent.uses.disable;
}

static bool take_tool(struct object *monitoring)
{
    const struct python *python = &agent.python;
    for (uint32_t tool = 4; tool >= 3; tool--) {
        struct object *none = python->PyObject_CallMethod(monitoring, "use_tool_id", "is", (int)tool, "coldspot");
        if (none) {
            python->Py_DecRef(none);
            agent.uses.monitoring_tool = tool;
            return true;
        }
        python->PyErr_Clear();
    }
    return false;
}

static bool arm(struct object *monitoring, struct object *callback, struct object *event)
{
    const struct python *python = &agent.python;
    int tool = (int)agent.uses.monitoring_tool;
    struct object *before = python->PyObject_CallMethod(monitoring, "register_callback", "iOO", tool, event, callback);
    struct object *none = before ? python->PyObject_CallMethod(monitoring, "set_events", "iO", tool, event) : NULL;
    if (before)
        python->Py_DecRef(before);
    if (none)
        python->Py_DecRef(none);
    return none != NULL;
}

static bool start_monitoring(void)
{
    static struct python_method method = {"coldspot", (python_function *)(void *)on_start, PYTHON_FASTCALL, NULL};
    const struct python *python = &agent.python;
    struct object *monitoring = python->PySys_GetObject("monitoring");
    if (!monitoring || !take_tool(monitoring))
        return false;
    struct object *events = python->PyObject_GetAttrString(monitoring, "events");
    struct object *event = events ? python->PyObject_GetAttrString(events, "PY_START") : NULL;
    struct object *callback = python->PyCFunction_NewEx(&method, NULL, NULL);
    agent.uses.disable = python->PyObject_GetAttrString(monitoring, "DISABLE");
    bool armed = event && callback && agent.uses.disable && arm(monitoring, callback, event);
    struct object *mine[] = {events, event, callback};
    for (size_t i = 0; i < sizeof(mine) / sizeof(*mine); i++)
        if (mine[i])
            python->Py_DecRef(mine[i]);
    return armed;
}

/* All functions call back at their next start again. */
static void rearm(struct agent_thread *self)
{
    const struct python *python = &agent.python;
    struct object *monitoring = python->PySys_GetObject("monitoring");
    struct object *none = monitoring ? python->PyObject_CallMethod(monitoring, "restart_events", NULL) : NULL;
    if (none)
        python->Py_DecRef(none);
    else
        switch_off(self, "sys.monitoring.restart_events failed");
}

/* ---- code objects ---- */

static int32_t counter_of(const char *code, const struct uses_layout *layout)
{
    int32_t wide = 0;
    int16_t narrow = 0;
    if (layout->counter_bytes == 4) {
        memcpy(&wide, code + layout->counter, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, code + layout->counter, sizeof(narrow));
    return narrow;
}

static void keep_code(const char *code, uint32_t file)
{
    struct uses *uses = &agent.uses;
    if (uses->code_count == USES_CODES) {
        set_bit(uses->unsure, file);
        return;
    }
    agent.python.Py_IncRef((struct object *)(uintptr_t)code);
    uses->codes[uses->code_count++] = (struct uses_code){.code = code, .file = file};
}

static const char *load_pointer(const char *base, size_t offset)
{
    const char *value;
    memcpy(&value, base + offset, sizeof(value));
    return value;
}

/* Looks through the constants of `code` for functions, also in classes. */
static void find_functions(const char *code, const struct uses_layout *layout, uint32_t file, int depth)
{
    const char *consts = load_pointer(code, layout->consts),
               *type = load_pointer(code, agent.python.layout.object_type);
    uint64_t length;
    memcpy(&length, consts + TUPLE_LENGTH, sizeof(length));
    for (uint64_t i = 0; i < length && length < TUPLE_MOST; i++) {
        const char *item = load_pointer(consts, layout->tuple_items + 8 * i);
        uint32_t flags;
        if (load_pointer(item, agent.python.layout.object_type) != type)
            continue;
        memcpy(&flags, item + layout->flags, sizeof(flags));
        if (flags & CO_OPTIMIZED) {
            set_bit(agent.uses.has_functions, file);
            if (!layout->counter_bytes)
                return;
            keep_code(item, file);
        }
        if (depth < NESTED_MOST)
            find_functions(item, layout, file, depth + 1);
    }
}

/* Whether constants and flags lie where they are looked for: asked of the first code object that has constants. */
static bool agrees(struct object *code, const struct uses_layout *layout)
{
    const struct python *python = &agent.python;
    const char *at = (const char *)code, *consts = load_pointer(at, layout->consts);
    uint32_t flags;
    memcpy(&flags, at + layout->flags, sizeof(flags));
    struct object *true_consts = python->PyObject_GetAttrString(code, "co_consts");
    struct object *true_flags = python->PyObject_GetAttrString(code, "co_flags");
    bool same = true_consts && true_flags && consts == (const char *)true_consts &&
                flags == (uint32_t)python->PyLong_AsLong(true_flags);
    if (same) {
        uint64_t length;
        memcpy(&length, consts + TUPLE_LENGTH, sizeof(length));
        same = length == (uint64_t)python->PyTuple_Size(true_consts);
        if (same && length > 0) {
            const char *last = (const char *)python->PyTuple_GetItem(true_consts, (ssize_t)length - 1);
            same = load_pointer(consts, layout->tuple_items + 8 * (length - 1)) == last;
            agent.uses.checked = same;
        }
    }
    if (true_consts)
        python->Py_DecRef(true_consts);
    if (true_flags)
        python->Py_DecRef(true_flags);
    return same;
}

void uses_module_code(struct agent_thread *self, struct object *code)
{
    const struct uses_layout *layout = layout_of();
    if (agent.uses.state != USES_IMPORTS || !layout)
        return;
    const char *at = (const char *)code;
    if (load_pointer(at, agent.python.layout.object_type) != (const char *)agent.python.code_type)
        return;
    if (!agent.uses.checked && !agrees(code, layout)) {
        switch_off(self, "code objects are laid out otherwise");
        return;
    }
    uint32_t file = file_of(self, at);
    if (file)
        find_functions(at, layout, file, 0);
}

/* ---- the course of it ---- */

void uses_start(struct agent_thread *self)
{
    struct uses *uses = &agent.uses;
    if (uses->state != USES_UNTRIED || !agent.python.layout_checked)
        return;
    if (!(agent.start.observe & EVENT_OBSERVE_USES)) {
        uses->state = USES_OFF;
        return;
    }
    const struct uses_layout *layout = layout_of();
    if (!layout || !agent.python.code_type) {
        switch_off(self, "this Python's code objects are not known");
        return;
    }
    uses->state = USES_IMPORTS;
    if (layout->minor >= MONITORING_MINOR) {
        if (!start_monitoring())
            switch_off(self, "sys.monitoring has no free tool");
        return;
    }
    long at = syscall(SYS_mmap, NULL, USES_CODES * sizeof(struct uses_code), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == -1) {
        switch_off(self, "no memory");
        return;
    }
    uses->codes = (struct uses_code *)at; /* NOLINT(performance-no-int-to-ptr) */
    syscall(SYS_madvise, at, USES_CODES * sizeof(struct uses_code), MADV_DONTDUMP);
}

void uses_imported(uint32_t name, uint32_t file)
{
    struct uses *uses = &agent.uses;
    if (uses->state != USES_IMPORTS && uses->state != USES_RUNNING && uses->state != USES_UNTRIED)
        return;
    uint32_t place = __atomic_fetch_add(&uses->module_count, 1, __ATOMIC_RELAXED);
    if (place < USES_MODULES) {
        uses->modules[place].name = name;
        uses->modules[place].file = file;
    }
}

void uses_imports_done(struct agent_thread *self)
{
    struct uses *uses = &agent.uses;
    if (uses->state != USES_IMPORTS)
        return;
    const struct uses_layout *layout = layout_of();
    uses->state = USES_RUNNING;
    if (layout->minor >= MONITORING_MINOR)
        rearm(self);
    for (uint32_t i = 0; i < uses->code_count; i++)
        uses->codes[i].counter = counter_of(uses->codes[i].code, layout);
}

void uses_stop(struct agent_thread *self)
{
    (void)self;
    struct uses *uses = &agent.uses;
    if (uses->state != USES_RUNNING)
        return;
    const struct uses_layout *layout = layout_of();
    uses->state = USES_DONE;
    for (uint32_t i = 0; i < uses->code_count; i++) {
        const struct uses_code *one = &uses->codes[i];
        if (counter_of(one->code, layout) != one->counter)
            set_bit(uses->ran, one->file);
        else if (one->counter >= layout->counter_end)
            set_bit(uses->unsure, one->file);
    }
}

static bool is_python_file(uint32_t file)
{
    return has_bit(agent.uses.has_functions, file);
}

static enum event_used judge(uint32_t name, uint32_t file)
{
    const struct uses *uses = &agent.uses;
    if (has_bit(uses->ran, file) || has_bit(uses->ran, name))
        return EVENT_USE_YES;
    if (!is_python_file(file) && !is_python_file(name))
        return EVENT_USE_UNKNOWN;
    return has_bit(uses->unsure, file) || has_bit(uses->unsure, name) ? EVENT_USE_UNKNOWN : EVENT_USE_NO;
}

void uses_write(struct agent_thread *self)
{
    struct uses *uses = &agent.uses;
    uses_stop(self);
    if (uses->state != USES_DONE || agent.generation != 1)
        return;
    for (uint32_t i = 0; i < uses->module_count && i < USES_MODULES; i++) {
        struct event_use *use = writer_reserve(&agent.writer, &self->writer, EVENT_USE, sizeof(*use));
        if (!use)
            return;
        use->module = uses->modules[i].name;
        use->used = judge(uses->modules[i].name, uses->modules[i].file);
        writer_commit(&self->writer, use, sizeof(*use));
    }
}
