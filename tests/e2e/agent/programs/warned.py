# python: -W always
import os, subprocess, threading, time, warnings
warnings.warn("mine")
time.sleep(0.06)
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    subprocess.run(["true"])
    time.sleep(0.06)
open("/dev/null")
print("done")
