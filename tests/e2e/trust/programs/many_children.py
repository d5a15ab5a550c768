# slow: a thousand processes
import os, subprocess
print(sum(subprocess.run(["/bin/sh", "-c", "exit 1"]).returncode for _ in range(300)))
count = 0
for _ in range(700):
    pid = os.fork()
    if pid == 0:
        os._exit(1)
    count += os.waitpid(pid, 0)[1] >> 8
print(count)
