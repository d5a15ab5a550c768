import os, subprocess, sys, threading, time
time.sleep(0.05)
for fd in range(3, 4096):
    try:
        os.close(fd)
        print("closed", fd)
    except OSError:
        pass
os.closerange(3, 1 << 20)
time.sleep(0.1)
import decimal, json
threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(5)]
[t.start() for t in threads]
[t.join() for t in threads]
print(os.open("/dev/null", os.O_RDONLY), os.listdir("/proc/self/fd"))
os.dup2(1, 900), os.dup2(1, 901), os.dup2(1, 1023)
print(sorted(map(int, os.listdir("/proc/self/fd"))))
os.closerange(3, 5000)
saved = os.dup(1)
for fd in (0, 1, 2):
    os.close(fd)
print("nobody hears this") if False else None
first = os.open("/dev/null", os.O_RDWR)
os.write(saved, b"first descriptor %d\n" % first)
time.sleep(0.05)
os.write(saved, b"%d\n" % os.open("/dev/null", os.O_RDWR))
os._exit(0)
