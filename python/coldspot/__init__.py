"""coldspot in your own code: name the stages of a function.

    with coldspot.stage("load_data"):
        ...

    @coldspot.stage("infer")
    def infer(batch): ...

A stage is announced by an audit event, which costs about a microsecond and does nothing where nobody measures, so it can stay
in production.  Importing this package imports nothing but sys.
"""

import sys

__all__ = ["stage"]

_COROUTINE, _GENERATOR, _ASYNC_GENERATOR = 0x80, 0x20, 0x200  # co_flags


class stage:
    """A named span: a context manager (with, async with) and a decorator of functions, sync, async or generators.

    The stage of a generator lasts while it runs, not while its consumer does."""

    __slots__ = ("name",)

    def __init__(self, name):
        if not isinstance(name, str):
            raise TypeError("coldspot.stage needs a name: coldspot.stage('load_data')")
        self.name = name

    def __enter__(self):
        sys.audit("coldspot.stage", self.name)
        return self

    def __exit__(self, kind, value, traceback):
        sys.audit("coldspot.stage.end", self.name)
        return False

    async def __aenter__(self):
        return self.__enter__()

    async def __aexit__(self, kind, value, traceback):
        return self.__exit__(kind, value, traceback)

    def __call__(self, function):
        flags = getattr(getattr(function, "__code__", None), "co_flags", 0)
        if flags & _ASYNC_GENERATOR:
            wrapper = _wrap_async_generator(self, function)
        elif flags & _COROUTINE:
            wrapper = _wrap_coroutine(self, function)
        elif flags & _GENERATOR:
            wrapper = _wrap_generator(self, function)
        else:
            wrapper = _wrap_function(self, function)
        return _look_like(wrapper, function)


def _wrap_function(span, function):
    def wrapper(*args, **kwargs):
        with span:
            return function(*args, **kwargs)

    return wrapper


def _wrap_coroutine(span, function):
    async def wrapper(*args, **kwargs):
        with span:
            return await function(*args, **kwargs)

    return wrapper


def _wrap_generator(span, function):
    def wrapper(*args, **kwargs):
        generator = function(*args, **kwargs)
        resume, argument = generator.send, None
        while True:
            try:
                with span:
                    item = resume(argument)
            except StopIteration as stop:
                return stop.value
            try:
                resume, argument = generator.send, (yield item)
            except GeneratorExit:
                with span:
                    generator.close()
                raise
            except BaseException as error:
                resume, argument = generator.throw, error

    return wrapper


def _wrap_async_generator(span, function):
    async def wrapper(*args, **kwargs):
        generator = function(*args, **kwargs)
        resume, argument = generator.asend, None
        while True:
            try:
                with span:
                    item = await resume(argument)
            except StopAsyncIteration:
                return
            try:
                resume, argument = generator.asend, (yield item)
            except GeneratorExit:
                with span:
                    await generator.aclose()
                raise
            except BaseException as error:
                resume, argument = generator.athrow, error

    return wrapper


def _look_like(wrapper, function):
    """What functools.wraps does, without importing it."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        if hasattr(function, name):
            setattr(wrapper, name, getattr(function, name))
    if hasattr(function, "__annotate__"):  # 3.14: annotations that are made when they are asked for
        wrapper.__annotate__ = function.__annotate__
    elif hasattr(function, "__annotations__"):
        wrapper.__annotations__ = function.__annotations__
    wrapper.__dict__.update(getattr(function, "__dict__", {}))
    wrapper.__wrapped__ = function
    return wrapper
