// cc: -D_GNU_SOURCE
// Processes and threads that libc knows nothing of.
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int child(void *argument)
{
    FILE *file = fopen("/etc/hostname", "r");
    char text[100];
    size_t got = file ? fread(text, 1, sizeof(text), file) : 0;
    if (file)
        fclose(file);
    return got > 0 ? *(int *)argument : 99;
}

int main(void)
{
    static char stack[1 << 18];
    int wanted = 5, status = 0;
    for (int i = 0; i < 20; i++) {
        pid_t pid = clone(child, stack + sizeof(stack), SIGCHLD, &wanted);
        waitpid(pid, &status, 0);
        printf("clone %d\n", WEXITSTATUS(status));
        pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (pid == 0) {
            access("/etc/passwd", R_OK);
            _exit(6);
        }
        waitpid(pid, &status, 0);
        printf("raw clone %d\n", WEXITSTATUS(status));
        pid = (pid_t)syscall(SYS_vfork);
        if (pid == 0)
            syscall(SYS_exit, 8);
        waitpid(pid, &status, 0);
        printf("raw vfork %d\n", WEXITSTATUS(status));
    }
    pid_t pid = clone(child, stack + sizeof(stack), SIGCHLD | CLONE_VM | CLONE_VFORK, &wanted);
    waitpid(pid, &status, 0);
    printf("shared memory %d\n", WEXITSTATUS(status));
    return 0;
}
