/* Where the agent begins and ends: the constructor with its configuration, the door into it, and what a forked child does.
 *
 * A forked child shares nothing with its parent's recording: it lets go of it, and begins its own with the first thing that is
 * worth recording, so that the many children that only exec leave no file. */
#include "agent/agent.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/imports.h"
#include "agent/alloc.h"
#include "agent/io.h"
#include "agent/usage.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

enum {
    FIRST_BYTES = 64 << 10, /* there may be many short processes; the sampler allocates ahead of long ones */
    SLOW_CLOCK_NS = 5000,
    WORTH_CPU_NS = 5000000, /* a forked child that used this much is told of, if only at its end */
};

static uint32_t always_alive = 1;

struct agent agent = {.alive = &always_alive, .last_call = EVENT_NO_CALL};
__thread struct agent_thread agent_self __attribute__((tls_model("initial-exec")));

uint32_t agent_string(struct agent_thread *self, const char *text)
{
    return writer_string(&agent.writer, &self->writer, text, strlen(text));
}

void agent_note(struct agent_thread *self, enum event_note_code code, uint64_t number, const char *text)
{
    writer_note(&agent.writer, &self->writer, code, number, text);
}

void agent_phase(struct agent_thread *self, enum event_phase phase, bool automatic)
{
    io_close_records(self);
    struct event_usage usage;
    usage_read(self, &usage);
    usage.t_ns = agent_now();
    agent.phase = phase;
    struct event_phase_begin *begin = writer_reserve(&agent.writer, &self->writer, EVENT_PHASE, sizeof(*begin));
    if (!begin)
        return;
    agent.writer.header->phase = phase;
    begin->event.flags = automatic ? EVENT_FLAG_AUTO : 0;
    begin->phase = (uint16_t)phase;
    begin->usage = usage;
    writer_commit(&self->writer, begin, sizeof(*begin));
}

/* ---- forked children ---- */

static void reset_thread(struct agent_thread *self)
{
    bool busy = self->busy, ours = self->ours;
    struct writer_thread writer = self->writer; /* its own generation makes it take a new block */
    uint64_t read_bytes = self->read_bytes, write_bytes = self->write_bytes;
    memset(self, 0, sizeof(*self));
    self->busy = busy;
    self->ours = ours;
    self->writer = writer;
    self->read_bytes = read_bytes;
    self->write_bytes = write_bytes;
    self->call = EVENT_NO_CALL;
    self->generation = agent.generation;
    if (agent.has_thread_key)
        pthread_setspecific(agent.thread_key, self);
}

/* Others may still run in this thread after this, and record: it takes a block anew then. */
static void thread_ends(void *value)
{
    struct agent_thread *self = value;
    if (self->busy || self->generation != agent.generation || !*agent.alive)
        return;
    self->busy = 1;
    io_close_records(self);
    writer_thread_end(&agent.writer, &self->writer);
    self->generation = 0;
    self->busy = 0;
}

/* The first look of a forked child at itself: it leaves its parent's recording. */
static void leave_parent(void)
{
    if (agent.writer.header)
        agent.parent_id = agent.writer.header->id;
    writer_forget(&agent.writer);
    sampler_forget(&agent.sampler);
    imports_forget();
    memset(&agent.children, 0, sizeof(agent.children));
    agent.pid = 0;
    agent.calls_active = 0;
    agent.generation++;
}

static bool begin_child(struct agent_thread *self, uint32_t pid)
{
    agent.start.why = EVENT_WHY_FORK;
    agent.start.parent_id = agent.parent_id;
    agent.start.began_ns = agent.forked_ns;
    if (writer_begin(&agent.writer, &agent.start) != 0) {
        agent.on = false;
        return false;
    }
    agent.pid = pid;
    agent.writer.header->python_hex = agent.python.hexversion;
    reset_thread(self);
    agent_phase(self, agent.phase, true);
    alloc_begin(self);
    *agent.alive = 1;
    agent.fork_seen = 0;
    return true;
}

/* This process has no recording yet: it was forked.  Whether it has one afterwards. */
static bool in_forked_child(struct agent_thread *self, bool begin)
{
    static uint32_t lock;
    uint32_t pid = (uint32_t)syscall(SYS_getpid);
    uint32_t free_lock = 0;
    if (!__atomic_compare_exchange_n(&lock, &free_lock, pid, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) && free_lock == pid)
        return false; /* another thread of this process is at it */
    lock = pid;
    bool begun = false;
    self->busy = 1;
    if (agent.pid == pid) {
        *agent.alive = 1;
        agent.fork_seen = 0;
        begun = true;
    } else {
        if (agent.pid != 0)
            leave_parent();
        if (begin)
            begun = begin_child(self, pid);
    }
    self->busy = 0;
    __atomic_store_n(&lock, 0, __ATOMIC_SEQ_CST);
    return begun;
}

