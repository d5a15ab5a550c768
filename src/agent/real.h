/* The functions behind the names that we interpose: found once, by dlsym(RTLD_NEXT), so that an allocator or another library
 * that was preloaded too is called as it would have been. */
#ifndef COLDSPOT_AGENT_REAL_H
#define COLDSPOT_AGENT_REAL_H

#include <stddef.h>

/* X(name, version): the symbol version to ask for where a name has more than one; NULL for the default one. */
#define REALS(X)                                                                                                       \
    X(open, NULL)                                                                                                      \
    X(open64, NULL)                                                                                                    \
    X(openat, NULL)                                                                                                    \
    X(openat64, NULL)                                                                                                  \
    X(creat, NULL)                                                                                                     \
    X(creat64, NULL)                                                                                                   \
    X(__open_2, NULL)                                                                                                  \
    X(__open64_2, NULL)                                                                                                \
    X(__openat_2, NULL)                                                                                                \
    X(__openat64_2, NULL)                                                                                              \
    X(opendir, NULL)                                                                                                   \
    X(fopen, NULL)                                                                                                     \
    X(fopen64, NULL)                                                                                                   \
    X(fclose, NULL)                                                                                                    \
    X(fread, NULL)                                                                                                     \
    X(__fread_chk, NULL)                                                                                               \
    X(fgets, NULL)                                                                                                     \
    X(__fgets_chk, NULL)                                                                                               \
    X(getdelim, NULL)                                                                                                  \
    X(getline, NULL)                                                                                                   \
    X(fwrite, NULL)                                                                                                    \
    X(fflush, NULL)                                                                                                    \
    X(closedir, NULL)                                                                                                  \
    X(close, NULL)                                                                                                     \
    X(close_range, NULL)                                                                                               \
    X(closefrom, NULL)                                                                                                 \
    X(dup, NULL)                                                                                                       \
    X(dup2, NULL)                                                                                                      \
    X(dup3, NULL)                                                                                                      \
    X(fcntl, NULL)                                                                                                     \
    X(fcntl64, NULL)                                                                                                   \
    X(pipe, NULL)                                                                                                      \
    X(pipe2, NULL)                                                                                                     \
    X(socketpair, NULL)                                                                                                \
    X(eventfd, NULL)                                                                                                   \
    X(epoll_create, NULL)                                                                                              \
    X(epoll_create1, NULL)                                                                                             \
    X(timerfd_create, NULL)                                                                                            \
    X(signalfd, NULL)                                                                                                  \
    X(memfd_create, NULL)                                                                                              \
    X(inotify_init1, NULL)                                                                                             \
    X(read, NULL)                                                                                                      \
    X(__read_chk, NULL)                                                                                                \
    X(pread, NULL)                                                                                                     \
    X(pread64, NULL)                                                                                                   \
    X(__pread_chk, NULL)                                                                                               \
    X(__pread64_chk, NULL)                                                                                             \
    X(readv, NULL)                                                                                                     \
    X(preadv, NULL)                                                                                                    \
    X(preadv64, NULL)                                                                                                  \
    X(preadv2, NULL)                                                                                                   \
    X(write, NULL)                                                                                                     \
    X(pwrite, NULL)                                                                                                    \
    X(pwrite64, NULL)                                                                                                  \
    X(writev, NULL)                                                                                                    \
    X(pwritev, NULL)                                                                                                   \
    X(pwritev64, NULL)                                                                                                 \
    X(sendfile, NULL)                                                                                                  \
    X(sendfile64, NULL)                                                                                                \
    X(copy_file_range, NULL)                                                                                           \
    X(splice, NULL)                                                                                                    \
    X(stat, NULL)                                                                                                      \
    X(stat64, NULL)                                                                                                    \
    X(lstat, NULL)                                                                                                     \
    X(lstat64, NULL)                                                                                                   \
    X(fstat, NULL)                                                                                                     \
    X(fstat64, NULL)                                                                                                   \
    X(fstatat, NULL)                                                                                                   \
    X(fstatat64, NULL)                                                                                                 \
    X(statx, NULL)                                                                                                     \
    X(__xstat, NULL)                                                                                                   \
    X(__xstat64, NULL)                                                                                                 \
    X(__lxstat, NULL)                                                                                                  \
    X(__lxstat64, NULL)                                                                                                \
    X(__fxstat, NULL)                                                                                                  \
    X(__fxstat64, NULL)                                                                                                \
    X(__fxstatat, NULL)                                                                                                \
    X(__fxstatat64, NULL)                                                                                              \
    X(access, NULL)                                                                                                    \
    X(faccessat, NULL)                                                                                                 \
    X(readlink, NULL)                                                                                                  \
    X(readlinkat, NULL)                                                                                                \
    X(fsync, NULL)                                                                                                     \
    X(fdatasync, NULL)                                                                                                 \
    X(msync, NULL)                                                                                                     \
    X(unlink, NULL)                                                                                                    \
    X(rename, NULL)                                                                                                    \
    X(socket, NULL)                                                                                                    \
    X(connect, NULL)                                                                                                   \
    X(accept, NULL)                                                                                                    \
    X(accept4, NULL)                                                                                                   \
    X(recv, NULL)                                                                                                      \
    X(__recv_chk, NULL)                                                                                                \
    X(recvfrom, NULL)                                                                                                  \
    X(__recvfrom_chk, NULL)                                                                                            \
    X(recvmsg, NULL)                                                                                                   \
    X(recvmmsg, NULL)                                                                                                  \
    X(send, NULL)                                                                                                      \
    X(sendto, NULL)                                                                                                    \
    X(sendmsg, NULL)                                                                                                   \
    X(sendmmsg, NULL)                                                                                                  \
    X(getaddrinfo, NULL)                                                                                               \
    X(gethostbyname, NULL)                                                                                             \
    X(gethostbyname_r, NULL)                                                                                           \
    X(gethostbyname2_r, NULL)                                                                                          \
    X(gethostbyaddr_r, NULL)                                                                                           \
    X(getnameinfo, NULL)                                                                                               \
    X(select, NULL)                                                                                                    \
    X(pselect, NULL)                                                                                                   \
    X(poll, NULL)                                                                                                      \
    X(__poll_chk, NULL)                                                                                                \
    X(ppoll, NULL)                                                                                                     \
    X(__ppoll_chk, NULL)                                                                                               \
    X(epoll_wait, NULL)                                                                                                \
    X(epoll_pwait, NULL)                                                                                               \
    X(epoll_pwait2, NULL)                                                                                              \
    X(nanosleep, NULL)                                                                                                 \
    X(clock_nanosleep, NULL)                                                                                           \
    X(usleep, NULL)                                                                                                    \
    X(sleep, NULL)                                                                                                     \
    X(pause, NULL)                                                                                                     \
    X(sigwait, NULL)                                                                                                   \
    X(sigwaitinfo, NULL)                                                                                               \
    X(sigtimedwait, NULL)                                                                                              \
    X(sem_wait, NULL)                                                                                                  \
    X(sem_trywait, NULL)                                                                                               \
    X(sem_timedwait, NULL)                                                                                             \
    X(sem_clockwait, NULL)                                                                                             \
    X(pthread_cond_wait, "GLIBC_2.3.2")                                                                                \
    X(pthread_cond_timedwait, "GLIBC_2.3.2")                                                                           \
    X(pthread_cond_clockwait, NULL)                                                                                    \
    X(pthread_join, NULL)                                                                                              \
    X(flock, NULL)                                                                                                     \
    X(wait, NULL)                                                                                                      \
    X(waitpid, NULL)                                                                                                   \
    X(wait3, NULL)                                                                                                     \
    X(wait4, NULL)                                                                                                     \
    X(waitid, NULL)                                                                                                    \
    X(system, NULL)                                                                                                    \
    X(pclose, NULL)                                                                                                    \
    X(fork, NULL)                                                                                                      \
    X(vfork, NULL)                                                                                                     \
    X(posix_spawn, NULL)                                                                                               \
    X(posix_spawnp, NULL)                                                                                              \
    X(execve, NULL)                                                                                                    \
    X(execv, NULL)                                                                                                     \
    X(execvp, NULL)                                                                                                    \
    X(execvpe, NULL)                                                                                                   \
    X(execveat, NULL)                                                                                                  \
    X(fexecve, NULL)                                                                                                   \
    X(setuid, NULL)                                                                                                    \
    X(setgid, NULL)                                                                                                    \
    X(seteuid, NULL)                                                                                                   \
    X(setegid, NULL)                                                                                                   \
    X(setreuid, NULL)                                                                                                  \
    X(setregid, NULL)                                                                                                  \
    X(setresuid, NULL)                                                                                                 \
    X(setresgid, NULL)                                                                                                 \
    X(setgroups, NULL)                                                                                                 \
    X(initgroups, NULL)                                                                                                \
    X(capset, NULL)                                                                                                    \
    X(prctl, NULL)                                                                                                     \
    X(syscall, NULL)                                                                                                   \
    X(unshare, NULL)                                                                                                   \
    X(setns, NULL)                                                                                                     \
    X(_exit, NULL)                                                                                                     \
    X(_Exit, NULL)

#define REAL_ENUM(name, version) REAL_##name,
enum real_index { REALS(REAL_ENUM) REAL_COUNT };

/* Finds one; NULL where this libc has none.  Slow, then kept. */
void *real_find(enum real_index index);

/* Finds all of them, from the constructor. */
void real_find_all(void);

void *real_get(enum real_index index);

/* To be called like the function itself. */
#define REAL(name) ((__typeof__(&name))real_get(REAL_##name))

#define EXPORT __attribute__((visibility("default")))

#endif
