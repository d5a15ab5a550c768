"""Holds memory from four lines and churns through more elsewhere, then prints what each line held at the peak.

usage: known_sites.py MIB_A_SITE MIB_OF_CHURN

Two lines hold allocations over 4 MiB, two hold small objects: 1 KiB each from malloc, and floats from Python's arenas (24 bytes, in blocks
of 32).  The lists that keep the small objects are made on a line of their own.
"""
import mmap
import sys

MIB = 1 << 20
each, churned = int(sys.argv[1]) * MIB, int(sys.argv[2]) * MIB


def one_block():
    return b"x" * each


def large_blocks():
    return [b"x" * (8 * MIB) for _ in range(each // (8 * MIB))]


def lists(count):
    return [None] * count


def kilobytes():
    held = lists(each // 1024)
    for i in range(len(held)):
        held[i] = b"x" * (1024 - sys.getsizeof(b""))
    return held


def floats():
    held = lists(each // 32)
    for i in range(len(held)):
        held[i] = i + 0.5
    return held


def untouched():
    """Asked for, and never in memory."""
    return mmap.mmap(-1, 2 * each, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def churn(size):
    for _ in range(size // (16 * MIB)):
        for _ in range(1024):
            bytearray(4096)
        for _ in range(128):
            bytearray(64 << 10)
        b"x" * (4 * MIB)


def high_water():
    with open("/proc/self/status", encoding="ascii") as status:
        numbers = {line.split()[0]: line.split()[1] for line in status if line.startswith("Vm")}
    return int(numbers.get("VmHWM:", numbers["VmRSS:"])) * 1024


churn(churned // 4)
kept = [one_block(), large_blocks(), kilobytes(), floats(), untouched()]
churn(churned // 4)
resident = high_water()
del kept
churn(churned // 2)
print("resident", resident)
for name in ("one_block", "large_blocks"):
    print(name, each)
print("kilobytes", each // 1024)
print("floats", each // 32)
print("lists", 8 * (each // 1024 + each // 32))
