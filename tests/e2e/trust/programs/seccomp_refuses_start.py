# slow: a hundred starts
# A new program under a filter that refuses one call that the agent makes, from its first instruction on; call after call.
import ctypes, os, struct, sys
CALLS = {"pwritev": [296], "memfd_create": [319], "clone": [56, 435], "clone3": [435], "unshare": [272], "close_range": [436],
         "fallocate": [285], "ftruncate": [77], "madvise": [28], "gettid": [186], "tgkill": [234], "getpid": [39], "getppid": [110],
         "getrusage": [98], "clock_gettime": [228], "readlinkat": [267], "faccessat": [269], "fstatfs": [138], "prlimit64": [302],
         "getrandom": [318], "process_vm_readv": [310], "rt_sigprocmask": [14], "statfs": [137], "prctl": [157], "mremap": [25]}
PROGRAM = """
import json, os, threading, time
try:
    thread = threading.Thread(target=time.sleep, args=(.01,))
    thread.start()
    thread.join()
except RuntimeError as error:
    print(error)
time.sleep(.02)
kept = [bytes(100_000) for _ in range(100)]
print(len(kept), os.listdir("/nowhere") if os.path.exists("/nowhere") else json.dumps([1]))
"""
def refuse(numbers, error):
    rows = [(0x20, 0, 0, 0)] + [(0x15, len(numbers) - at, 0, number) for at, number in enumerate(numbers)]
    rows += [(0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x00050000 | error)]
    buffer = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rows), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0)
for error in (1, 38):
    for name, numbers in CALLS.items():
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            if refuse(numbers, error):
                os._exit(99)
            os.dup2(1, 2)
            os.execv(sys.executable, [sys.executable, "-I", "-c", PROGRAM])
        print(name, error, os.waitpid(pid, 0)[1])
