/* Where the fields of CPython's structs lie, in each version.
 *
 * 3.9 to 3.12: rows of data/cpython/offsets.def, which tools/make-offsets makes from a Python's headers.  From 3.13 on the
 * running Python says it itself (_Py_DebugOffsets, at the start of _PyRuntime). */
#ifndef COLDSPOT_CPYTHON_LAYOUT_H
#define COLDSPOT_CPYTHON_LAYOUT_H

#include <stdint.h>

#include "cpython/memory.h"

/* Bytes from the start of the struct that the field's first word names; 0 is "not in this version" where a field may be
 * missing.  In the order of the columns of offsets.def. */
struct layout {
    uint32_t minor;                /* of 3.minor */
    uint32_t runtime_interpreters; /* _PyRuntime.interpreters.head */
    uint32_t runtime_gil;          /* the lock itself, up to 3.11 */
    uint32_t interp_next, interp_id, interp_threads;
    uint32_t interp_gil;             /* pointer to the lock, from 3.12 */
    uint32_t gil_holder, gil_locked; /* the lock's last holder; whether it is held */
    uint32_t thread_next, thread_interp, thread_id;
    uint32_t thread_native_id; /* from 3.11 */
    uint32_t thread_frame;     /* the current frame, or (3.11, 3.12) the cframe that points to it */
    uint32_t cframe_frame;     /* meaningful where has_cframe */
    uint32_t thread_chunk;     /* of the data stack, from 3.11; the next word is its top */
    uint32_t frame_previous, frame_code, frame_instruction;
    uint32_t frame_owner; /* from 3.11 */
    uint32_t code_filename, code_name;
    uint32_t code_qualname; /* from 3.11 */
    uint32_t code_first_line, code_lines;
    uint32_t code_bytecode; /* 3.11 on: the instructions lie there; unused before */
    uint32_t object_type, type_name;
    uint32_t str_length, str_state, str_ascii, str_compact; /* the latter two: where the characters begin */
    uint32_t bytes_length, bytes_data;
    /* not in offsets.def: derived */
    uint32_t thread_bytes, frame_bytes, code_bytes; /* how much of the struct is read */
    uint32_t str_shift;                             /* where, in the state word, the kind begins */
    uint32_t has_cframe;
    uint32_t tagged;     /* the frame's code pointer carries tag bits (3.14) */
    uint32_t shim_owner; /* frames owned by this or more are no Python (3.12 on); 0: there are none */
};

enum layout_limits { LAYOUT_THREAD_MOST = 512, LAYOUT_FRAME_MOST = 128, LAYOUT_CODE_MOST = 320 };

/* Why a Python cannot be read. */
enum layout_refusal {
    LAYOUT_OK = 0,
    LAYOUT_VERSION = -1, /* older than 3.9 or newer than 3.14 */
    LAYOUT_FREE_THREADED = -2,
    LAYOUT_UNREADABLE = -3, /* its memory could not be read */
    LAYOUT_DAMAGED = -4,    /* its own account of its layout contradicts itself */
};

/* The refusal as the end of a sentence: "stacks are not read: ..."; never NULL. */
const char *layout_refusal_text(int refusal);

/* The layout of the Python whose _PyRuntime lies at `runtime` and whose Py_Version is `hex` (0x030b02f0 = 3.11.2).  For 3.13
 * and newer hex may be 0.  0, or enum layout_refusal, and then *out is not written. */
int layout_find(const struct memory *memory, uint64_t runtime, uint32_t hex, struct layout *out);

#endif
