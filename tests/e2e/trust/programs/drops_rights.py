# needs: root
# A service that starts as root, becomes nobody, and starts others.
import os, subprocess, sys, time
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
time.sleep(0.1)
pid = os.fork()
if pid == 0:
    open("/dev/null").close()
    import decimal
    os._exit(4)
print(os.waitpid(pid, 0)[1] >> 8)
done = subprocess.run(["/bin/sh", "-c", "id -u; echo error >&2"], capture_output=True)
print(done)
print(subprocess.run(["/usr/bin/env", "true"], capture_output=True, env=dict(os.environ)))
print(os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)[1] >> 8, flush=True)
os.execv("/usr/bin/id", ["id", "-un"])
