"""The platform's client: functions, classes and web endpoints of a Modal app, through the package's own objects.

Its private names are needed where the public ones say nothing (enter hooks, settings); those used here are the same from modal 1.0
to 1.6.  `harness` is the module _harness, put here by its part()."""

import asyncio
import sys
import warnings

import modal
from modal._partial_function import _find_partial_methods_for_user_cls, _PartialFunctionFlags
from modal._utils.async_utils import synchronizer
from modal.cls import Cls, _get_class_constructor_signature
from modal.functions import Function

WEB_KINDS = {1: "asgi", 2: "fastapi", 3: "wsgi", 4: "server"}  # WebhookType of the client's protocol

# How the client's own function that creates a Function calls the settings, and how we do.
SETTINGS = {
    "gpu": "gpu",
    "cpu": "cpu",
    "memory": "memory",
    "ephemeral_disk": "ephemeral_disk",
    "timeout": "timeout",
    "startup_timeout": "startup_timeout",
    "min_containers": "min_containers",
    "max_containers": "max_containers",
    "buffer_containers": "buffer_containers",
    "scaledown_window": "scaledown_window",
    "max_concurrent_inputs": "max_inputs",
    "target_concurrent_inputs": "target_inputs",
    "target_concurrent_inputs_int": "target_inputs",
    "batch_max_size": "max_batch_size",
    "batch_wait_ms": "wait_ms",
    "enable_memory_snapshot": "enable_memory_snapshot",
    "single_use_containers": "single_use_containers",
    "cloud": "cloud",
}


def inner(wrapper):
    """The client's own object behind the blocking one that the user has."""
    return synchronizer._translate_in(wrapper)


def settings_of(function):
    """What was given to @app.function or @app.cls: the variables that the function's loader has closed over."""
    values = {}
    load = getattr(function, "_load", None)
    cells = dict(zip(load.__code__.co_freevars, load.__closure__ or ())) if hasattr(load, "__code__") else {}
    for theirs, ours in SETTINGS.items():
        value = cells[theirs].cell_contents if theirs in cells else None
        if value in (None, False) or theirs == "target_concurrent_inputs_int" and value == 0:
            continue
        values[ours] = plain(value)
    placement = cells["scheduler_placement"].cell_contents if "scheduler_placement" in cells else None
    placement = getattr(placement, "proto", placement)
    if placement is not None:
        values["regions"] = list(getattr(placement, "regions", []))
        values["nonpreemptible"] = bool(getattr(placement, "nonpreemptible", False))
    volumes = getattr(getattr(function, "_spec", None), "volumes", None) or {}
    if volumes:
        values["volumes"] = [str(path) for path in volumes]
    return values


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def webhook_kind(config):
    return WEB_KINDS.get(getattr(config, "type", 0)) if config is not None else None


class Target(harness.Plain):
    """A function or method of a Modal app."""

    provider = "modal"

    def __init__(self, name, raw, call, settings, web_config, batch, skip_first):
        super().__init__(name, call, harness.Signature(raw, skip_first=skip_first))
        self.raw, self.settings, self.batch = harness.unwrap(raw), settings, batch
        self.kind = "method" if skip_first else "function"
        self.obj = None
        kind = webhook_kind(web_config)
        if kind == "server":
            raise harness.Problem("web_server", "%s starts a web server of its own, which cannot be called from here" % name)
        if kind:
            self.kind = "web"
            self.web = {"kind": kind, "method": web_config.method or "GET", "docs": web_config.web_endpoint_docs}

    def bound(self):
        """The user's function for the web adapters: what builds the app, or answers a request."""
        return self.raw.__get__(self.obj._cached_user_cls_instance()) if self.obj else self.raw

    def entered(self):
        if self.obj:
            self.obj._has_entered = True  # so that .local() does not run the hooks again


def hooks(obj, flags):
    """(name, what calls it) of the hooks of an object's class; the object is made by the first that is called."""
    found = _find_partial_methods_for_user_cls(obj._user_cls, flags)

    def caller(function):
        return lambda: function.__get__(obj._cached_user_cls_instance())()

    return [(name, caller(partial.raw_f)) for name, partial in found.items() if partial.raw_f is not None]


def enter_hooks(obj):
    """In the platform's order: the constructor, those before a snapshot, those after it."""
    user_class, first = obj._user_cls, []
    if user_class.__init__ is not object.__init__:
        first.append(("__init__", lambda: obj._cached_user_cls_instance() and None))
    for name in ("__aenter__", "__enter__"):
        if hasattr(user_class, name):
            first.append((name, lambda: getattr(obj._cached_user_cls_instance(), name)()))
            break
    before = hooks(obj, _PartialFunctionFlags.ENTER_PRE_SNAPSHOT)
    return first + before + hooks(obj, _PartialFunctionFlags.ENTER_POST_SNAPSHOT)


