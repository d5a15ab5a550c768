import os, sys
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        for fd in range(0, 256):
            if fd != write:
                try:
                    os.close(fd)
                except OSError:
                    pass
        os.open("/dev/null", os.O_RDWR)
        os.dup2(0, 1)
        os.dup2(0, 2)
        import decimal
        os.write(write, b"daemon %d" % len(os.listdir("/proc/self/fd")))
        os._exit(0)
    os._exit(0)
os.close(write)
os.wait()
print(os.read(read, 100))
