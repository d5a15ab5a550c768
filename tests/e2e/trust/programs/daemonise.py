# A service that turns into a daemon: two forks, a new session, descriptors replaced, a pid file, a report when it is done.
import os, sys, time
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    os.chdir("/")
    os.umask(0o27)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, write) if write > 3 else None
    os.closerange(write + 1, 1000)
    import decimal, threading
    thread = threading.Thread(target=time.sleep, args=(0.1,))
    thread.start()
    thread.join()
    os.write(write, b"%r %d %s" % (sorted(map(int, os.listdir("/proc/self/fd"))), os.getsid(0) != os.getpid(), str(decimal.Decimal(2)).encode()))
    sys.exit(0)
os.close(write)
os.wait()
text = b""
while data := os.read(read, 1000):
    text += data
print(text)
