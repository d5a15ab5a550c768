/* A program for ThreadSanitizer: it is linked with the agent instead of being loaded with it, and forks, starts threads, waits,
 * reads and writes from all of them while the agent samples.
 *
 *     races ROUNDS      the agent's configuration lies beside the program, its recordings too */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 6 };

static sem_t semaphore;

static void *work(void *argument)
{
    const int number = *(const int *)argument;
    int pair[2];
    char text[256];
    struct stat status;
    for (int i = 0; i < 40; i++) {
        int fd = open(number % 2 ? "/etc/passwd" : "/etc/hostname", O_RDONLY);
        if (fd < 0 || read(fd, text, sizeof(text)) < 0 || fstat(fd, &status) != 0)
            return (void *)1;
        close(fd);
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || write(pair[0], "x", 1) != 1 ||
            recv(pair[1], text, 1, 0) != 1)
            return (void *)1;
        close(pair[0]);
        close(pair[1]);
        sem_post(&semaphore);
        sem_wait(&semaphore);
        usleep(200);
    }
    return NULL;
}

static int fork_one(void)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        FILE *file = fopen("/etc/passwd", "r");
        _exit(file ? 5 : 6);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5 ? 0 : 1;
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 5, bad = 0; // NOLINT(cert-err34-c)
    sem_init(&semaphore, 0, 0);
    for (int round = 0; round < rounds; round++) {
        pthread_t threads[THREADS];
        int numbers[THREADS];
        for (int i = 0; i < THREADS; i++) {
            numbers[i] = i;
            bad += pthread_create(&threads[i], NULL, work, &numbers[i]) != 0;
        }
        bad += fork_one();
        for (int i = 0; i < THREADS; i++) {
            void *result = NULL;
            pthread_join(threads[i], &result);
            bad += result != NULL;
        }
        usleep(60000);
        bad += fork_one();
    }
    printf("%d\n", bad);
    return bad != 0;
}
