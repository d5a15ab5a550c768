# needs: root
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
time.sleep(0.05)
pid = os.fork()
if pid == 0:
    print(libc.unshare(0x10000000 | 0x00020000 | 0x20000000), flush=True)
    inner = os.fork()
    if inner == 0:
        import decimal
        print(os.getpid(), flush=True)
        os._exit(6)
    print(os.waitpid(inner, 0)[1] >> 8, flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1])
