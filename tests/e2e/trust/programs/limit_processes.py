# needs: root
# under: setpriv --reuid=65534 --regid=65534 --clear-groups prlimit --nproc=6
# recordings: none
import os, threading, time
time.sleep(0.05)
try:
    pids = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            time.sleep(0.1)
            os._exit(0)
        pids.append(pid)
    print(len(pids))
except OSError as error:
    print(error)
for pid in pids:
    os.waitpid(pid, 0)
