import ctypes, os, platform, struct, time
libc = ctypes.CDLL(None, use_errno=True)
# A filter that kills for whatever the sampler or an import's record would ask: getrusage, fallocate, madvise, openat of /proc is kept.
numbers = {"x86_64": (98, 285), "aarch64": (165, 47)}.get(platform.machine())
def jump(code, true, false, k):
    return struct.pack("HBBI", code, true, false, k)
program = jump(0x20, 0, 0, 0) + b"".join(jump(0x15, 0, 1, n) + jump(0x06, 0, 0, 0x80000000) for n in numbers) + jump(0x06, 0, 0, 0x7FFF0000)
buffer = ctypes.create_string_buffer(program, len(program))
class Filter(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_void_p)]
one = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
prctl = libc.prctl
prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
print(prctl(38, 1, 0, 0, 0))
print(prctl(22, 2, ctypes.addressof(one), 0, 0))
time.sleep(0.12)
import fractions, xml.dom.minidom, email.message
print(len(open("/etc/passwd").read()) > 0, os.getpid() > 0)