struct agent_thread *agent_enter_slowly(struct agent_thread *self, bool begin)
{
    int error = errno;
    bool made_child = false;
    if (self->vforked) {
        if ((uint32_t)syscall(SYS_getpid) != agent.pid)
            return NULL;
        self->vforked = 0;
        made_child = true;
    }
    if ((!*agent.alive || agent.fork_seen) && !in_forked_child(self, begin)) {
        errno = error;
        return NULL;
    }
    if (self->generation != agent.generation)
        reset_thread(self);
    self->busy = 1;
    if (made_child)
        children_made(self, EVENT_HOW_VFORK, 0);
    errno = error;
    return self;
}

static void before_fork(void)
{
    sampler_stop(&agent.sampler);
}

static void after_fork_parent(void)
{
    sampler_restart_later(&agent.sampler);
}

static void after_fork_child(void)
{
    agent.fork_seen = 1;
    agent.forked_ns = agent_now();
}

/* ---- configuration ---- */

void agent_add_root(const char *path, size_t length)
{
    while (length > 1 && path[length - 1] == '/')
        length--;
    if (agent.root_count >= AGENT_ROOTS || length == 0 || length >= AGENT_PATH)
        return;
    memcpy(agent.roots[agent.root_count].path, path, length);
    agent.roots[agent.root_count].length = (uint32_t)length;
    __atomic_store_n(&agent.root_count, agent.root_count + 1, __ATOMIC_RELEASE);
}

static uint64_t parse_number(const char *text, int base)
{
    uint64_t number = 0;
    for (; *text; text++) {
        int digit = *text >= '0' && *text <= '9' ? *text - '0' : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10 : 99;
        if (digit >= base)
            break;
        number = number * (uint64_t)base + (uint64_t)digit;
    }
    return number;
}

static const struct {
    const char *word;
    uint32_t bit;
} observe_words[] = {
    {"imports", EVENT_OBSERVE_IMPORTS},
    {"io", EVENT_OBSERVE_IO},
    {"memory", EVENT_OBSERVE_MEMORY},
    {"stacks", EVENT_OBSERVE_STACKS},
    {"uses", EVENT_OBSERVE_USES},
    {"all", 31},
    {"memory=full", EVENT_OBSERVE_MEMORY | EVENT_OBSERVE_DOMAINS},
};

static uint32_t parse_observe(const char *text)
{
    uint32_t bits = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        for (size_t i = 0; i < sizeof(observe_words) / sizeof(*observe_words); i++)
            if (strlen(observe_words[i].word) == length && memcmp(observe_words[i].word, text, length) == 0)
                bits |= observe_words[i].bit;
        text += length + (text[length] == ',');
    }
    return bits;
}

static void set_observe(const char *value)
{
    agent.start.observe = parse_observe(value);
}

static void set_rss_hz(const char *value)
{
    agent.start.rss_hz = (uint32_t)parse_number(value, 10);
}

static void set_sample_hz(const char *value)
{
    agent.start.sample_hz = (uint32_t)parse_number(value, 10);
}

static void set_max_bytes(const char *value)
{
    agent.start.max_bytes = parse_number(value, 10);
}

static void set_root(const char *value)
{
    agent_add_root(value, strlen(value));
}

static void set_harness(const char *value)
{
    size_t length = strlen(value);
    if (length < sizeof(agent.harness))
        memcpy(agent.harness, value, length + 1);
}

static void set_seed(const char *value)
{
    agent.seed = parse_number(value, 10);
}

static void set_redact(const char *value)
{
    agent.start.redact = value[0] == '1';
}

static void set_redact_key(const char *value)
{
    char half[17] = "";
    if (strlen(value) != 32)
        return;
    memcpy(half, value, 16);
    agent.start.redact_key[0] = parse_number(half, 16);
    agent.start.redact_key[1] = parse_number(value + 16, 16);
}

static const struct {
    const char *key;
    void (*set)(const char *value);
} settings[] = {
    {"observe", set_observe}, {"rss_hz", set_rss_hz},   {"sample_hz", set_sample_hz}, {"max_bytes", set_max_bytes},
    {"root", set_root},       {"harness", set_harness}, {"redact_paths", set_redact}, {"redact_key", set_redact_key},
    {"seed", set_seed},
};

static void read_settings(char *text)
{
    while (*text) {
        char *end = text + strcspn(text, "\n");
        char *next = *end ? end + 1 : end;
        *end = 0;
        char *equals = strchr(text, '=');
        if (equals) {
            *equals = 0;
            for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
                if (strcmp(settings[i].key, text) == 0)
                    settings[i].set(equals + 1);
        }
        text = next;
    }
}

