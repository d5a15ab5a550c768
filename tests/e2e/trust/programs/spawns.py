import os, subprocess, sys, threading
env = dict(os.environ)
def one(n):
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {n}"], env)
    return os.waitpid(pid, 0)[1] >> 8
print([one(n) for n in range(10)])
pid = os.posix_spawnp("true", ["true"], env, file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)], setsigdef=[13])
print(os.waitpid(pid, 0)[1])
for call in (lambda: os.posix_spawn("/not/there", ["x"], env), lambda: os.posix_spawnp("not-there-at-all", ["x"], env)):
    try:
        call()
    except OSError as error:
        print(error)
for keywords in ({}, {"close_fds": False}, {"start_new_session": True}, {"preexec_fn": os.setpgrp}, {"cwd": "/"}, {"user": os.getuid()},
                 {"umask": 0o77}, {"shell": True}, {"env": {}}, {"env": {"A": "1"}}, {"pass_fds": (2,)}):
    print(list(keywords), subprocess.run("/usr/bin/env" if "env" in keywords else "/bin/pwd", capture_output=True, **keywords).stdout)
codes = []
def many():
    for n in range(20):
        codes.append(subprocess.run(["/bin/sh", "-c", f"exit {n}"]).returncode)
threads = [threading.Thread(target=many) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(codes) == sorted(list(range(20)) * 4))
