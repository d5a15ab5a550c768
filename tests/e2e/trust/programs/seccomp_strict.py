import ctypes, os, resource, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
libc = ctypes.CDLL(None)
time.sleep(0.05)
print("before", flush=True)
libc.prctl(22, 1, 0, 0, 0)
for _ in range(100):
    os.write(1, b"x")
libc.syscall(60, 6)
