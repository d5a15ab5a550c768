/* The writing side of a recording: a file of which [0, cap) is allocated, mapped chunk by chunk, and may be stored to.
 *
 * Invariants: nothing is stored at or above cap, so no store can raise SIGBUS on a full disk; a block belongs to the thread that
 * took it; a record's length is stored after everything else of it.  Kernel calls go through syscall(), because libc's names
 * are interposed by the library this is linked into. */
#include "record/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum {
    STRING_SLOTS = 32768,
    STRING_PROBES = 64,
    GROW_BYTES = 256 << 10, /* on a user's thread: populated pages count as resident */
    LEAST_BYTES = 64 << 10, /* a recording smaller than this is not worth beginning */
    NAME_TRIES = 4096,
    RESERVE_BYTES = 64 << 20, /* of the disk, that no recording takes */
    SPARE_BYTES = 512,        /* less is not worth keeping */
};

enum spare_state { SPARE_NONE, SPARE_THERE, SPARE_CHANGES };

struct writer_slot {
    uint64_t hash; /* 0: free */
};

#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_SEQ_CST)
#define STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_SEQ_CST)
#define COUNT(place) __atomic_fetch_add(&(place), 1, __ATOMIC_RELAXED)

static uint64_t now_ns(clockid_t id)
{
    struct timespec now;
    if (clock_gettime(id, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- strings ---- */

static uint64_t load64(const char *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xc2b2ae3d27d4eb4fu);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_bytes(const char *text, size_t length)
{
    uint64_t hash = mix(length, 0x165667b19e3779f9u);
    while (length >= 8) {
        hash = mix(hash, load64(text));
        text += 8;
        length -= 8;
    }
    char rest[8] = {0};
    memcpy(rest, text, length);
    hash = mix(hash ^ load64(rest), 0x27d4eb2f165667c5u);
    return hash ? hash : 1;
}

static uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-2-4: a path cannot be guessed from its digest without the run's key. */
static uint64_t sip_hash(const uint64_t key[2], const char *text, size_t length)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
                     key[1] ^ 0x7465646279746573u};
    uint64_t last = (uint64_t)length << 56;
    for (; length >= 8; text += 8, length -= 8) {
        uint64_t word = load64(text);
        v[3] ^= word;
        sip_round(v);
        sip_round(v);
        v[0] ^= word;
    }
    for (size_t i = 0; i < length; i++)
        last |= (uint64_t)(unsigned char)text[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void write_string(struct writer *writer, struct writer_thread *thread, uint32_t id, const char *text,
                         size_t length, unsigned flags)
{
    if (length > EVENT_STRING_MAX) {
        length = EVENT_STRING_MAX;
        flags |= EVENT_FLAG_CUT;
    }
    size_t bytes = (sizeof(struct event_string) + length + 7) & ~(size_t)7;
    struct event_string *string = writer_reserve(writer, thread, EVENT_STRING, bytes);
    if (!string)
        return;
    string->event.flags = (uint16_t)flags;
    string->id = id;
    string->length = (uint32_t)length;
    memcpy(string->text, text, length);
    writer_commit(thread, string, bytes);
}

static uint32_t intern(struct writer *writer, struct writer_thread *thread, const char *text, size_t length,
                       unsigned flags)
{
    if (!writer->header || length == 0)
        return 0;
    uint64_t hash = hash_bytes(text, length);
    for (unsigned i = 0; i < STRING_PROBES; i++) {
        uint32_t place = (uint32_t)(hash + i) % STRING_SLOTS;
        uint64_t *slot = &writer->strings[place].hash;
        uint64_t seen = LOAD(*slot);
        if (seen == hash)
            return place + 1;
        if (seen != 0)
            continue;
        if (__atomic_compare_exchange_n(slot, &seen, hash, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            write_string(writer, thread, place + 1, text, length, flags);
            return place + 1;
        }
        if (seen == hash)
            return place + 1;
    }
    COUNT(writer->header->dropped_strings);
    return 0;
}

uint32_t writer_string(struct writer *writer, struct writer_thread *thread, const char *text, size_t length)
{
    return intern(writer, thread, text, length, 0);
}

uint32_t writer_private_string(struct writer *writer, struct writer_thread *thread, const char *text, size_t length)
{
    if (!writer->redact || length == 0)
        return intern(writer, thread, text, length, 0);
    uint64_t digest = sip_hash(writer->string_key, text, length);
    char hex[18] = "#";
    for (int i = 0; i < 16; i++)
        hex[1 + i] = "0123456789abcdef"[digest >> (60 - 4 * i) & 15];
    return intern(writer, thread, hex, 17, EVENT_FLAG_DIGEST);
}

/* ---- space ---- */

/* Whether the disk has so many bytes beyond what is left to the program: it may need some of them, and has more children than
 * we know of.  A small disk is not left out for it: an eighth is enough there. */
static int leaves_room(int fd, uint64_t bytes)
{
    struct statfs disk;
    if (syscall(SYS_fstatfs, fd, &disk) != 0)
        return 1;
    uint64_t unit = (uint64_t)disk.f_bsize, reserve = disk.f_blocks * unit / 8;
    if (reserve > RESERVE_BYTES)
        reserve = RESERVE_BYTES;
    return disk.f_blocks == 0 || disk.f_bavail * unit >= reserve + bytes;
}

static int allocate(int fd, uint64_t from, uint64_t bytes)
{
    static const char zeros[4096];
    if (!leaves_room(fd, bytes))
        return ENOSPC;
    if (syscall(SYS_fallocate, fd, 0, from, bytes) == 0)
        return 0;
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)
        return errno;
    while (bytes > 0) {
        size_t part = bytes < sizeof(zeros) ? bytes : sizeof(zeros);
        long done = syscall(SYS_pwrite64, fd, zeros, part, from);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? errno : ENOSPC;
        from += (uint64_t)done;
        bytes -= (uint64_t)done;
    }
    return 0;
}

static void *map_pages(size_t bytes, int flags, int fd, uint64_t offset)
{
    long at = syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, offset);
    return at == -1 ? NULL : (void *)at; /* NOLINT(performance-no-int-to-ptr) */
}

/* Maps the chunks up to `to` that are not mapped yet.  A chunk is mapped whole, also where the file does not reach yet. */
static int map_chunks(struct writer *writer, uint64_t to, int fd)
{
    for (uint64_t i = 0; i * WRITER_CHUNK_BYTES < to; i++) {
        if (writer->chunks[i])
            continue;
        char *chunk = map_pages(WRITER_CHUNK_BYTES, MAP_SHARED | MAP_NORESERVE, fd, i * WRITER_CHUNK_BYTES);
        if (!chunk)
            return errno;
        syscall(SYS_madvise, chunk, WRITER_CHUNK_BYTES, MADV_DONTDUMP);
        /* Without this the first store costs milliseconds: the kernel reads ahead into a file of zeros. */
        syscall(SYS_madvise, chunk, WRITER_CHUNK_BYTES, MADV_RANDOM);
        writer->chunks[i] = chunk;
    }
    return 0;
}

static int extend(struct writer *writer, uint64_t from, uint64_t to, int fd)
{
    int failed = allocate(fd, from, to - from);
    return failed ? failed : map_chunks(writer, to, fd);
}

static int extend_by_path(struct writer *writer, uint64_t from, uint64_t to)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, writer->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0)
        return errno;
    int failed = extend(writer, from, to, fd);
    syscall(SYS_close, fd);
    return failed;
}

