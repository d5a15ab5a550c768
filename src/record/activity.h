/* What a process is doing at this moment, or was doing when it was killed, from its recording: for progress lines and for the
 * message after a time-out. */
#ifndef COLDSPOT_RECORD_ACTIVITY_H
#define COLDSPOT_RECORD_ACTIVITY_H

#include "record/reader.h"

struct activity {
    struct str phase; /* "enter"; "warm call 3" */
    struct str doing; /* "importing pandas", "reading model.onnx", "in stage infer", or empty: running code */
    struct str file;  /* the user's line of it, where it is known */
    uint32_t line;
};

/* Reads the recording of a process that may still be writing it.  False when there is none (yet). */
bool activity_read(struct arena *arena, const char *path, struct activity *activity_out);

/* "enter: reading model.onnx" */
void activity_add(struct buf *out, const struct activity *activity);

#endif
