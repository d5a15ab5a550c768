/* What every fuzzer defines: take any bytes, crash on none.  The inputs it met are kept in tests/fuzz/corpus/NAME. */
#ifndef COLDSPOT_TESTS_FUZZ_H
#define COLDSPOT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
