// What malloc's family answers, also where it fails, over threads that free each other's blocks.
// cc: -pthread -w -D_GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile shared[256];

static void *churn(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument;
    for (int i = 0; i < 20000; i++) {
        size_t place = (size_t)rand_r(&seed) % 256;
        void *fresh = i % 3 ? malloc((size_t)rand_r(&seed) % 5000) : calloc(1 + (size_t)rand_r(&seed) % 50, 40);
        free(__atomic_exchange_n(&shared[place], fresh, __ATOMIC_SEQ_CST));
    }
    return NULL;
}

static void show(const char *what, void *block)
{
    printf("%s %s %d\n", what, block ? "block" : "none", errno);
    free(block);
    errno = 0;
}

int main(void)
{
    void *volatile nothing = NULL;
    errno = 0;
    show("zero", malloc(0));
    show("too much", malloc(SIZE_MAX / 2));
    show("calloc too much", calloc(SIZE_MAX / 2, 4));
    show("reallocarray too much", reallocarray(NULL, SIZE_MAX / 2, 4));
    show("realloc of none", realloc(nothing, 100));
    show("odd alignment", memalign(64, 100));
    show("aligned", aligned_alloc(4096, 8192));
    void *block = NULL;
    printf("%d", posix_memalign(&block, 3, 10));
    printf(" %d %d\n", posix_memalign(&block, 1 << 16, 10), (int)((uintptr_t)block % (1 << 16)));
    free(block);
    errno = 5;
    free(malloc(100000000));
    printf("free keeps errno: %d\n", errno);
    char *text = strdup("abc");
    for (size_t n = 8; n < 4 << 20; n *= 2) {
        text = realloc(text, n);
        if (malloc_usable_size(text) < n || strcmp(text, "abc") != 0)
            return 1;
    }
    free(text);
    pthread_t threads[6];
    for (uintptr_t i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, churn, (void *)i);
    for (int i = 0; i < 30; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            free(malloc(1000));
            _exit(4);
        }
        int status;
        waitpid(pid, &status, 0);
        if (WEXITSTATUS(status) != 4)
            return 2;
    }
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    errno = 0;
    char *map = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%d %d %d\n", munmap(map + 4096, 8192), mmap(NULL, 0, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED, errno);
    map = mremap(map + (1 << 19), 1 << 19, 1 << 21, MREMAP_MAYMOVE);
    printf("%d %d\n", map != MAP_FAILED, munmap(map, 1 << 21));
    printf("%d %d\n", munmap((void *)1, 10), errno);
    return 0;
}
