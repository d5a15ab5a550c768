/* agent_self of another thread lies as far from its pthread_self() as ours from our own: that is what initial-exec TLS is. */
#include "agent/doing.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/io.h"

enum {
    GLIBC_TID = 720, /* of struct pthread on x86_64, where gettid() is kept */
};

static uint64_t own_place(uint64_t pthread)
{
    return pthread + ((uint64_t)(uintptr_t)&agent_self - (uint64_t)pthread_self());
}

uint64_t doing_place(uint64_t pthread, uint32_t *length_out)
{
    *length_out = offsetof(struct agent_thread, pending) - offsetof(struct agent_thread, call_frame);
    return own_place(pthread) + offsetof(struct agent_thread, call_frame);
}

static uint8_t state_of(const struct io_call *call)
{
    static const uint8_t states[] = {
        [EVENT_IO_OPEN] = EVENT_STATE_DISK,      [EVENT_IO_STAT] = EVENT_STATE_DISK,
        [EVENT_IO_READ] = EVENT_STATE_DISK,      [EVENT_IO_WRITE] = EVENT_STATE_DISK,
        [EVENT_IO_MMAP] = EVENT_STATE_DISK,      [EVENT_IO_CLOSE] = EVENT_STATE_DISK,
        [EVENT_IO_SYNC] = EVENT_STATE_DISK,      [EVENT_IO_CONNECT] = EVENT_STATE_NETWORK,
        [EVENT_IO_ACCEPT] = EVENT_STATE_NETWORK, [EVENT_IO_RECV] = EVENT_STATE_NETWORK,
        [EVENT_IO_SEND] = EVENT_STATE_NETWORK,   [EVENT_IO_LOOKUP] = EVENT_STATE_NETWORK,
        [EVENT_IO_POLL] = EVENT_STATE_NETWORK,   [EVENT_IO_SLEEP] = EVENT_STATE_SLEEP,
        [EVENT_IO_LOCK] = EVENT_STATE_LOCK,      [EVENT_IO_GIL] = EVENT_STATE_GIL,
        [EVENT_IO_CHILD] = EVENT_STATE_CHILD,
    };
    uint8_t state = call->kind < sizeof(states) ? states[call->kind] : EVENT_STATE_UNKNOWN;
    if (state == EVENT_STATE_DISK && call->object == EVENT_OBJECT_SOCKET)
        return EVENT_STATE_NETWORK;
    if (call->object == EVENT_OBJECT_PIPE && (state == EVENT_STATE_DISK || state == EVENT_STATE_NETWORK))
        return EVENT_STATE_LOCK;
    return state;
}

void doing_read(const struct memory *memory, uint64_t pthread, struct doing *doing_out)
{
    struct agent_thread thread = {0};
    struct io_call call;
    uint32_t length;
    uint64_t place = doing_place(pthread, &length);
    *doing_out = (struct doing){.invocation = EVENT_NO_CALL};
    if (memory_read(memory, place, &thread.call_frame, length) || thread.generation != agent.generation)
        return;
    doing_out->invocation = thread.call;
    doing_out->waited_ns = thread.waited_ns;
    uint64_t frame = (uint64_t)(uintptr_t)thread.call_frame;
    if (!frame || memory_read(memory, frame, &call, sizeof(call)) ||
        (uint64_t)(uintptr_t)call.self != own_place(pthread))
        return;
    doing_out->call = frame;
    doing_out->began_ns = call.began_ns;
    doing_out->state = state_of(&call);
}

uint32_t doing_thread_id(const struct memory *memory, uint64_t pthread)
{
    uint32_t own = 0, id = 0;
    memcpy(&own, (const char *)pthread_self() + GLIBC_TID, sizeof(own));
    if (own != (uint32_t)syscall(SYS_gettid) || memory_read(memory, pthread + GLIBC_TID, &id, sizeof(id)))
        return 0;
    return id;
}

uint8_t doing_ask_kernel(uint32_t tid)
{
    char path[64], text[256];
    snprintf(path, sizeof(path), "/proc/self/task/%u/stat", tid);
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return EVENT_STATE_UNKNOWN;
    ssize_t length = syscall(SYS_read, fd, text, sizeof(text) - 1);
    syscall(SYS_close, fd);
    text[length > 0 ? length : 0] = 0;
    const char *end = strrchr(text, ')');
    char letter = end && end[1] ? end[2] : 0;
    return letter == 'R' ? EVENT_STATE_ON_CPU : letter == 'D' ? EVENT_STATE_DISK : EVENT_STATE_UNKNOWN;
}
