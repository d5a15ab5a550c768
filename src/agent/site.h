/* Where in the user's code a thread is: read from its own frames, which stand still while it is in a C call, without Python's
 * lock and without its help. */
#ifndef COLDSPOT_AGENT_SITE_H
#define COLDSPOT_AGENT_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent_thread;
struct object;

struct site {
    uint32_t file; /* string */
    uint32_t line;
};

/* The innermost frame of the user's.  False: none, or frames cannot be read here.  Inside the import machinery's own reads there is
 * none: what they are for, the import says. */
bool site_find(struct agent_thread *self, struct site *site_out);

/* The innermost frame outside the import machinery: where an import statement stands. */
bool site_of_import(struct agent_thread *self, struct site *site_out);

/* The file of a code object in UTF-8: in place, or in `room`.  NULL: not known. */
enum { SITE_TEXT = 1024 };
const char *site_code_file(const char *code, char room[SITE_TEXT], size_t *length_out);

/* Whether what is read of the thread's innermost frame, `frame` for Python, is what Python itself says: code, file and line. */
bool site_agrees(const struct object *tstate, struct object *frame);

#endif
