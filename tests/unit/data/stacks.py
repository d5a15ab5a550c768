"""Brings threads into stacks of known shape, prints what each one's stack is, and waits to be read and killed.

One line a fact: "R address-of-_PyRuntime hexversion", "T pthread_self", then its frames, innermost first, "F line file<TAB>name";
"E" ends it.  Names are qualified from 3.11 on, as the code objects have them.
"""
import asyncio
import ctypes
import os
import sys
import threading

stop = threading.Event()


class Wort:
    def größe(self, depth):
        return self.größe(depth - 1) if depth else stop.wait()

    class Inner:
        @staticmethod
        def static():
            def closure():
                return (lambda: Wort().größe(2))()
            return closure()


def recurse(depth):
    if depth == 0:
        return stop.wait()
    return recurse(depth - 1)


def numbers(depth):
    if depth == 0:
        stop.wait()
    yield from numbers(depth - 1) if depth else ()


async def inner():
    stop.wait()


async def outer():
    await inner()


def through_c():
    return sorted([2, 1], key=lambda x: stop.wait())


def after_a_long_body():
    x = 0
    x = (x +

         1)


    for _ in range(2):
        try:
            x += 1
        finally:
            x += [stop.wait()
                  for _ in (1,)][0]
    return x


def name_of(code):
    return code.co_qualname if sys.version_info >= (3, 11) else code.co_name


def report(idents):
    runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    print("R", runtime, sys.hexversion)
    for ident, frame in sys._current_frames().items():
        if ident not in idents:
            continue
        print("T", ident)
        while frame:
            print(f"F {frame.f_lineno} {frame.f_code.co_filename}\t{name_of(frame.f_code)}")
            frame = frame.f_back
    print("E", flush=True)


bodies = [
    lambda: recurse(30), lambda: recurse(300), lambda: recurse(700), lambda: Wort.Inner.static(), lambda: list(numbers(10)),
    lambda: asyncio.new_event_loop().run_until_complete(outer()), through_c, after_a_long_body,
]
sys.setrecursionlimit(2000)
threads = [threading.Thread(target=body, daemon=True) for body in bodies]
for thread in threads:
    thread.start()
while not all(any(frame.f_code.co_name == "wait" and frame.f_code.co_filename == threading.__file__
                  for frame in (sys._current_frames().get(thread.ident),) if frame) for thread in threads):
    stop.wait(0.01)
stop.wait(0.05)
report({thread.ident for thread in threads})
os.read(0, 1)
os._exit(0)
