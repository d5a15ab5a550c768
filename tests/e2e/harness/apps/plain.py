import asyncio
import functools
import os
import sys
import threading


def add(x: int, y: int = 1):
    return x + y


def text(text: str, *, times: int = 2):
    return text * times


async def wait(seconds=0.0):
    loop = asyncio.get_running_loop()
    wait.loops.add(id(loop))
    await asyncio.sleep(seconds)
    print("loops", len(wait.loops))


wait.loops = set()


def count(n: int):
    for i in range(n):
        print("item", i)
        yield i


async def acount(n: int):
    for i in range(n):
        print("item", i)
        yield i


def mutate(items: list):
    items.append(1)
    print("length", len(items))


class Scaler:
    def __init__(self, k: int = 2):
        self.k = k

    def scale(self, x):
        print("scaled", x * self.k)


def boom(x):
    def inner():
        return 1 // x

    return inner()


def leave(code):
    sys.exit(code)


def vanish():
    os._exit(7)


def close_everything():
    os.closerange(3, 1024)


def fork():
    if os.fork() == 0:
        print("child")
        return
    os.wait()


def look():
    main = sys.modules["__main__"]
    print("argv", [os.path.basename(a) for a in sys.argv])
    print("main", getattr(main, "__file__", None), "name", __name__, "first", os.path.basename(sys.path[0]))
    print("coldspot loaded", any("coldspot" in name or "harness" in name for name in sys.modules))
    import coldspot

    with coldspot.stage("look"):
        print("coldspot found", coldspot.__name__)


def lazy():
    import no_such_package_at_all  # noqa: F401


def thread():
    threading.Timer(0.2, lambda: print("late")).start()


@functools.lru_cache(None)
def cached(x):
    return x


def kwargs_only(**options):
    print(sorted(options))


def _private():
    pass


number = 3
