// errno is what the call left there, also after calls that went well.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHOW(call)                                                                                                     \
    do {                                                                                                               \
        errno = 77;                                                                                                    \
        long answer = (long)(call);                                                                                    \
        printf("%s %ld %d\n", #call, answer, errno);                                                                   \
    } while (0)

int main(void)
{
    char text[10];
    struct stat status;
    struct pollfd one = {0};
    struct timespec moment = {0, 1000};
    sem_t semaphore;
    sem_init(&semaphore, 0, 1);
    SHOW(open("/not/there", O_RDONLY));
    SHOW(open("/etc/passwd", O_RDONLY));
    SHOW(read(3, text, 10));
    SHOW(read(99, text, 10));
    SHOW(stat("/nothing", &status));
    SHOW(stat("/", &status));
    SHOW(access("/etc/shadow-not", R_OK));
    SHOW(lseek(3, 0, SEEK_SET));
    SHOW(dup2(3, 10));
    SHOW(fcntl(10, F_GETFD));
    SHOW(fcntl(98, F_GETFD));
    SHOW(close(10));
    SHOW(close(10));
    SHOW(poll(&one, 0, 1));
    SHOW(nanosleep(&moment, NULL));
    SHOW(sem_wait(&semaphore));
    SHOW(sem_trywait(&semaphore));
    SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
    SHOW(recv(4, text, 1, MSG_DONTWAIT));
    SHOW(waitpid(-1, NULL, 0));
    SHOW(usleep(10));
    SHOW(fopen("/not/there", "r") == NULL);
    SHOW(readlink("/proc/self/exe-not", text, 10));
    SHOW(write(99, "x", 1));
    SHOW(unlink("/not/there"));
    return 0;
}
