/* Processes that this one makes, waits for, or becomes. */
#ifndef COLDSPOT_AGENT_CHILDREN_H
#define COLDSPOT_AGENT_CHILDREN_H

#include <stdint.h>

struct agent_thread;

enum { CHILDREN_MAX = 256, CHILDREN_PATH = 256 };

/* A child about to be made by this thread.  Filled by Python's audit event, or by a vforked child on its parent's memory. */
struct children_pending {
    uint32_t pid;
    uint32_t site_file, site_line;
    uint16_t length;
    uint8_t lacks_us; /* its environment does not preload us */
    char program[CHILDREN_PATH];
};

struct children {
    uint32_t noted_lack;
    uint32_t next;
    struct {
        uint32_t pid;
        uint32_t program;  /* string */
    } known[CHILDREN_MAX]; /* a ring */
};

/* Python is about to start this program. */
void children_expect(struct agent_thread *self, const char *program, uint32_t length);

/* A child was made; pid 0: as the pending one says.  `how` is an enum event_how. */
void children_made(struct agent_thread *self, unsigned how, uint32_t pid);

/* The program of a child as a string id; 0: not known. */
uint32_t children_program(const struct children *children, uint32_t pid);

#endif