class Adapter:
    def __init__(self, request):
        self.request, self.is_local_called = request, False
        self.watch_is_local()
        Remote(request["remote"]).install()
        # `.local()` says that Volumes are not mounted; --mount is what this tool has for them.
        warnings.filterwarnings("ignore", message="The .* function is executing locally")

    def watch_is_local(self):
        original = modal.is_local

        def is_local():
            self.is_local_called = True
            return original()

        is_local.__doc__ = original.__doc__
        modal.is_local = is_local

    def names_in(self, module):
        names = []
        for name, value in list(vars(module).items()):
            if isinstance(value, Function) and getattr(inner(value), "_raw_f", None):
                names.append(name)
            elif isinstance(value, Cls) and inner(value)._user_cls is not None:
                names += ["%s.%s" % (name, method) for method in inner(value)._method_partials]
        return names

    def target(self, name, value, method, request, names):
        """The target that `value` is, or None when it is none of the platform's."""
        if isinstance(value, Function):
            return self.function(name, value, method, names)
        if isinstance(value, Cls):
            return self.method(name, value, method, request, names)
        kind = type(value).__name__
        if kind == "LocalEntrypoint":
            raise harness.Problem("not_callable", "%s is a local entrypoint: it runs on your machine, not in a container" % name, names=names)
        if type(value).__module__.partition(".")[0] == "modal":
            raise harness.Problem("not_callable", "%s is no function but a modal.%s" % (name, kind), names=names)
        return None

    def function(self, name, value, rest, names):
        function = inner(value)
        raw = getattr(function, "_raw_f", None)
        if raw is None:
            raise harness.Problem("not_local", "%s belongs to another app: its code is not here" % name, names=names)
        if rest:
            raise harness.Problem("no_such_function", "%s is a function and has no '%s'" % (name.partition(".")[0], rest), names=names)
        settings = settings_of(function)
        return Target(name, raw, value.local, settings, function._webhook_config, settings.get("max_batch_size"), False)

    def method(self, name, value, method, request, names):
        owner = inner(value)
        if owner._user_cls is None:
            raise harness.Problem("not_local", "%s belongs to another app: its code is not here" % name, names=names)
        partials = owner._method_partials
        if not method and len(partials) == 1:
            method = next(iter(partials))
            name = "%s.%s" % (name, method)
        if not method:
            own = ["%s.%s" % (name, other) for other in partials]
            raise harness.Problem("ambiguous", "%s is a class with %s: name one" % (name, harness.plural(len(own), "method")), names=own)
        if method not in partials:
            raise harness.Problem("no_such_function", "%s has no method '%s'" % (name.partition(".")[0], method),
                                  name="%s.%s" % (name.partition(".")[0], method), names=names)
        partial, wrapped = partials[method], value(**self.params(owner, request))
        settings = settings_of(owner._class_service_function)
        batch = partial.params.batch_max_size
        if batch:
            settings.update(max_batch_size=batch, wait_ms=partial.params.batch_wait_ms)
        call = getattr(wrapped, method).local
        target = Target(name, partial.raw_f, call, settings, partial.params.webhook_config, batch, True)
        target.obj = inner(wrapped)
        target.enter_hooks = enter_hooks(target.obj)
        target.exit_hooks = hooks(target.obj, _PartialFunctionFlags.EXIT)
        return target

    def params(self, owner, request):
        signature = harness.Signature(owner._user_cls.__init__)
        signature.parameters, signature.varargs, signature.varkeywords = [], None, None
        signature.fill(_get_class_constructor_signature(owner._user_cls))
        return harness.convert_params(request["params"] or {}, signature, owner._user_cls.__name__)


# --- calls of other functions from inside: .remote() and its kind ---


class Dual:
    """A method of a Function that has a blocking and an .aio form."""

    def __init__(self, blocking, aio):
        self.blocking, self.aio = blocking, aio

    def __get__(self, instance, owner=None):
        return self if instance is None else BoundDual(self, instance)


class BoundDual:
    def __init__(self, dual, instance):
        self._dual, self._instance = dual, instance

    def __call__(self, *args, **kwargs):
        return self._dual.blocking(self._instance, *args, **kwargs)

    def aio(self, *args, **kwargs):
        return self._dual.aio(self._instance, *args, **kwargs)


