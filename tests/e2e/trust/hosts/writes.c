/* Writes records and knows what it wrote: a number for each thread, in memory that outlives it, raised after each record.
 *
 *     writes DIRECTORY COUNTS THREADS [eat]      COUNTS: a file of THREADS 64-bit numbers; eat: take memory until the kernel kills
 *
 * It runs until it is killed, or until the recording is full. */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/writer.h"

static struct writer writer;
static uint64_t *counts;

struct work {
    uint32_t number;
    int eats;
};

static void eat(void)
{
    enum { BITE = 64 << 10 };
    char *volatile bite = malloc(BITE); /* volatile: what is never read is not left out */
    if (bite)
        memset(bite, 1, BITE);
}

static void *work(void *argument)
{
    const struct work *own = argument;
    struct writer_thread thread = {0};
    for (uint64_t number = 0;; number++) {
        struct event_note *note = writer_reserve(&writer, &thread, EVENT_NOTE, sizeof(*note));
        if (!note)
            break;
        note->code = EVENT_NOTE_FULL;
        note->number = (uint64_t)own->number << 48 | number;
        writer_commit(&thread, note, sizeof(*note));
        __atomic_store_n(&counts[own->number], number + 1, __ATOMIC_RELEASE);
        if (own->eats && number % 64 == 0)
            eat();
    }
    return NULL;
}

int main(int count, char **arguments)
{
    enum { MOST = 16 };
    static struct work works[MOST];
    pthread_t threads[MOST];
    if (count < 4)
        return 2;
    uint32_t n = (uint32_t)strtoul(arguments[3], NULL, 10);
    int fd = open(arguments[2], O_RDWR);
    if (fd < 0 || n == 0 || n > MOST)
        return 2;
    counts = mmap(NULL, n * sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    struct writer_start start = {.directory = arguments[1], .max_bytes = 64 << 20, .first_bytes = 256 << 10};
    if (counts == MAP_FAILED || writer_begin(&writer, &start) != 0)
        return 3;
    puts("began");
    fflush(stdout);
    for (uint32_t i = 0; i < n; i++) {
        works[i] = (struct work){i, count > 4};
        if (pthread_create(&threads[i], NULL, work, &works[i]) != 0)
            return 4;
    }
    for (uint32_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    writer_end(&writer, EVENT_END_EXIT, 0);
    return 0;
}
