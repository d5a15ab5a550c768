// Stacks of its own, switched while calls are under way, as greenlets do; many more threads than records.
// cc: -pthread
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

static ucontext_t caller, other;
static char stack[1 << 15];

static void body(void)
{
    for (int i = 0;; i++) {
        char byte;
        int fd = open("/etc/passwd", O_RDONLY);
        (void)!read(fd, &byte, 1);
        swapcontext(&other, &caller);
        close(fd);
    }
}

static void *many(void *unused)
{
    (void)unused;
    usleep(50000);
    return NULL;
}

int main(void)
{
    getcontext(&other);
    other.uc_stack.ss_sp = stack;
    other.uc_stack.ss_size = sizeof(stack);
    makecontext(&other, body, 0);
    for (int i = 0; i < 2000; i++)
        swapcontext(&caller, &other);
    pthread_t threads[300];
    for (int i = 0; i < 300; i++)
        if (pthread_create(&threads[i], NULL, many, NULL) != 0)
            return 1;
    for (int i = 0; i < 300; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
