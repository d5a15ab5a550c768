/* A process and what it started.  Sessions, process groups and double forks do not hide anything here: this process is the
 * reaper of its orphans, so every process of the tree is a descendant of ours at any time, and parents are read from /proc. */
#include "sandbox/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { STAT_MOST = 1024, ENVIRONMENT_MOST = 4 << 20, FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_START = 22 };
static const uint64_t GIVE_UP_NS = 5000000000;

struct process {
    pid_t pid, parent;
    char state;
    uint64_t start_time;
};

/* Field number `wanted` (as proc(5) counts) of a stat line; the name in parentheses may hold anything, so the last ')' counts. */
static struct str stat_field(struct str line, unsigned wanted)
{
    ptrdiff_t close = str_find_last(line, ')');
    struct str rest = close < 0 ? (struct str){0} : str_slice(line, (size_t)close + 2, line.len), field = {0};
    for (unsigned i = FIELD_STATE; i <= wanted; i++) {
        if (!str_cut(&rest, ' ', &field))
            return (struct str){0};
    }
    return field;
}

/* The beginning of a small file of /proc; empty when it cannot be read. */
static struct str read_small(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return (struct str){0};
    ssize_t n = read(fd, text, size);
    close(fd);
    return str_from(text, n < 0 ? 0 : (size_t)n);
}

uint64_t tree_own_rss(void)
{
    char text[STAT_MOST];
    struct str line = read_small("/proc/self/statm", text, sizeof(text)), size, resident;
    uint64_t pages = 0;
    bool is_read = str_cut(&line, ' ', &size) && str_cut(&line, ' ', &resident) && str_to_u64(resident, &pages);
    if (!is_read)
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool read_process(pid_t pid, struct process *out)
{
    char path[64], text[STAT_MOST];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    uint64_t parent, start;
    struct str line = read_small(path, text, sizeof(text)), state = stat_field(line, FIELD_STATE);
    if (!state.len || !str_to_u64(stat_field(line, FIELD_PARENT), &parent) ||
        !str_to_u64(stat_field(line, FIELD_START), &start))
        return false;
    *out = (struct process){pid, (pid_t)parent, state.ptr[0], start};
    return true;
}

uint64_t tree_start_time(pid_t pid)
{
    struct process process;
    return read_process(pid, &process) ? process.start_time : 0;
}

struct process_list {
    array_of(struct process) items;
};

static void read_all(struct arena *arena, struct process_list *out)
{
    DIR *dir = opendir("/proc");
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        uint64_t pid;
        struct process process;
        if (str_to_u64(str_of(entry->d_name), &pid) && read_process((pid_t)pid, &process))
            *array_push(arena, &out->items) = process;
    }
    if (dir)
        closedir(dir);
}

static bool contains(const struct tree_list *list, pid_t pid)
{
    for (size_t i = 0; list && i < list->pids.len; i++) {
        if (list->pids.items[i] == pid)
            return true;
    }
    return false;
}

void tree_children(struct arena *arena, struct tree_list *out)
{
    struct process_list all = {0};
    read_all(arena, &all);
    for (size_t i = 0; i < all.items.len; i++) {
        if (all.items.items[i].parent == getpid())
            *array_push(arena, &out->pids) = all.items.items[i].pid;
    }
}

/* Every descendant of ours that is not below a kept child, parents before their children. */
static void find_descendants(struct arena *arena, const struct tree_list *keep, struct process_list *out)
{
    struct process_list all = {0};
    read_all(arena, &all);
    pid_t parent = getpid();
    for (size_t done = 0;; done++) {
        for (size_t i = 0; i < all.items.len; i++) {
            struct process process = all.items.items[i];
            if (process.parent == parent && process.pid != parent && !contains(keep, process.pid))
                *array_push(arena, &out->items) = process;
        }
        if (done == out->items.len)
            return;
        parent = out->items.items[done].pid;
    }
}

static uint64_t timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_usec * 1000;
}

void tree_add_usage(struct tree_usage *usage, const struct rusage *rusage)
{
    uint64_t rss = (uint64_t)rusage->ru_maxrss * 1024;
    usage->user_ns += timeval_ns(rusage->ru_utime);
    usage->system_ns += timeval_ns(rusage->ru_stime);
    if (rss > usage->max_rss_bytes)
        usage->max_rss_bytes = rss;
}

unsigned tree_kill(const struct tree_list *keep, struct tree_usage *usage)
{
    uint64_t until = clock_monotonic_ns(&clock_system) + GIVE_UP_NS;
    struct arena arena = {0};
    unsigned running = 0;
    for (bool first = true; clock_monotonic_ns(&clock_system) < until; first = false) {
        struct process_list found = {0};
        arena_reset(&arena);
        find_descendants(&arena, keep, &found);
        if (!found.items.len)
            break;
        for (size_t i = 0; i < found.items.len; i++) {
            struct process process = found.items.items[i];
            struct rusage rusage;
            if (process.state != 'Z') {
                running += first;
                kill(process.pid, SIGKILL);
            }
            if (process.parent == getpid() && wait4(process.pid, NULL, WNOHANG, &rusage) == process.pid)
                tree_add_usage(usage, &rusage);
        }
        nanosleep(&(struct timespec){.tv_nsec = first ? 200000 : 1000000}, NULL);
    }
    arena_release(&arena);
    return running;
}

static bool is_marked(struct arena *arena, pid_t pid, const char *mark)
{
    struct str environment;
    const char *path = arena_printf(arena, "/proc/%d/environ", (int)pid).ptr; /* those of others cannot be read */
    return file_read(arena, path, ENVIRONMENT_MOST, &environment, NULL) == 0 && str_contains(environment, str_of(mark));
}

static unsigned kill_abandoned(const char *mark, pid_t session)
{
    struct arena arena = {0};
    struct process_list all = {0};
    unsigned killed = 0;
    read_all(&arena, &all);
    for (size_t i = 0; i < all.items.len; i++) {
        pid_t pid = all.items.items[i].pid;
        if (pid == getpid() || all.items.items[i].state == 'Z')
            continue;
        if ((session > 0 && getsid(pid) == session) || is_marked(&arena, pid, mark))
            killed += kill(pid, SIGKILL) == 0;
    }
    arena_release(&arena);
    return killed;
}

void tree_kill_abandoned(const char *mark, pid_t session)
{
    uint64_t until = clock_monotonic_ns(&clock_system) + GIVE_UP_NS;
    while (kill_abandoned(mark, session) && clock_monotonic_ns(&clock_system) < until)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}
