/* Arrival traces of any format.  The first byte chooses options; what is accepted is read to its end, in order. */
#include "fuzz.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "simulate/trace.h"

enum { REQUESTS_MOST = 200000 };

static void drain(struct trace *trace)
{
    struct arrivals *source;
    struct chunk *chunk = malloc(sizeof(*chunk));
    double last = 0;
    uint64_t n = 0;
    if (trace_source(trace, &source, NULL) || source->rewind(source, 1, NULL))
        goto out;
    while (n < REQUESTS_MOST && source->read(source, chunk, NULL) == 0 && chunk->n) {
        for (size_t i = 0; i < chunk->n; i++) {
            assert(chunk->time[i] >= last && isfinite(chunk->time[i]));
            assert(!source->has_service || (chunk->service[i] >= 0 && isfinite(chunk->service[i])));
            last = chunk->time[i];
        }
        n += chunk->n;
    }
out:
    free(chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct trace_options options[] = {{0},
                                                   {.service_expr = "a+b/2"},
                                                   {.columns = "time=a:ms,service=b"},
                                                   {.only = "a=1"},
                                                   {.hold_most = 3},
                                                   {.no_service = true}};
    if (size == 0)
        return 0;
    int fd = memfd_create("trace", 0);
    struct buf path = {0};
    buf_addf(&path, "/proc/self/fd/%d", fd);
    if (fd >= 0 && file_write_fd(fd, "trace", str_from((const char *)data + 1, size - 1), NULL) == 0) {
        struct trace *trace;
        if (trace_open(buf_cstr(&path), &options[data[0] % 6], &trace, NULL) == 0) {
            struct buf text = {0};
            trace_describe(trace, &text);
            buf_release(&text);
            drain(trace);
            trace_close(trace);
        }
    }
    if (fd >= 0)
        close(fd);
    buf_release(&path);
    return 0;
}