/* The most that the recording may grow to: not beyond the limit of the process, which would be sent a signal. */
static uint64_t limited_size(uint64_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < wanted)
        wanted = limit.rlim_cur;
    return wanted / EVENT_BLOCK_BYTES * EVENT_BLOCK_BYTES;
}

static void mark_full(struct writer *writer, int why)
{
    writer->header->full_errno = (uint32_t)why;
    STORE(writer->header->full, 1);
}

static int is_open(const struct event_header *header)
{
    uint32_t end = LOAD(header->end);
    return end != EVENT_END_EXIT && end != EVENT_END_QUICK && !LOAD(header->full);
}

int writer_grow(struct writer *writer, uint64_t ahead, int fd)
{
    struct event_header *header = writer->header;
    if (!header)
        return 0;
    uint32_t idle = 0;
    if (!__atomic_compare_exchange_n(&writer->growing, &idle, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return EBUSY;
    int failed = 0;
    uint64_t cap = LOAD(header->cap);
    uint64_t want = LOAD(header->tail) + ahead;
    if (is_open(header) && want > cap) {
        uint64_t limit = limited_size(header->max_bytes), to = (want + GROW_BYTES - 1) / GROW_BYTES * GROW_BYTES;
        if (to > limit)
            to = limit;
        if (to > cap)
            failed = fd >= 0 ? extend(writer, cap, to, fd) : extend_by_path(writer, cap, to);
        else
            failed = limit < header->max_bytes ? EFBIG : 0;
        if (failed)
            mark_full(writer, failed);
        else if (to > cap)
            STORE(header->cap, to);
    }
    STORE(writer->growing, 0);
    return failed;
}

void writer_trim(struct writer *writer)
{
    if (!writer->header)
        return;
    uint64_t tail = LOAD(writer->header->tail), cap = LOAD(writer->header->cap);
    uint64_t newest = (tail < cap ? tail : cap) / WRITER_CHUNK_BYTES;
    /* The header stays, and the two newest chunks, in which threads still write. */
    for (uint64_t i = writer->trimmed ? writer->trimmed : 1; i + 1 < newest && i < WRITER_CHUNKS; i++) {
        if (writer->chunks[i])
            syscall(SYS_madvise, writer->chunks[i], WRITER_CHUNK_BYTES, MADV_DONTNEED);
        writer->trimmed = i + 1;
    }
}

/* Makes sure that [offset, offset + a block) is allocated. */
static int back_block(struct writer *writer, uint64_t offset)
{
    struct event_header *header = writer->header;
    while (offset + EVENT_BLOCK_BYTES > LOAD(header->cap)) {
        if (!is_open(header))
            return 0;
        if (offset + EVENT_BLOCK_BYTES > header->max_bytes) {
            mark_full(writer, 0);
            return 0;
        }
        if (writer_grow(writer, EVENT_BLOCK_BYTES, -1) == EBUSY)
            sched_yield();
    }
    return 1;
}

void writer_thread_end(struct writer *writer, struct writer_thread *thread)
{
    if (!writer->header || thread->generation != writer->generation || thread->end - thread->next < SPARE_BYTES)
        return;
    thread->generation = 0;
    for (int i = 0; i < WRITER_SPARES; i++) {
        struct writer_spare *spare = &writer->spares[i];
        uint32_t state = SPARE_NONE;
        if (!__atomic_compare_exchange_n(&spare->state, &state, SPARE_CHANGES, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            continue;
        spare->next = thread->next;
        spare->end = thread->end;
        STORE(spare->state, SPARE_THERE);
        return;
    }
}

/* The rest of another thread's block: it says whose it is now. */
static int take_spare(struct writer *writer, struct writer_thread *thread)
{
    for (int i = 0; i < WRITER_SPARES; i++) {
        struct writer_spare *spare = &writer->spares[i];
        uint32_t state = SPARE_THERE;
        if (!__atomic_compare_exchange_n(&spare->state, &state, SPARE_CHANGES, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            continue;
        thread->next = spare->next;
        thread->end = spare->end;
        STORE(spare->state, SPARE_NONE);
        struct event_thread *taken = (struct event_thread *)thread->next;
        taken->event.type = EVENT_THREAD;
        taken->tid = thread->tid;
        taken->t_ns = now_ns(CLOCK_MONOTONIC);
        writer_commit(thread, taken, sizeof(*taken));
        return 1;
    }
    return 0;
}

static int take_block(struct writer *writer, struct writer_thread *thread)
{
    struct event_header *header = writer->header;
    if (!is_open(header))
        return 0;
    if (thread->generation != writer->generation) {
        thread->generation = writer->generation;
        thread->tid = (uint32_t)syscall(SYS_gettid);
        thread->next = thread->end = NULL;
        COUNT(header->threads);
        if (take_spare(writer, thread))
            return 1;
    }
    uint64_t offset = __atomic_fetch_add(&header->tail, EVENT_BLOCK_BYTES, __ATOMIC_SEQ_CST);
    if (!back_block(writer, offset))
        return 0;
    char *place = writer->chunks[offset / WRITER_CHUNK_BYTES] + offset % WRITER_CHUNK_BYTES;
    struct event_block *block = (struct event_block *)place;
    block->began_ns = now_ns(CLOCK_MONOTONIC);
    thread->next = (char *)(block + 1);
    thread->end = place + EVENT_BLOCK_BYTES;
    __atomic_store_n(&block->tid, thread->tid, __ATOMIC_RELEASE);
    return 1;
}

/* ---- records ---- */

static int has_room(const struct writer *writer, const struct writer_thread *thread, size_t bytes)
{
    return thread->generation == writer->generation && (size_t)(thread->end - thread->next) >= bytes;
}

void *writer_reserve(struct writer *writer, struct writer_thread *thread, enum event_type type, size_t bytes)
{
    if (!writer->header)
        return NULL;
    /* A thread's first block may be the rest of another's, and too small. */
    for (int i = 0; i < 2 && !has_room(writer, thread, bytes); i++)
        if (!take_block(writer, thread))
            break;
    if (!has_room(writer, thread, bytes)) {
        COUNT(writer->header->dropped_records);
        return NULL;
    }
    struct event *event = (struct event *)thread->next;
    event->type = (uint16_t)type;
    return event;
}

void writer_commit(struct writer_thread *thread, void *record, size_t bytes)
{
    struct event *event = record;
    thread->next += bytes;
    __atomic_store_n(&event->bytes, (uint32_t)bytes, __ATOMIC_RELEASE);
}

void writer_note(struct writer *writer, struct writer_thread *thread, enum event_note_code code, uint64_t number,
                 const char *text)
{
    uint32_t string = text ? writer_string(writer, thread, text, strlen(text)) : 0;
    struct event_note *note = writer_reserve(writer, thread, EVENT_NOTE, sizeof(*note));
    if (!note)
        return;
    note->code = code;
    note->number = number;
    note->text = string;
    writer_commit(thread, note, sizeof(*note));
}

/* ---- begin and end ---- */

static int create_file(struct writer *writer, const char *directory, uint32_t *number_out, int *fd_out)
{
    for (uint32_t number = 0; number < NAME_TRIES; number++) {
        int length = snprintf(writer->path, sizeof(writer->path), "%s/%d.%u" EVENT_SUFFIX, directory,
                              (int)syscall(SYS_getpid), number);
        if (length < 0 || (size_t)length >= sizeof(writer->path))
            return ENAMETOOLONG;
        int fd = (int)syscall(SYS_openat, AT_FDCWD, writer->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0) {
            *number_out = number;
            *fd_out = fd;
            return 0;
        }
        if (errno != EEXIST)
            return errno;
    }
    return EEXIST;
}

static uint64_t make_id(void)
{
    uint64_t id = 0;
    if (syscall(SYS_getrandom, &id, sizeof(id), 1 /* GRND_NONBLOCK */) != sizeof(id))
        id = mix(now_ns(CLOCK_REALTIME) ^ (uint64_t)(uintptr_t)&id, (uint64_t)syscall(SYS_getpid));
    return id ? id : 1;
}

static void fill_header(struct writer *writer, const struct writer_start *start, uint32_t number, uint64_t cap,
                        uint64_t limit)
{
    struct event_header *header = (struct event_header *)writer->chunks[0];
    header->version = EVENT_VERSION;
    header->header_bytes = EVENT_HEADER_BYTES;
    header->block_bytes = EVENT_BLOCK_BYTES;
    header->byte_order = 0x01020304;
    header->id = make_id();
    header->parent_id = start->parent_id;
    header->pid = (uint32_t)syscall(SYS_getpid);
    header->ppid = (uint32_t)syscall(SYS_getppid);
    header->tid = (uint32_t)syscall(SYS_gettid);
    header->why = start->why;
    header->number = number;
    header->observe = start->observe;
    header->rss_hz = start->rss_hz;
    header->sample_hz = start->sample_hz;
    header->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
    header->max_bytes = limit;
    header->first.real_ns = now_ns(CLOCK_REALTIME);
    header->first.monotonic_ns = now_ns(CLOCK_MONOTONIC);
    header->last = header->first;
    header->began_ns = start->began_ns ? start->began_ns : header->first.monotonic_ns;
    header->tail = EVENT_HEADER_BYTES;
    header->cap = cap;
    if (syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", header->program, sizeof(header->program) - 1) < 0)
        header->program[0] = 0;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    memcpy(header->magic, EVENT_MAGIC, sizeof(header->magic));
    writer->header = header;
}

static void unmap_chunks(struct writer *writer)
{
    for (size_t i = 0; i < WRITER_CHUNKS; i++) {
        if (writer->chunks[i])
            syscall(SYS_munmap, writer->chunks[i], WRITER_CHUNK_BYTES);
        writer->chunks[i] = NULL;
    }
}

static int begin_file(struct writer *writer, uint64_t first_bytes, int fd)
{
    size_t bytes = STRING_SLOTS * sizeof(*writer->strings);
    if (!writer->strings)
        writer->strings = map_pages(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!writer->strings)
        return ENOMEM;
    return extend(writer, 0, first_bytes, fd);
}

int writer_begin(struct writer *writer, const struct writer_start *start)
{
    uint32_t number = 0;
    int fd = -1;
    uint64_t first = start->first_bytes / EVENT_BLOCK_BYTES * EVENT_BLOCK_BYTES;
    uint64_t most = (uint64_t)WRITER_CHUNKS * WRITER_CHUNK_BYTES;
    uint64_t limit = limited_size(start->max_bytes < most ? start->max_bytes : most);
    if (limit < LEAST_BYTES)
        return EFBIG;
    if (first < LEAST_BYTES)
        first = LEAST_BYTES;
    int failed = create_file(writer, start->directory, &number, &fd);
    if (failed)
        return failed;
    if (first > limit)
        first = limit;
    failed = begin_file(writer, first, fd);
    syscall(SYS_close, fd);
    if (failed) {
        unmap_chunks(writer);
        syscall(SYS_unlinkat, AT_FDCWD, writer->path, 0);
        return failed;
    }
    writer->redact = start->redact != 0;
    memcpy(writer->string_key, start->redact_key, sizeof(writer->string_key));
    writer->growing = 0;
    writer->trimmed = 0;
    writer->generation++;
    fill_header(writer, start, number, first, limit);
    return 0;
}

void writer_forget(struct writer *writer)
{
    if (!writer->header)
        return;
    writer->header = NULL;
    unmap_chunks(writer);
    memset(writer->spares, 0, sizeof(writer->spares));
    /* Private anonymous pages read as zero after this: an empty table. */
    syscall(SYS_madvise, writer->strings, STRING_SLOTS * sizeof(*writer->strings), MADV_DONTNEED);
}

void writer_end(struct writer *writer, enum event_end end, int exit_code)
{
    struct event_header *header = writer->header;
    if (!header || LOAD(header->end) == EVENT_END_EXIT || LOAD(header->end) == EVENT_END_QUICK)
        return;
    header->last.real_ns = now_ns(CLOCK_REALTIME);
    header->last.monotonic_ns = now_ns(CLOCK_MONOTONIC);
    header->ended_ns = header->last.monotonic_ns;
    header->exit_code = exit_code;
    STORE(header->end, (uint32_t)end);
}
