// Threads that are cancelled or leave while they wait inside calls that we stand in front of.
// cc: -pthread
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int fds[2];
static sem_t never;
static void cleaned(void *argument)
{
    printf("cleaned %s\n", (const char *)argument);
}

static void *waits(void *argument)
{
    char byte;
    pthread_cleanup_push(cleaned, argument);
    switch (*(const char *)argument) {
    case 'r':
        (void)!read(fds[0], &byte, 1);
        break;
    case 's':
        sem_wait(&never);
        break;
    case 'p':
        pause();
        break;
    case 'n':
        sleep(100);
        break;
    }
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    static char *const names[] = {"read", "sem", "pause", "nap"};
    (void)!pipe(fds);
    sem_init(&never, 0, 0);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 4; i++) {
            pthread_t thread;
            void *result;
            pthread_create(&thread, NULL, waits, names[i]);
            usleep(20000);
            pthread_cancel(thread);
            pthread_join(thread, &result);
            printf("%s %d\n", names[i], result == PTHREAD_CANCELED);
        }
    fflush(stdout);
    pthread_exit(NULL);
}
