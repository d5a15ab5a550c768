// What a vforked child does on its parent's memory, and what its parent then is.
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void)
{
    for (int i = 0; i < 50; i++) {
        int status;
        char *const arguments[] = {"sh", "-c", i % 2 ? "exit 3" : "exit 4", NULL};
        pid_t pid = vfork();
        if (pid == 0) {
            if (i % 5 == 0)
                _exit(9);
            if (i % 7 == 0)
                execv("/not/there", arguments);
            execv("/bin/sh", arguments);
            _exit(1);
        }
        errno = 0;
        if (waitpid(pid, &status, 0) != pid)
            return 1;
        printf("%d %d %d\n", i, WEXITSTATUS(status), errno);
        pid_t spawned;
        if (posix_spawn(&spawned, "/bin/sh", NULL, NULL, arguments, environ) != 0 ||
            waitpid(spawned, &status, 0) != spawned)
            return 2;
        printf("spawned %d\n", WEXITSTATUS(status));
    }
    return 0;
}
