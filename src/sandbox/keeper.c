/* The keeper.  A socket joins it with its command: its end is the command's end, which no signal can prevent from being seen. */
#include "sandbox/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Closes all but `fd`, so that nobody waits for us at the other end of a pipe. */
static int keep_only(int fd)
{
    int kept = dup2(fd, 0) < 0 ? fd : 0;
#ifdef SYS_close_range
    if (kept == 0 && syscall(SYS_close_range, 1, ~0u, 0) == 0)
        return kept;
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (int other = 0; other < (most > 0 && most < 65536 ? most : 65536); other++) {
        if (other != kept)
            close(other);
    }
    return kept;
}

static void keep(int fd, const char *path, keeper_clear *clear)
{
    pid_t session = 0, said;
    ssize_t n;
    setsid();
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    prctl(PR_SET_NAME, "coldspot-keeper");
    fd = keep_only(fd);
    if (chdir("/") < 0)
        return; /* nothing depends on it but a disk that could not be unmounted */
    while ((n = recv(fd, &said, sizeof(said), MSG_WAITALL)) == (ssize_t)sizeof(said) || (n < 0 && errno == EINTR)) {
        if (n > 0)
            session = said;
    }
    clear(path, session);
}

int keeper_start(struct keeper *keeper, const char *path, keeper_clear *clear, struct err *err)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        return err_set(err, ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
    pid_t pid = fork();
    int reason = errno;
    if (pid == 0) {
        close(fds[0]);
        keep(fds[1], path, clear);
        _exit(0);
    }
    close(fds[1]);
    int high = pid < 0 ? -1 : fcntl(fds[0], F_DUPFD_CLOEXEC, 16); /* above the numbers that programs get */
    if (high >= 0)
        close(fds[0]);
    if (pid < 0) {
        close(fds[0]);
        return err_set(err, ERR_SYSTEM, "cannot start a process: %s", strerror(reason));
    }
    *keeper = (struct keeper){pid, high >= 0 ? high : fds[0]};
    return 0;
}

void keeper_announce(const struct keeper *keeper, pid_t session)
{
    if (keeper && keeper->pid)
        send(keeper->fd, &session, sizeof(session), MSG_NOSIGNAL); /* one that was killed misses nothing */
}

void keeper_stop(struct keeper *keeper)
{
    if (!keeper->pid)
        return;
    kill(keeper->pid, SIGKILL);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(keeper->fd);
    *keeper = (struct keeper){0};
}
