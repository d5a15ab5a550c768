"""Maps, cuts, grows, moves and covers memory by the C library's calls, then prints what each function holds at the peak."""
import ctypes
import time

MIB = 1 << 20
PRIVATE_ANONYMOUS, FIXED, MAY_MOVE = 0x22, 0x10, 1
READ_WRITE = 3
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]


def take(size, at=None, protection=READ_WRITE):
    return libc.mmap(at, size * MIB, protection, PRIVATE_ANONYMOUS | (FIXED if at else 0), -1, 0)


def touch(at, size):
    ctypes.memset(at, 1, size * MIB)


def cut():
    """32 MiB, of which the first 4, the last 4 and 8 in the middle go."""
    at = take(32)
    touch(at, 32)
    libc.munmap(at, 4 * MIB)
    libc.munmap(at + 28 * MIB, 4 * MIB)
    libc.munmap(at + 12 * MIB, 8 * MIB)


def grown():
    at = take(8)
    at = libc.mremap(at, 8 * MIB, 24 * MIB, MAY_MOVE)
    touch(at, 24)


def shrunk():
    at = take(24)
    touch(at, 24)
    libc.mremap(at, 24 * MIB, 8 * MIB, 0)


def covered():
    """24 MiB, of which 8 are taken again and 8 become forbidden."""
    at = take(24)
    touch(at, 24)
    take(8, at + 8 * MIB)
    touch(at + 8 * MIB, 8)
    take(8, at + 16 * MIB, 0)


def half_touched():
    touch(take(32), 16)


def scattered():
    """Every fourth page."""
    at = take(32)
    for page in range(0, 32 * MIB, 4 * 4096):
        ctypes.memset(at + page, 1, 1)


def gone():
    at = take(64)
    touch(at, 8)
    libc.munmap(at, 64 * MIB)


for function in (cut, grown, shrunk, gone, covered, half_touched, scattered):
    function()
time.sleep(0.3)  # the peak lasts long enough to be read
with open("/proc/self/status", encoding="ascii") as status:
    high = next(int(line.split()[1]) for line in status if line.startswith(("VmHWM", "VmRSS")))
print("resident", high * 1024)
for name, size in {"cut": 16, "grown": 24, "shrunk": 8, "covered": 16, "half_touched": 16, "scattered": 8}.items():
    print(name, size * MIB)