/* The directory from which this library was loaded: where the link lies, not what it points to. */
static bool find_directory(void)
{
    Dl_info info;
    if (!dladdr(&agent, &info) || !info.dli_fname)
        return false;
    if (strlen(info.dli_fname) < sizeof(agent.library))
        memcpy(agent.library, info.dli_fname, strlen(info.dli_fname) + 1);
    const char *slash = strrchr(info.dli_fname, '/');
    size_t length = slash ? (size_t)(slash - info.dli_fname) : 0;
    size_t used = 0;
    if (info.dli_fname[0] != '/') {
        long cwd = syscall(SYS_getcwd, agent.directory, sizeof(agent.directory) - 1);
        if (cwd <= 0)
            return false;
        used = (size_t)cwd - 1;
        agent.directory[used++] = '/';
    }
    if (used + length + sizeof("/agent.conf") > sizeof(agent.directory))
        return false;
    memcpy(agent.directory + used, info.dli_fname, length);
    agent.directory[used + length] = 0;
    return true;
}

static bool configure(void)
{
    char path[AGENT_PATH + 16], text[8192];
    if (!find_directory())
        return false;
    size_t length = strlen(agent.directory);
    memcpy(path, agent.directory, length);
    memcpy(path + length, "/agent.conf", sizeof("/agent.conf"));
    if (usage_file(path, text, sizeof(text)) < 0)
        return false;
    agent.start.observe = EVENT_OBSERVE_IMPORTS | EVENT_OBSERVE_IO | EVENT_OBSERVE_MEMORY | EVENT_OBSERVE_USES;
    agent.start.rss_hz = 20;
    agent.start.max_bytes = 256u << 20;
    agent.start.directory = agent.directory;
    agent.start.why = EVENT_WHY_EXEC;
    agent.start.first_bytes = FIRST_BYTES;
    agent.start.began_ns = agent.began_ns;
    read_settings(text);
    return agent.start.observe != 0;
}

/* ---- begin and end ---- */

/* A word that a forked child sees as 0, also when it was made without fork handlers (clone, vfork that is a fork). */
static void make_alive_word(void)
{
    long page = sysconf(_SC_PAGESIZE);
    void *word = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (word == MAP_FAILED)
        return;
    if (madvise(word, (size_t)page, MADV_WIPEONFORK) != 0) {
        munmap(word, (size_t)page);
        return;
    }
    agent.alive = word;
    *agent.alive = 1;
}

static uint64_t thread_clock_cost(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 3; i++) {
        uint64_t before = agent_now();
        usage_clock(CLOCK_THREAD_CPUTIME_ID);
        uint64_t cost = agent_now() - before;
        least = cost < least ? cost : least;
    }
    return least;
}

static void at_exit(int status, void *unused)
{
    (void)unused;
    agent_end(EVENT_END_EXIT, status);
}

void agent_end(enum event_end end, int exit_code)
{
    struct agent_thread *self = agent_enter(agent.on && usage_clock(CLOCK_PROCESS_CPUTIME_ID) > WORTH_CPU_NS);
    if (!self)
        return;
    if (agent.pid == (uint32_t)syscall(SYS_getpid)) {
        alloc_end();
        uses_write(self);
        agent_phase(self, EVENT_PHASE_EXIT, true);
        sampler_quit(&agent.sampler);
        writer_end(&agent.writer, end, exit_code);
    }
    agent_leave(self);
}

static void start(struct agent_thread *self)
{
    agent.pid = agent.writer.header->pid;
    agent.generation = 1;
    agent.has_thread_key = pthread_key_create(&agent.thread_key, thread_ends) == 0;
    reset_thread(self);
    uint64_t clock_ns = thread_clock_cost();
    agent.slow_cpu_clock = clock_ns > SLOW_CLOCK_NS;
    if (agent.slow_cpu_clock)
        agent_note(self, EVENT_NOTE_SLOW_CPU_CLOCK, clock_ns, NULL);
    if (agent.writer.header->max_bytes < agent.start.max_bytes)
        agent_note(self, EVENT_NOTE_SIZE_LIMIT, agent.writer.header->max_bytes, NULL);
    make_alive_word();
    pthread_atfork(before_fork, after_fork_parent, after_fork_child);
    on_exit(at_exit, NULL);
    bool python = python_start(self);
    agent_phase(self, python ? EVENT_PHASE_INTERPRETER_START : EVENT_PHASE_EXEC, true);
    alloc_begin(self);
    sampler_start(&agent.sampler);
    agent.writer.header->agent_ns = agent_now() - agent.began_ns;
    agent.on = true;
}

__attribute__((constructor)) static void agent_constructor(void)
{
    int error = errno;
    struct agent_thread *self = &agent_self;
    agent.began_ns = agent_now();
    self->busy = 1;
    if (configure()) {
        real_find_all();
        if (writer_begin(&agent.writer, &agent.start) == 0)
            start(self);
    }
    self->busy = 0;
    errno = error;
}
