import os, socket, time
time.sleep(0.12)
print(os.listdir("/proc/self/fd"))
first = os.open("/etc/passwd", os.O_RDONLY)
second = os.dup(first)
os.close(first)
print(first, second, os.dup(second), os.fstat(second).st_size > 0)
os.closerange(3, 200)
print(os.open("/dev/null", os.O_RDONLY), os.pipe(), [one.fileno() for one in socket.socketpair()])
os.dup2(4, 50)
print(sorted(os.listdir("/proc/self/fd")))
try:
    os.read(77, 1)
except OSError as error:
    print(error)
