"""Spends its time in ways of known shape, and prints how much in which, per thread: "thread-id kind seconds".

usage: known_shares.py SECONDS.  A kind is a function called by `work`; what it calls below is fixed (run knows it).
"""
import asyncio
import hashlib
import sys
import threading
import time

clock = time.perf_counter
DATA = b"x" * 200_000


def spin(seconds):
    end = clock() + seconds
    x = 0
    while clock() < end:
        x += 1
    return x


def recurse(depth):
    if depth == 0:
        return spin(0.011)
    return recurse(depth - 1)


def recursion():
    return recurse(60)


def numbers(depth):
    if depth:
        yield from numbers(depth - 1)
    else:
        for _ in range(3):
            spin(0.002)
            yield 1


def generators():
    return sum(numbers(5))


async def inner():
    spin(0.004)


async def middle():
    await inner()


async def outer():
    await middle()


def coroutines():
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(outer())
    finally:
        loop.close()


def called_back(x):
    spin(0.0005)
    return -x


def through_c():
    return sorted(range(8), key=called_back)


def without_lock():
    end = clock() + 0.007
    while clock() < end:
        hashlib.sha256(DATA).digest()


def sleeping():
    time.sleep(0.009)


def short_calls():
    end = clock() + 0.006
    while clock() < end:
        [int(str(x)) for x in range(20)]
        max(short(3), short(4))


def short(x):
    return shorter(x) + 1


def shorter(x):
    return x * 2


KINDS = [recursion, generators, coroutines, through_c, without_lock, sleeping, short_calls]


def work(seconds, spent):
    end = clock() + seconds
    while clock() < end:
        for kind in KINDS:
            began = clock()
            kind()
            spent[kind.__name__] = spent.get(kind.__name__, 0) + clock() - began


def idle():
    threading.Event().wait()


def main():
    seconds = float(sys.argv[1])
    for _ in range(20):
        threading.Thread(target=idle, daemon=True).start()
    main_spent, other_spent = {}, {}
    other = threading.Thread(target=work, args=(seconds, other_spent))
    other.start()
    other_id = other.native_id
    work(seconds, main_spent)
    other.join()
    for thread, spent in ((threading.get_native_id(), main_spent), (other_id, other_spent)):
        for kind, value in spent.items():
            print(thread, kind, value)


main()
