"""Brings asyncio tasks into waits of known shape, prints what each one awaits, and waits to be read and killed.

One line a fact: "R address-of-_PyRuntime hexversion", "S size-of-a-task current-tasks all-tasks thread" and "Y" with the addresses of the
types as struct tasks_types has them; "T address name" and its coroutines, innermost first, "F line file<TAB>name", then "W name" where it
waits for another task; "E" ends it.
"""
import asyncio
import ctypes
import os
import sys
import threading
import time
import types

if sys.version_info >= (3, 14):
    ctypes.pythonapi.PyThreadState_Get.restype = ctypes.c_void_p


class Awaitable:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        local_coroutine = None
        del local_coroutine
        return (yield from self.future)


async def recurse(depth, future):
    if depth:
        await recurse(depth - 1, future)
    else:
        await future


async def numbers(future):
    yield await future


async def takes_numbers(future):
    async for _ in numbers(future):
        pass


async def takes_one(future):
    await numbers(future).asend(None)


async def through_an_awaitable(future):
    for _ in range(2):
        await Awaitable(future)


async def gathers(*what):
    await asyncio.gather(*what)


async def waits_for(future):
    await asyncio.wait_for(future, 1000)


async def wrapped(future):
    wrapper = recurse(2, future).__await__()

    class Wrapped:
        def __await__(self):
            return wrapper

    await Wrapped()


def chain_of(coroutine):
    """Outermost first: (line, file, name)."""
    while True:
        for prefix in ("cr", "gi", "ag"):
            code = getattr(coroutine, prefix + "_code", None)
            if code:
                frame = getattr(coroutine, prefix + "_frame")
                yield frame.f_lineno, code.co_filename, code.co_qualname if sys.version_info >= (3, 11) else code.co_name
                coroutine = getattr(coroutine, {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}[prefix])
                break
        else:
            held = wrapped_in(coroutine)
            if held is None:
                return
            coroutine = held


def wrapped_in(wrapper):
    """What `await` made a wrapper of: its first own word."""
    if type(wrapper) not in TYPES[5:]:
        return None
    return ctypes.cast(id(wrapper) + 16, ctypes.POINTER(ctypes.py_object)).contents.value


def known_types():
    coroutine, asynchronous = recurse(0, None), numbers(None)
    made = [coroutine.__await__(), asynchronous.asend(None), asynchronous.athrow(ValueError)]
    found = [asyncio.Task, int, types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType, *map(type, made)]
    for wrapper in made:
        wrapper.close()
    coroutine.close()
    return found


def report(tasks, thread):
    module = asyncio.tasks
    everything = getattr(module, "_all_tasks", None) or getattr(module, "_scheduled_tasks", None)
    runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    print("R", runtime, sys.hexversion)
    print("S", asyncio.Task.__basicsize__, id(module._current_tasks), id(everything.data), thread)
    print("Y", *map(id, TYPES))
    for task, awaited in tasks:
        print("T", id(task), task.get_name())
        for line, file, name in reversed(list(chain_of(task.get_coro()))):
            print(f"F {line} {file}\t{name}")
        if awaited:
            print("W", awaited.get_name())
    print("E", flush=True)
    os.read(0, 1)
    os._exit(0)


def report_when_idle(ident, tasks, thread):
    while sys._current_frames()[ident].f_code.co_name != "select":
        time.sleep(0.01)
    time.sleep(0.05)
    report(tasks, thread)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    bodies = [recurse(0, future), recurse(40, future), recurse(200, future), takes_numbers(future), takes_one(future),
              through_an_awaitable(future), gathers(future, recurse(1, future)), waits_for(future), wrapped(future)]
    tasks = [(loop.create_task(body), None) for body in bodies]
    named = loop.create_task(recurse(3, future), name="größer als 日本")
    waits = loop.create_task(recurse(1, named), name="w" * 300)
    tasks += [(named, None), (waits, named)]
    await asyncio.sleep(0.05)
    thread = ctypes.pythonapi.PyThreadState_Get() if sys.version_info >= (3, 14) else 0
    threading.Thread(target=report_when_idle, args=[threading.get_ident(), tasks, thread]).start()
    await loop.create_future()


sys.setrecursionlimit(3000)
TYPES = known_types()
asyncio.run(main())
