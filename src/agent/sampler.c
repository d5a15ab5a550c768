/* The sampling thread.
 *
 * It must not be felt: it blocks all signals, and gives itself a descriptor table of its own (close_range with UNSHARE), so that
 * no descriptor of the program's is ever moved, and the files of /proc can stay open.  Where the kernel refuses that, it opens
 * and closes them at each sample.  It is stopped before a fork, and started again a while after it: Python warns when a process
 * with threads forks, and looks for them just after. */
#include "agent/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/alloc.h"
#include "agent/stacks.h"
#include "agent/usage.h"

enum sampler_state { SAMPLER_OFF, SAMPLER_RUNS, SAMPLER_WAITS, SAMPLER_CHANGES, SAMPLER_BROKEN };

enum {
    RESTART_AFTER_NS = 50000000,
    AHEAD_BYTES = 512 << 10,
    STACK_BYTES = 128 << 10,
    GONE_TRIES = 10000,
    CLOSE_UNSHARE = 2, /* CLOSE_RANGE_UNSHARE */
};

/* The files the thread keeps open, in its own descriptor table. */
enum { FILE_STAT, FILE_IO, FILE_THREAD_STAT, FILE_THREAD_DELAY, FILE_STATM, FILE_COUNT };

struct files {
    bool own_table;
    int fds[FILE_COUNT];
    int recording;
};

static void open_files(struct files *files, bool own_table)
{
    char path[80];
    unsigned tid = agent.writer.header->tid;
    const char *names[FILE_COUNT] = {"/proc/self/stat", "/proc/self/io", "/proc/self/task/%u/stat",
                                     "/proc/self/task/%u/schedstat", "/proc/self/statm"};
    files->own_table = own_table;
    for (int i = 0; i < FILE_COUNT; i++) {
        snprintf(path, sizeof(path), names[i], tid);
        files->fds[i] = own_table ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
    }
    files->recording = own_table ? (int)syscall(SYS_openat, AT_FDCWD, agent.writer.path, O_RDWR | O_CLOEXEC, 0) : -1;
}

static long read_file(const struct files *files, int file, char *text, size_t size)
{
    char path[80];
    long length;
    if (files->fds[file] >= 0) {
        length = syscall(SYS_pread64, files->fds[file], text, size - 1, 0);
        text[length > 0 ? length : 0] = 0;
        return length;
    }
    if (files->own_table)
        return -1;
    if (file == FILE_STAT || file == FILE_STATM)
        return usage_file(file == FILE_STAT ? "/proc/self/stat" : "/proc/self/statm", text, size);
    if (file == FILE_IO)
        return -1;
    snprintf(path, sizeof(path), "/proc/self/task/%u/%s", agent.writer.header->tid,
             file == FILE_THREAD_STAT ? "stat" : "schedstat");
    return usage_file(path, text, size);
}

/* The nth field of stat after the program's name, counted as proc(5) does; the name may hold anything but a later ')'. */
static const char *stat_field(const char *text, int number)
{
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < number; field++) {
        at = strchr(at, ' ');
        if (at)
            at++;
    }
    return at;
}

static uint64_t field_number(const char *text, int number)
{
    const char *at = stat_field(text, number);
    return at ? usage_number_after(at, "") : EVENT_UNKNOWN;
}

/* The resident set and what of it is whose. */
static void read_resident(const struct files *files, struct event_sample *sample)
{
    char text[128];
    long length = read_file(files, FILE_STATM, text, sizeof(text));
    uint64_t rss_bytes = usage_rss_of(length > 0 ? text : "", &sample->file_bytes);
    if (rss_bytes != EVENT_UNKNOWN)
        sample->rss_bytes = rss_bytes;
    alloc_resident(sample->rss_bytes, sample->file_bytes);
    alloc_families(&sample->python_bytes, &sample->native_bytes);
}

/* Answers whether the program goes on: false when every thread of its own has ended, the first one as a zombie. */
static bool take_sample(struct agent_thread *self, const struct files *files)
{
    char text[1024];
    struct event_sample sample = {
        .read_chars = EVENT_UNKNOWN, .read_bytes = EVENT_UNKNOWN, .start_delay_ns = EVENT_UNKNOWN};
    struct event_header *header = agent.writer.header;
    sample.t_ns = agent_now();
    if (read_file(files, FILE_STAT, text, sizeof(text)) <= 0)
        return true;
    uint64_t pages = field_number(text, 24), threads = field_number(text, 20);
    sample.rss_bytes = pages == EVENT_UNKNOWN ? pages : pages * header->page_bytes;
    sample.threads = threads == EVENT_UNKNOWN || threads == 0 ? 0 : (uint32_t)threads - 1;
    sample.major_faults = field_number(text, 12);
    read_resident(files, &sample);
    sample.process_cpu_ns = usage_clock(CLOCK_PROCESS_CPUTIME_ID);
    sample.start_cpu_ns = agent.slow_cpu_clock ? EVENT_UNKNOWN : usage_cpu_of(header->tid);
    if (read_file(files, FILE_IO, text, sizeof(text)) > 0) {
        sample.read_chars = usage_number_after(text, "char:"); /* an old gVisor writes it without the r */
        sample.read_bytes = usage_number_after(text, "read_bytes:");
    }
    if (read_file(files, FILE_THREAD_STAT, text, sizeof(text)) > 0) {
        const char *state = stat_field(text, 3);
        sample.start_state = state ? (unsigned char)*state : 0;
    }
    if (read_file(files, FILE_THREAD_DELAY, text, sizeof(text)) > 0)
        sample.start_delay_ns = usage_number_after(text, " ");
    struct event_sample *record = writer_reserve(&agent.writer, &self->writer, EVENT_SAMPLE, sizeof(*record));
    bool goes_on = sample.start_state != 'Z' || sample.threads != 1;
    if (!record)
        return goes_on;
    sample.event = record->event;
    *record = sample;
    writer_commit(&self->writer, record, sizeof(*record));
    header->last.monotonic_ns = sample.t_ns;
    header->last.real_ns = usage_clock(CLOCK_REALTIME);
    return goes_on;
}

