/* From an instruction to its line: the three formats of a code object's line table. */
#ifndef COLDSPOT_CPYTHON_LINETABLE_H
#define COLDSPOT_CPYTHON_LINETABLE_H

#include <stddef.h>
#include <stdint.h>

/* The line of the instruction at byte `at` of the bytecode, in a Python 3.minor; first is co_firstlineno.  0: that instruction
 * has no line, or the table ends before it. */
uint32_t linetable_line(uint32_t minor, const uint8_t *table, size_t length, uint32_t first, uint32_t at);

#endif
