# needs: root
# A program that sees no /proc, from its first instruction on.
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    print(libc.unshare(0x00020000), libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None), libc.umount2(b"/proc", 2), flush=True)
    os.execv(sys.executable, [sys.executable, "-c", """
import asyncio, decimal, os, subprocess, sys, threading, time
print(os.path.exists("/proc/self"), time.sleep(.05))
thread = threading.Thread(target=time.sleep, args=(.05,))
thread.start()
thread.join()
kept = [bytes(100_000) for _ in range(200)]
child = os.fork()
if child == 0:
    import fractions
    os._exit(5)
print(os.waitpid(child, 0)[1] >> 8, flush=True)
print(subprocess.run([sys.executable, "-c", "import json; print(json.dumps([1]))"], capture_output=True))
"""])
print(os.waitpid(pid, 0)[1])
