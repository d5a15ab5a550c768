/* Reads clocks and /proc for the process and the calling thread.  No descriptor stays open, no libc name that we interpose is
 * called. */
#include "agent/usage.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"

uint64_t usage_clock(int clock_id)
{
    struct timespec now;
    if (clock_gettime(clock_id, &now) != 0)
        return EVENT_UNKNOWN;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t usage_cpu_of(uint32_t tid)
{
    return usage_clock((clockid_t)((~tid << 3) | 6)); /* as the kernel numbers them: linux/posix-timers.h */
}

uint64_t usage_thread_cpu(void)
{
    return agent.slow_cpu_clock ? EVENT_UNKNOWN : usage_clock(CLOCK_THREAD_CPUTIME_ID);
}

long usage_file(const char *path, char *text, size_t size)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    long length = syscall(SYS_read, fd, text, size - 1);
    syscall(SYS_close, fd);
    if (length >= 0)
        text[length] = 0;
    return length;
}

uint64_t usage_number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    if (!at)
        return EVENT_UNKNOWN;
    at += strlen(key);
    while (*at == ' ' || *at == '\t')
        at++;
    uint64_t number = 0;
    if (*at < '0' || *at > '9')
        return EVENT_UNKNOWN;
    for (; *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    return number;
}

static uint64_t bytes_of(uint64_t pages)
{
    return pages == EVENT_UNKNOWN ? pages : pages * agent.writer.header->page_bytes;
}

uint64_t usage_rss_of(const char *statm, uint64_t *file_bytes_out)
{
    const char *second = strchr(statm, ' '), *third = second ? strchr(second + 1, ' ') : NULL;
    uint64_t file_pages = third ? usage_number_after(third, "") : EVENT_UNKNOWN;
    if (file_bytes_out)
        *file_bytes_out = bytes_of(file_pages ? file_pages : EVENT_UNKNOWN);
    return bytes_of(second ? usage_number_after(second, "") : EVENT_UNKNOWN);
}

uint64_t usage_rss(uint64_t *file_bytes_out)
{
    char text[128];
    long length = usage_file("/proc/self/statm", text, sizeof(text));
    return usage_rss_of(length > 0 ? text : "", file_bytes_out);
}

static uint64_t run_delay(void)
{
    char text[96];
    if (usage_file("/proc/thread-self/schedstat", text, sizeof(text)) <= 0)
        return EVENT_UNKNOWN;
    return usage_number_after(text, " ");
}

static void read_memory(struct event_usage *usage)
{
    char text[4096];
    usage->rss_bytes = EVENT_UNKNOWN;
    usage->hwm_bytes = EVENT_UNKNOWN;
    if (usage_file("/proc/self/status", text, sizeof(text)) > 0) {
        uint64_t hwm_kib = usage_number_after(text, "VmHWM:");
        uint64_t rss_kib = usage_number_after(text, "VmRSS:");
        usage->hwm_bytes = hwm_kib == EVENT_UNKNOWN || hwm_kib == 0 ? EVENT_UNKNOWN : hwm_kib * 1024;
        usage->rss_bytes = rss_kib == EVENT_UNKNOWN ? rss_kib : rss_kib * 1024;
    }
    if (usage->rss_bytes == EVENT_UNKNOWN)
        usage->rss_bytes = usage_rss(NULL);
}

void usage_read(const struct agent_thread *self, struct event_usage *usage)
{
    struct rusage resources;
    usage->thread_cpu_ns = usage_clock(CLOCK_THREAD_CPUTIME_ID);
    usage->process_cpu_ns = usage_clock(CLOCK_PROCESS_CPUTIME_ID);
    usage->run_delay_ns = run_delay();
    read_memory(usage);
    usage->major_faults = getrusage(RUSAGE_SELF, &resources) == 0 ? (uint64_t)resources.ru_majflt : EVENT_UNKNOWN;
    usage->read_bytes = self->read_bytes;
    usage->write_bytes = self->write_bytes;
    usage->voluntary_switches = getrusage(RUSAGE_THREAD, &resources) == 0 ? (uint64_t)resources.ru_nvcsw
                                                                          : EVENT_UNKNOWN;
}
