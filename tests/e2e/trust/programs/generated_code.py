"""Functions made from text by exec, as namedtuple and dataclass do, end with the last reference to them."""
import gc
import weakref

alive = weakref.WeakSet()


def make(number):
    names = {}
    exec(compile(f"def made():\n    def inner():\n        return {number}\n    return inner()\n", "<made>", "exec"), names)
    alive.add(names["made"].__code__)
    return names["made"]()


print(sum(make(number) for number in range(2000)))
gc.collect()
print(len(alive), "left")
