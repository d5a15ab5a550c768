// The stack runs over: the signal, and a handler on its own stack that sees it.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int deeper(int n)
{
    volatile char room[4096];
    memset((char *)room, n, sizeof(room));
    return deeper(n + 1) + room[n % 4096];
}

static void handler(int number)
{
    static const char text[] = "handled\n";
    (void)!write(1, text, sizeof(text) - 1);
    _exit(number == SIGSEGV ? 21 : 22);
}

int main(void)
{
    static char other[1 << 16];
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    pid_t pid = fork();
    if (pid == 0) {
        stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
        sigaltstack(&stack, NULL);
        sigaction(SIGSEGV, &action, NULL);
        return deeper(0);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%d %d\n", WIFEXITED(status), WEXITSTATUS(status));
    fflush(stdout);
    return deeper(0);
}
