// Threads with the least stack there may be, that call what we stand in front of.
// cc: -pthread
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void *work(void *unused)
{
    (void)unused;
    struct stat status;
    char byte;
    for (int i = 0; i < 20; i++) {
        int fd = open("/etc/passwd", O_RDONLY);
        if (read(fd, &byte, 1) != 1 || fstat(fd, &status) != 0 || close(fd) != 0)
            return (void *)1;
        usleep(100);
    }
    return NULL;
}

int main(void)
{
    int bad = 0;
    for (int i = 0; i < 40; i++) {
        pthread_attr_t attributes;
        pthread_t thread;
        void *result;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
        if (pthread_create(&thread, &attributes, work, NULL) != 0)
            return 1;
        pthread_join(thread, &result);
        bad += result != NULL;
    }
    printf("%d\n", bad);
    return 0;
}
