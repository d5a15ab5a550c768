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
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
# Killed at once by any of these; the program itself calls none of them from here on.
numbers = [319, 296, 310, 436, 285, 17, 18, 267]
libc, program, kept = refuse(numbers, 0x80000000)
time.sleep(0.05)
print(libc.prctl(22, 2, program, 0, 0), flush=True)
time.sleep(0.1)
for n in range(5000):
    sys.audit("coldspot.stage", "a stage with a long name %d" % n)
    sys.audit("coldspot.stage.end", "a stage with a long name %d" % n)
os.write(1, b"written\n")
pid = os.fork()
if pid == 0:
    time.sleep(0.1)
    os._exit(5)
print(os.waitpid(pid, 0)[1])
print("done", flush=True)
