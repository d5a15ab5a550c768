// A signal handler that leaves by siglongjmp out of calls that we stand in front of, over and over.
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/stat.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t armed;

static void handler(int number)
{
    (void)number;
    if (armed)
        siglongjmp(back, 1);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    volatile int jumps = 0;
    int fds[2];
    char byte;
    (void)!pipe(fds);
    sigaction(SIGALRM, &action, NULL);
    struct itimerval every = {{0, 700}, {0, 700}};
    setitimer(ITIMER_REAL, &every, NULL);
    while (jumps < 300) {
        if (sigsetjmp(back, 1)) {
            armed = 0;
            jumps++;
            continue;
        }
        armed = 1;
        if (jumps % 3 == 0)
            (void)!read(fds[0], &byte, 1);
        struct stat status;
        stat("/etc/passwd", &status);
        int fd = open("/dev/null", O_RDONLY);
        close(fd);
        armed = 0;
    }
    every = (struct itimerval){0};
    setitimer(ITIMER_REAL, &every, NULL);
    int fd = open("/etc/hostname", O_RDONLY);
    printf("%d %d\n", jumps, read(fd, &byte, 1) == 1);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return 0;
}
