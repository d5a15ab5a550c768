/* Reads this process's own memory where it may vanish meanwhile: the kernel copies it (a bad address is an error, not a fault),
 * many ranges in one call, into a memory file that nobody else knows.
 *
 * What the next look will need is announced (peek_want) and fetched at once (peek_fetch); what was not foreseen is read singly.
 * Used by one thread. */
#ifndef COLDSPOT_AGENT_PEEK_H
#define COLDSPOT_AGENT_PEEK_H

#include <stdbool.h>

#include "cpython/memory.h"

enum { PEEK_ROOM_BYTES = 1 << 20, PEEK_RANGES = 4096 };

struct peek_range {
    uint64_t address;
    uint32_t length; /* 0: it could not be read */
    uint32_t at;     /* in the room */
};

struct peek {
    struct memory memory; /* reads what was fetched, else from the process */
    uint32_t fetched;     /* ranges that the last peek_fetch was about */
    uint64_t readings;    /* calls into the kernel */
    /* private */
    int fd;     /* -1: process_vm_readv instead */
    bool guard; /* the program shares our descriptors: look that fd is still ours */
    char *room;
    uint32_t count, used, fetched_used;
    uint32_t first, last, next; /* where to look first */
    struct peek_range ranges[PEEK_RANGES];
};

/* own_table: this thread's descriptors are its own.  False when neither way of reading is open to us; *errno_out says why. */
bool peek_open(struct peek *peek, bool own_table, int *errno_out);
void peek_close(struct peek *peek);

/* Forgets everything that was fetched. */
void peek_reset(struct peek *peek);

/* Announces a range; answers its number, or PEEK_RANGES when there is no more room. */
uint32_t peek_want(struct peek *peek, uint64_t address, uint32_t length);
void peek_fetch(struct peek *peek);

/* Fetches what was announced since, and keeps the rest. */
void peek_fetch_more(struct peek *peek);

/* The bytes of a range that was fetched, NULL when it could not be read. */
const void *peek_at(const struct peek *peek, uint32_t range);

/* Fetches the ranges [first, last) of the last peek_fetch anew, and drops what was read singly. */
void peek_again(struct peek *peek, uint32_t first, uint32_t last);

/* What is read from now on lies most likely in the ranges [first, last); drops what was read singly before. */
void peek_scope(struct peek *peek, uint32_t first, uint32_t last);

#endif