def wait(coroutine):
    """Its result, from blocking code; where a loop is running on this thread, on another thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return harness.LOOP.run(coroutine)
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class Spawned:
    """What .spawn() gives: the call has run already, its result or exception waits."""

    object_id = "fc-local"

    def __init__(self, value, error):
        self._value, self._error = value, error

    def _result(self, *args, **kwargs):
        if self._error is not None:
            raise self._error
        return self._value

    async def _aio_result(self, *args, **kwargs):
        return self._result()

    async def _aio_nothing(self, *args, **kwargs):
        return None

    get = Dual(_result, _aio_result)
    cancel = Dual(lambda self, *args, **kwargs: None, _aio_nothing)


class Remote:
    """Calls that would go to another container run in place, or are refused with --remote error."""

    def __init__(self, mode):
        self.mode = mode

    def install(self):
        Function.remote = Dual(self.call, self.call_aio)
        Function.remote_gen = Dual(self.generate, self.generate_aio)
        Function.map = Dual(self.map, self.map_aio)
        Function.starmap = Dual(self.starmap, self.starmap_aio)
        Function.for_each = Dual(self.for_each, self.for_each_aio)
        Function.spawn = Dual(self.spawn, self.spawn_aio)
        Function.spawn_map = Dual(self.spawn_map, self.spawn_map_aio)

        async def nothing(volume, *args, **kwargs):
            return None

        for name in ("commit", "reload"):
            setattr(modal.Volume, name, Dual(lambda volume, *args, **kwargs: None, nothing))

    def begin(self, function, args, kwargs):
        """Starts the call here: its value, or a coroutine or generator for it."""
        target = inner(function)
        name = getattr(target, "_tag", None) or getattr(target, "_use_method_name", None) or "a function"
        if self.mode == "error":
            raise harness.Problem("remote_called", "the function called %s remotely, and --remote error forbids it" % name)
        if not target._is_local():
            raise harness.Problem("remote_called", "the function called %s of another app remotely: its code is not here" % name)
        obj = getattr(target, "_obj", None)
        if obj is not None and not obj._has_entered:
            for _, hook in enter_hooks(obj):
                value = hook()
                if type(value) is harness.COROUTINE_TYPE:
                    wait(value)
            obj._has_entered = True
        batch = settings_of(target).get("max_batch_size") or self.method_batch(target, obj)
        if batch:
            return First(function.local(*[[a] for a in args], **{k: [v] for k, v in kwargs.items()}))
        return function.local(*args, **kwargs)

    @staticmethod
    def method_batch(target, obj):
        method = obj._cls._method_partials.get(getattr(target, "_use_method_name", "")) if obj is not None else None
        return method.params.batch_max_size if method else None

    def call(self, function, *args, **kwargs):
        value = self.begin(function, args, kwargs)
        if type(value) is First:
            return value.of(wait)
        return wait(value) if type(value) is harness.COROUTINE_TYPE else value

    async def call_aio(self, function, *args, **kwargs):
        value = self.begin(function, args, kwargs)
        if type(value) is First:
            return await value.of_aio()
        return await value if type(value) is harness.COROUTINE_TYPE else value

    def generate(self, function, *args, **kwargs):
        value = self.begin(function, args, kwargs)
        if type(value) is not harness.ASYNC_GENERATOR_TYPE:
            yield from value
            return

        async def collect():
            return [item async for item in value]

        yield from wait(collect())

    async def generate_aio(self, function, *args, **kwargs):
        value = self.begin(function, args, kwargs)
        if type(value) is harness.ASYNC_GENERATOR_TYPE:
            async for item in value:
                yield item
            return
        for item in value:
            yield item

    def starmap(self, function, iterator, *, kwargs={}, return_exceptions=False, **options):
        for args in iterator:
            try:
                yield self.call(function, *args, **kwargs)
            except Exception as error:
                if not return_exceptions or isinstance(error, harness.Problem):
                    raise
                yield error

    def map(self, function, *iterators, **options):
        return self.starmap(function, zip(*iterators), **options)

    async def starmap_aio(self, function, iterator, *, kwargs={}, return_exceptions=False, **options):
        async for args in each(iterator):
            try:
                yield await self.call_aio(function, *args, **kwargs)
            except Exception as error:
                if not return_exceptions or isinstance(error, harness.Problem):
                    raise
                yield error

    async def map_aio(self, function, *iterators, **options):
        if len(iterators) == 1:  # may be an asynchronous one

            async def single():
                async for item in each(iterators[0]):
                    yield (item,)

            source = single()
        else:
            source = zip(*iterators)
        async for value in self.starmap_aio(function, source, **options):
            yield value

    def for_each(self, function, *iterators, ignore_exceptions=False, **options):
        for _ in self.map(function, *iterators, return_exceptions=ignore_exceptions, **options):
            pass

    async def for_each_aio(self, function, *iterators, ignore_exceptions=False, **options):
        async for _ in self.map_aio(function, *iterators, return_exceptions=ignore_exceptions, **options):
            pass

    def spawn(self, function, *args, **kwargs):
        try:
            return Spawned(self.call(function, *args, **kwargs), None)
        except harness.Problem:
            raise
        except Exception as error:
            return Spawned(None, error)

    async def spawn_aio(self, function, *args, **kwargs):
        try:
            return Spawned(await self.call_aio(function, *args, **kwargs), None)
        except harness.Problem:
            raise
        except Exception as error:
            return Spawned(None, error)

    def spawn_map(self, function, *iterators, **options):
        return Spawned(list(self.map(function, *iterators, return_exceptions=True, **options)), None)

    async def spawn_map_aio(self, function, *iterators, **options):
        return Spawned([v async for v in self.map_aio(function, *iterators, return_exceptions=True, **options)], None)


class First:
    """The one result of a batched function that was given a batch of one."""

    def __init__(self, value):
        self.value = value

    def of(self, waiting):
        return (waiting(self.value) if type(self.value) is harness.COROUTINE_TYPE else self.value)[0]

    async def of_aio(self):
        return (await self.value if type(self.value) is harness.COROUTINE_TYPE else self.value)[0]


async def each(iterator):
    if hasattr(iterator, "__aiter__"):
        async for item in iterator:
            yield item
    else:
        for item in iterator:
            yield item
