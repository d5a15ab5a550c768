"""Holds memory from four lines and churns through more elsewhere, then prints what each line held at the peak.

usage: known_sites.py MIB_A_SITE MIB_OF_CHURN
"""
import sys

MIB = 1 << 20
each, churned = int(sys.argv[1]) * MIB, int(sys.argv[2]) * MIB


def one_block():
    return bytearray(each)


def blocks():
    return [bytearray(64 << 10) for _ in range(each // (64 << 10))]


def kilobytes():
    return [bytearray(1024) for _ in range(each // 1024)]


def floats():
    held = [None] * (each // 32)
    for i in range(len(held)):
        held[i] = i + 0.5
    return held


def churn(size):
    for _ in range(size // MIB):
        [bytearray(4096) for _ in range(256)]


churn(churned // 4)
held = [one_block(), blocks(), kilobytes(), floats()]
held[0][::4096] = b"x" * len(held[0][::4096])
with open("/proc/self/statm", encoding="ascii") as statm:
    resident = int(statm.read().split()[1]) * 4096
churn(churned // 4)
del held
churn(churned // 2)
print("resident", resident)
for name in ("one_block", "blocks", "kilobytes", "floats"):
    print(name, each)
