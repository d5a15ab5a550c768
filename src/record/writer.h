/* Writes a recording (record/event.h).  libc only; runs inside the user's process: it never aborts, never asserts, allocates
 * only when a recording is begun, and keeps no descriptor open.
 *
 * The space of every byte that is written was allocated before, so that a full disk ends the recording and not the process.
 * A thread writes through its own struct writer_thread; threads share the tail and the table of strings, without locks. */
#ifndef COLDSPOT_RECORD_WRITER_H
#define COLDSPOT_RECORD_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "record/event.h"

struct writer_slot;

enum { WRITER_CHUNK_BYTES = 1 << 20, WRITER_CHUNKS = 1024, WRITER_SPARES = 32 };

/* The rest of a block whose thread has ended. */
struct writer_spare {
    uint32_t state;
    char *next, *end;
};

struct writer {
    struct event_header *header; /* NULL: not recording; every call then does nothing */
    /* private */
    char *chunks[WRITER_CHUNKS]; /* of the file, mapped as it grows: addresses are the program's, and may be limited */
    struct writer_slot *strings;
    struct writer_spare spares[WRITER_SPARES];
    uint64_t generation;    /* tells a thread that its block belongs to an earlier recording */
    uint64_t string_key[2]; /* of the digests */
    uint32_t growing;
    uint64_t trimmed; /* chunks that writer_trim is done with */
    uint32_t redact;
    char path[512];
};

/* What a thread holds; zeroed at first. */
struct writer_thread {
    char *next; /* where its next record goes */
    char *end;  /* of its block */
    uint64_t generation;
    uint32_t tid;
};

struct writer_start {
    const char *directory; /* the file becomes directory/PID.N.rec */
    uint32_t why;          /* enum event_why */
    uint32_t observe;
    uint32_t rss_hz, sample_hz;
    uint64_t parent_id;
    uint64_t began_ns;
    uint64_t max_bytes;
    uint64_t first_bytes;   /* allocated at once; more is allocated as needed */
    int redact;             /* keep digests of paths and hosts */
    uint64_t redact_key[2]; /* the run's, so that equal paths have equal digests in all its recordings */
};

/* Begins a recording of this process.  0, or an errno: the directory cannot be written, no space, RLIMIT_FSIZE too small.
 * Nothing is left behind then.  Called by one thread, before others may write. */
int writer_begin(struct writer *writer, const struct writer_start *start);

/* A thread ends: what it has left of its block is another's. */
void writer_thread_end(struct writer *writer, struct writer_thread *thread);

/* In a forked child: lets go of the parent's recording, which stays as it is. */
void writer_forget(struct writer *writer);

/* Ends the recording: nothing is added after it, though threads may go on calling.  The file keeps what was allocated and not
 * used (less than a megabyte): cutting it off takes milliseconds on a disk, and would take them from the program.
 * After EVENT_END_REPLACED it can go on, when exec fails. */
void writer_end(struct writer *writer, enum event_end end, int exit_code);

/* Room for a record of `bytes` in all, zeroed, its type set; NULL when there is none.  Fill it, then writer_commit it. */
void *writer_reserve(struct writer *writer, struct writer_thread *thread, enum event_type type, size_t bytes);
void writer_commit(struct writer_thread *thread, void *record, size_t bytes);

/* The id of a string, written at its first use; 0 for an empty one or when the table is full. */
uint32_t writer_string(struct writer *writer, struct writer_thread *thread, const char *text, size_t length);

/* The same for a path or host: a digest of it where the recording keeps only digests. */
uint32_t writer_private_string(struct writer *writer, struct writer_thread *thread, const char *text, size_t length);

/* Raises cap so that at least `ahead` bytes are free; `fd` is the recording's file open for writing, or -1.  0 or an errno. */
int writer_grow(struct writer *writer, uint64_t ahead, int fd);

/* Lets go of what was written long ago, so that a long recording does not count as the process's memory: the file keeps it, and
 * records that are still brought up to date come back by themselves.  By one thread. */
void writer_trim(struct writer *writer);

void writer_note(struct writer *writer, struct writer_thread *thread, enum event_note_code code, uint64_t number,
                 const char *text);

#endif