static void wait_for(uint32_t *stop, uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u), .tv_nsec = (long)(until_ns % 1000000000u)};
    syscall(SYS_futex, stop, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &until, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void *sampler_main(void *argument)
{
    struct sampler *sampler = argument;
    struct agent_thread *self = &agent_self;
    struct files files;
    self->busy = 1;
    self->ours = 1;
    self->generation = agent.generation;
    sampler->tid = (uint32_t)syscall(SYS_gettid);
    bool own_table = syscall(SYS_close_range, 0u, ~0u, CLOSE_UNSHARE) == 0;
    if (!own_table)
        agent_note(self, EVENT_NOTE_NO_CLOSE_RANGE, (uint64_t)errno, NULL);
    open_files(&files, own_table);
    uint64_t period_ns = 1000000000u / (agent.start.rss_hz ? agent.start.rss_hz : 1);
    uint64_t next_ns = agent_now() + period_ns, stacks_ns = stacks_begin(self, own_table);
    while (!__atomic_load_n(&sampler->stop, __ATOMIC_ACQUIRE)) {
        uint64_t now_ns = agent_now();
        if (now_ns < next_ns && now_ns < stacks_ns) {
            wait_for(&sampler->stop, next_ns < stacks_ns ? next_ns : stacks_ns);
            continue;
        }
        if (now_ns >= stacks_ns)
            stacks_ns = stacks_sample(self, now_ns);
        if (now_ns < next_ns)
            continue;
        if (agent.start.rss_hz && !take_sample(self, &files)) {
            self->busy = 0; /* the last thread's end is the process's, and libc runs its exit handlers here */
            break;
        }
        writer_grow(&agent.writer, AHEAD_BYTES, files.recording);
        writer_trim(&agent.writer);
        next_ns = next_ns + period_ns > now_ns ? next_ns + period_ns : now_ns + period_ns;
    }
    stacks_end();
    return NULL;
}

static bool change_state(struct sampler *sampler, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&sampler->state, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static int create_thread(struct sampler *sampler)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    sigfillset(&all);
    if (pthread_attr_init(&attributes) != 0)
        return EAGAIN;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&sampler->thread, &attributes, sampler_main, sampler);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed;
}

void sampler_start(struct sampler *sampler)
{
    uint32_t from = __atomic_load_n(&sampler->state, __ATOMIC_SEQ_CST);
    if ((from != SAMPLER_OFF && from != SAMPLER_WAITS) || !change_state(sampler, from, SAMPLER_CHANGES))
        return;
    __atomic_store_n(&sampler->stop, 0, __ATOMIC_RELAXED);
    int failed = create_thread(sampler);
    if (failed)
        agent_note(&agent_self, EVENT_NOTE_NO_SAMPLER, (uint64_t)failed, NULL);
    __atomic_store_n(&sampler->state, failed ? SAMPLER_BROKEN : SAMPLER_RUNS, __ATOMIC_SEQ_CST);
}

void sampler_quit(struct sampler *sampler)
{
    __atomic_store_n(&sampler->stop, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &sampler->stop, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0);
}

/* A joined thread is still counted by the kernel for a moment, and Python and unshare() count threads. */
static void wait_until_gone(uint32_t tid)
{
    pid_t pid = (pid_t)syscall(SYS_getpid);
    for (int i = 0; i < GONE_TRIES && syscall(SYS_tgkill, pid, tid, 0) == 0; i++)
        sched_yield();
}

void sampler_stop(struct sampler *sampler)
{
    if (!change_state(sampler, SAMPLER_RUNS, SAMPLER_CHANGES))
        return;
    sampler_quit(sampler);
    __typeof__(&pthread_join) join = REAL(pthread_join);
    join(sampler->thread, NULL);
    wait_until_gone(sampler->tid);
    __atomic_store_n(&sampler->restart_ns, UINT64_MAX, __ATOMIC_RELAXED);
    __atomic_store_n(&sampler->state, SAMPLER_WAITS, __ATOMIC_SEQ_CST);
}

void sampler_restart_later(struct sampler *sampler)
{
    if (__atomic_load_n(&sampler->state, __ATOMIC_SEQ_CST) == SAMPLER_WAITS)
        __atomic_store_n(&sampler->restart_ns, agent_now() + RESTART_AFTER_NS, __ATOMIC_RELAXED);
}

void sampler_check(struct sampler *sampler, uint64_t now_ns)
{
    if (__atomic_load_n(&sampler->state, __ATOMIC_RELAXED) == SAMPLER_WAITS &&
        now_ns >= __atomic_load_n(&sampler->restart_ns, __ATOMIC_RELAXED))
        sampler_start(sampler);
}

void sampler_forget(struct sampler *sampler)
{
    sampler->stop = 0;
    sampler->restart_ns = agent_now() + RESTART_AFTER_NS;
    sampler->state = SAMPLER_WAITS;
}
