import asyncio

import coldspot


@coldspot.stage("plain")
def plain(x):
    """doc"""
    return x


@coldspot.stage("co")
async def co(x):
    return x


@coldspot.stage("gen")
def gen():
    got = yield 1
    print("sent", got)
    try:
        yield 2
    except ValueError:
        yield 3
    return 4


@coldspot.stage("agen")
async def agen():
    yield 1
    yield 2


def f():
    print(plain(1), plain.__name__, plain.__doc__, plain.__wrapped__ is not plain)
    print(asyncio.run(co(2)), asyncio.iscoroutinefunction(co) if hasattr(asyncio, "iscoroutinefunction") else True)
    g = gen()
    print(next(g), g.send("hello"), g.throw(ValueError("x")))
    try:
        next(g)
    except StopIteration as stop:
        print("returned", stop.value)

    async def use():
        return [x async for x in agen()]

    print(asyncio.run(use()))
    with coldspot.stage("a"), coldspot.stage("b"):
        pass
    try:
        with coldspot.stage("fails"):
            raise KeyError
    except KeyError:
        print("passed on")
    try:
        coldspot.stage(print)
    except TypeError as error:
        print("refused", error)
