"""Threads of known states: prints their ids, then of those that compete when each began and ended, and how long it had a CPU.

usage: known_states.py threads|crowded|interpreters|own_locks SECONDS
"""
import os
import signal
import sys
import threading
import time

SECONDS = float(sys.argv[2])
LIVED = []
ENDS = []  # what is called when all threads have ended
INSIDE = f'''
import time
def deep(end):
    x = 0
    while time.perf_counter() < end:
        x += 1
def work_{{name}}():
    deep(time.perf_counter() + {SECONDS})
work_{{name}}()
'''


def spin(end, lived):
    began = time.perf_counter()
    x = 0
    while time.perf_counter() < end:
        x += 1
    lived.append((threading.get_native_id(), began, time.perf_counter(), time.thread_time()))


def threads():
    end = time.perf_counter() + SECONDS
    return [threading.Thread(target=spin, args=(end, LIVED)) for _ in range(4)]


def crowded():
    """One thread that shares its CPU with a program that never rests."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    other = os.posix_spawn("/bin/sh", ["sh", "-c", "while :; do :; done"], {})
    ENDS.append(lambda: os.kill(other, signal.SIGKILL))
    ENDS.append(lambda: os.waitpid(other, 0))
    return [threading.Thread(target=spin, args=(time.perf_counter() + SECONDS, LIVED))]


def interpreters(own_lock):
    try:
        import _xxsubinterpreters as module
    except ImportError:
        import _interpreters as module
    made = []
    for name in ("first", "second"):
        if sys.version_info >= (3, 13):
            interpreter = module.create("isolated" if own_lock else "legacy")
        else:
            interpreter = module.create(isolated=own_lock)
        ENDS.append(lambda interpreter=interpreter: module.destroy(interpreter))
        made.append(threading.Thread(target=module.run_string, args=(interpreter, INSIDE.format(name=name))))
    return made


MODES = {"threads": threads, "crowded": crowded, "interpreters": lambda: interpreters(False), "own_locks": lambda: interpreters(True)}
started = MODES[sys.argv[1]]()
for thread in started:
    thread.start()
print(*(thread.native_id for thread in started))
for thread in started:
    thread.join()
for end in ENDS:
    end()
for times in LIVED:
    print(*times)
