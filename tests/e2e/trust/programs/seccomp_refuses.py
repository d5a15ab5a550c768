import ctypes, os, struct, subprocess, sys, threading, time
# A filter that refuses the calls whose numbers are given: struct sock_filter rows of load, compare, answer.
# `kept`: what the program points to.
def refuse(numbers, action):
    load, jump, answer = 0x20, 0x15, 0x06
    rows = [(load, 0, 0, 0)]
    for at, number in enumerate(numbers):
        rows.append((jump, len(numbers) - at, 0, number))
    rows += [(answer, 0, 0, 0x7fff0000), (answer, 0, 0, action)]
    code = b"".join(struct.pack("HBBI", *row) for row in rows)
    buffer = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rows), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(38, 1, 0, 0, 0)
    return libc, program, buffer
# memfd_create, pwritev, process_vm_readv, close_range, fallocate, madvise, gettid, readlinkat, getrandom, statx, prlimit64
numbers = [319, 296, 310, 436, 285, 28, 186, 267, 318, 332, 302]
libc, program, kept = refuse(numbers, 0x00050000 | 1)
print(libc.prctl(22, 2, program, 0, 0))
time.sleep(0.1)
for n in range(5000):
    sys.audit("coldspot.stage", "a stage with a long name %d" % n)
    sys.audit("coldspot.stage.end", "a stage with a long name %d" % n)
import decimal
pid = os.fork()
if pid == 0:
    import fractions
    os._exit(5)
print(os.waitpid(pid, 0)[1] >> 8)
print(subprocess.run([sys.executable, "-c", "import asyncio, time; time.sleep(.1); print(1)"], capture_output=True))
