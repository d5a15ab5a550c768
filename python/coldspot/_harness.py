"""Calls the user's function as the platform would, and says what became of it.

One process is one cold start: read the request, import the platform's client and the app, run the enter hooks, call the function
once and then again for the warm figures, run the exit hooks.  The phases go to the agent as audit events; results go as JSON
lines to the request's result file (docs/reference/harness.md).  Nothing is imported here that `python -c pass` has not loaded
already, so that no import of the user's looks cheaper than it is; what only some targets need lies in the modules beside this one
and is loaded by part().
"""

import os
import sys
import time

THIS = sys.modules[__name__]  # harness.py takes it out of sys.modules
HERE = os.path.dirname(os.path.abspath(__file__))
VARARGS, VARKEYWORDS, GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x04, 0x08, 0x20, 0x80, 0x200  # co_flags
EVAL_MOST = 1 << 16  # longer requests are scanned: compiling a literal of many megabytes takes gigabytes
THREADS_WAIT_S = 30  # how long the platform waits for threads that outlive the last call
EXIT_APP, EXIT_FUNCTION = 2, 3  # the request or the app is wrong; the user's function failed
FUNCTION_KINDS = ("function_exception", "exited", "remote_called")


class Problem(Exception):
    """An error that the user can mend: becomes the "error" event."""

    def __init__(self, kind, message, **more):
        super().__init__(message)
        self.event = dict(event="error", kind=kind, message=message, **more)


def phase(name):
    sys.audit("coldspot.phase", name)


# --- the request and the result file ---


def read_request(path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    if path.startswith("/dev/fd/"):  # the one that was inherited: the function's first descriptor is 3, as anywhere
        os.close(int(path[8:]))
    return parse_json(text)


def parse_json(text):
    """JSON that the tool wrote.  Its literals are Python's but for three words, and eval is there without an import."""
    if len(text) <= EVAL_MOST:
        try:
            return eval(text, {"true": True, "false": False, "null": None, "__builtins__": {}})
        except (MemoryError, RecursionError, SyntaxError):
            pass  # nested deeper than the compiler allows
    import json

    return json.loads(text)


ESCAPES = {i: "\\u%04x" % i for i in range(32)}
ESCAPES.update({ord('"'): '\\"', ord("\\"): "\\\\"})


def encode(value):
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value)) if value - value == 0 else "null"
    if isinstance(value, dict):
        return "{%s}" % ",".join(encode(str(k)) + ":" + encode(v) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join(map(encode, value))
    return '"%s"' % str(value).translate(ESCAPES)


class Events:
    """Appends events to the result file.  The descriptor sits where user code that closes or counts descriptors does not come,
    and is opened again when it was closed nevertheless.  A forked child says nothing."""

    def __init__(self, path):
        self.path, self.pid = path, os.getpid()
        # At once: once there are threads, a table of descriptors that must grow makes the kernel wait (some 10 to 20 ms).
        self.open()

    def open(self):
        low = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Not 900 and up: the agent keeps its own there.
            self.fd = os.dup2(low, 890, inheritable=False)
            os.close(low)
        except OSError:  # a limit on descriptors below that
            self.fd = low
        state = os.fstat(self.fd)
        self.identity = (state.st_dev, state.st_ino)

    def is_open(self):
        try:
            state = os.fstat(self.fd)
        except OSError:
            return False
        return (state.st_dev, state.st_ino) == self.identity

    def emit(self, event):
        if os.getpid() != self.pid:
            return
        if not self.is_open():
            self.open()
        data = encode(event).encode("utf-8", "replace") + b"\n"
        while data:
            data = data[os.write(self.fd, data) :]


def part(name):
    """Loads a module that lies beside this one, under no name that user code can import."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import spec_from_file_location

    spec = spec_from_file_location("coldspot." + name, os.path.join(HERE, name + ".py"))
    module = module_from_spec(spec)
    module.harness = THIS
    spec.loader.exec_module(module)
    return module


# --- signatures, without inspect (which imports a hundred modules' worth) ---


class Parameter:
    __slots__ = ("name", "kind", "required", "annotation")

    def __init__(self, name, kind, required, annotation):
        self.name, self.kind, self.required, self.annotation = name, kind, required, annotation


class Signature:
    """Parameters of a function.  kind: "positional" (only), "either", "keyword" (only); *args and **kwargs apart.
    known is False for callables that do not say, which then take anything."""

    def __init__(self, function, skip_first=False):
        self.parameters, self.varargs, self.varkeywords, self.known = [], None, None, False
        self.name, self.defaults, self.first = getattr(function, "__name__", "function"), {}, None
        skip_first = skip_first or hasattr(function, "__self__") and hasattr(function, "__func__")
        function = unwrap(function)
        code = getattr(function, "__code__", None)
        if code is None:
            self.ask_inspect(function)
        else:
            self.read(function, code, skip_first)

    def read(self, function, code, skip_first):
        self.known = True
        names, notes = code.co_varnames, annotations(function)
        count, keywords = code.co_argcount, code.co_kwonlyargcount
        defaults, keyword_defaults = function.__defaults__ or (), function.__kwdefaults__ or {}
        if skip_first and count:
            self.first = names[0]
        for i in range(1 if self.first else 0, count):
            kind = "positional" if i < code.co_posonlyargcount else "either"
            self.parameters.append(Parameter(names[i], kind, i < count - len(defaults), notes.get(names[i])))
        for name in names[count : count + keywords]:
            self.parameters.append(Parameter(name, "keyword", name not in keyword_defaults, notes.get(name)))
        rest = count + keywords
        if code.co_flags & VARARGS:
            self.varargs, rest = names[rest], rest + 1
        if code.co_flags & VARKEYWORDS:
            self.varkeywords = names[rest]
        self.defaults = dict(zip(names[count - len(defaults) : count], defaults), **keyword_defaults)

    def ask_inspect(self, function):
        """A class, a builtin, a partial: rare enough to pay for inspect."""
        import inspect

        try:
            self.fill(inspect.signature(function))
        except (TypeError, ValueError):
            self.varargs, self.varkeywords = "args", "kwargs"

    def fill(self, signature):
        """Takes over an inspect.Signature."""
        self.known = True
        kinds = {0: "positional", 1: "either", 3: "keyword"}
        for parameter in signature.parameters.values():
            if parameter.kind == 2:
                self.varargs = parameter.name
            elif parameter.kind == 4:
                self.varkeywords = parameter.name
            else:
                required = parameter.default is parameter.empty
                note = None if parameter.annotation is parameter.empty else parameter.annotation
                self.parameters.append(Parameter(parameter.name, kinds[int(parameter.kind)], required, note))
                if not required:
                    self.defaults[parameter.name] = parameter.default

    def __str__(self):
        pieces, starred = [self.first] if self.first else [], False
        for index, parameter in enumerate(self.parameters):
            if parameter.kind == "keyword" and not starred:
                pieces.append("*" + (self.varargs or ""))
                starred = True
            pieces.append(self.describe(parameter))
            following = self.parameters[index + 1 : index + 2]
            if parameter.kind == "positional" and (not following or following[0].kind != "positional"):
                pieces.append("/")
        if self.varargs and not starred:
            pieces.append("*" + self.varargs)
        if self.varkeywords:
            pieces.append("**" + self.varkeywords)
        return "%s(%s)" % (self.name, ", ".join(pieces))

    def describe(self, parameter):
        text = parameter.name
        if parameter.annotation is not None:
            text += ": " + type_name(parameter.annotation)
        if not parameter.required:
            value = self.defaults.get(parameter.name)
            # A default may be anything of the user's: only plain values are shown.
            shown = repr(value) if value is None or type(value) in (bool, int, float) else "..."
            text += (" = " if parameter.annotation is not None else "=") + shown
        return text

    def problem_with(self, args, kwargs):
        """None when the call would bind; else what is wrong and whether it is an argument that is missing."""
        if not self.known:
            return None
        positional = [p for p in self.parameters if p.kind != "keyword"]
        if len(args) > len(positional) and not self.varargs:
            return "too_many", "takes %s, not %d" % (plural(len(positional), "argument"), len(args))
        given = {p.name for p in positional[: len(args)]}
        for name in kwargs:
            taken = any(p.name == name and p.kind != "positional" for p in self.parameters)
            if taken and name in given:
                return "twice", "gets '%s' twice" % name
            if not taken and not self.varkeywords:
                return "unknown", "has no argument '%s'" % name
        missing = [p.name for p in self.parameters if p.required and p.name not in given and p.name not in kwargs]
        if missing:
            return "missing", "needs " + (
                "an argument" if len(missing) == 1 and not given else "the argument%s %s" % ("s" * (len(missing) > 1), ", ".join(missing))
            )
        return None

    def example(self):
        """What could be given to --input."""
        required = [p for p in self.parameters if p.required]
        if any(p.kind == "keyword" for p in required):
            return "{%s}" % ", ".join('"%s": %s' % (p.name, example_of(p)) for p in required)
        return "[%s]" % ", ".join(example_of(p) for p in required)


def unwrap(function):
    """What functools.wraps wrapped, as inspect.signature follows it; methods become functions."""
    for _ in range(64):
        inner = getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
        if inner is None:
            break
        function = inner
    return function


def annotations(function):
    try:
        return function.__annotations__ or {}
    except Exception:  # 3.14 makes them now: a name may not be there
        return {}


def type_name(annotation):
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and type(annotation) is not type(list[int]):
        return annotation.__name__
    return repr(annotation).replace("typing.", "")


EXAMPLES = {"str": '"some text"', "int": "1", "float": "0.5", "bool": "true", "dict": "{}", "Any": '"some text"'}


def example_of(parameter):
    name = type_name(parameter.annotation) if parameter.annotation is not None else "Any"
    outer, _, inner = name.partition("[")
    if outer.lower() in ("list", "sequence", "iterable", "tuple", "set"):
        item = EXAMPLES.get(inner.rstrip("]").split(",")[0].strip(), '"some text"') if inner else '"some text"'
        return "[%s]" % item
    if outer in ("Dict", "Mapping"):
        return "{}"
    return EXAMPLES.get(outer, '"some text"')


def plural(count, noun):
    return "no %ss" % noun if count == 0 else "one %s" % noun if count == 1 else "%d %ss" % (count, noun)


def is_lambda_handler(signature):
    """handler(event, context): exactly two required positional parameters, the second named so."""
    required = [p for p in signature.parameters if p.required]
    return (
        len(required) == 2
        and len(signature.parameters) == 2
        and all(p.kind != "keyword" for p in required)
        and required[1].name in ("context", "ctx", "_")
    )


# --- the app ---


def load_app(target):
    """Imports the app's file as the platform does: under its own name, its directory first on sys.path."""
    path, name = target["file"], target["module"]
    if name:
        return load_module(name)
    stem = os.path.basename(path)
    stem = stem[:-3] if stem.endswith(".py") else stem
    if stem in sys.modules:  # an app called time.py must not replace what is there
        stem = "app_" + stem
    phase("import")
    return execute(stem, path)


def execute(name, path):
    """Runs a file as module `name`.  Not by an import statement: the agent would take it for an import of the user's."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import SourceFileLoader, spec_from_file_location

    spec = spec_from_file_location(name, path, loader=SourceFileLoader(name, path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def load_module(name):
    """pkg.mod: its parents are imported by import, the module itself is the app's file."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    parent, _, last = name.rpartition(".")
    phase("import")
    if parent:
        __import__(parent)
    if name in sys.modules:
        return sys.modules[name]
    search = getattr(sys.modules[parent], "__path__", []) if parent else None
    spec = PathFinder.find_spec(name, search)
    if spec is None or spec.loader is None:
        raise Problem("no_such_module", "there is no module '%s'" % name, searched=list(search or sys.path)[:8])
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if parent:
        setattr(sys.modules[parent], last, module)
    return module


def is_public_function(module, name, value):
    return (
        not name.startswith("_")
        and type(value) is type(is_public_function)
        and getattr(value, "__module__", None) == module.__name__
    )


class Plain:
    """A function that no platform owns, and what the adapters of the platforms have in common."""

    provider, kind = "none", "plain"
    settings, batch, web = {}, None, None
    enter_hooks, exit_hooks = (), ()

    def __init__(self, name, function, signature):
        self.name, self.call, self.signature = name, function, signature
        self.raw = unwrap(function)

    def is_async(self):
        return bool(self.flags() & (COROUTINE | ASYNC_GENERATOR))

    def is_generator(self):
        return bool(self.flags() & (GENERATOR | ASYNC_GENERATOR))

    def flags(self):
        code = getattr(self.raw, "__code__", None) or getattr(getattr(self.raw, "__call__", None), "__code__", None)
        return getattr(code, "co_flags", 0)

    def entered(self):
        """Called after the enter hooks."""

    def event(self):
        return {
            "event": "target",
            "kind": self.kind,
            "provider": self.provider,
            "name": self.name,
            "signature": str(self.signature),
            "is_async": self.is_async(),
            "is_generator": self.is_generator(),
            "settings": self.settings,
            "enter_hooks": [name for name, _ in self.enter_hooks],
            "exit_hooks": [name for name, _ in self.exit_hooks],
        }


class WebObject(Plain):
    """`app = FastAPI()` or `app = Flask(...)` at the top of a file: an app that no platform owns."""

    kind = "web"

    def __init__(self, name, value):
        answer = getattr(type(value), "__call__", None)
        if answer is None:
            raise Problem("not_callable", "%s is no web app but a %s" % (name, type(value).__name__))
        super().__init__(name, value, Signature(answer, skip_first=True))
        is_asgi = getattr(getattr(unwrap(answer), "__code__", None), "co_flags", 0) & COROUTINE
        self.web = {"kind": "asgi-object" if is_asgi else "wsgi-object", "method": "GET", "docs": False}

    def bound(self):
        return self.call


def names_in(module, modal):
    """The functions that can be measured: the platform's where the app has any, else the module's own public ones."""
    names = modal.names_in(module) if modal else []
    if names:
        return names
    return [n for n, v in list(vars(module).items()) if is_public_function(module, n, v)]


def only_name(module, names, request):
    """What app.py alone means: its only function, or its only Lambda handler."""
    handlers = [n for n in names if "." not in n and is_lambda_handler(Signature(vars(module)[n]))]
    for choice in (names, handlers):
        if len(choice) == 1:
            return choice[0]
    if not names:
        raise Problem("no_functions", "%s has no functions" % app_name(request), names=names)
    raise Problem("ambiguous", "%s has %d functions: name one" % (app_name(request), len(names)), names=names)


def find_target(module, request, modal):
    name, names = request["target"]["name"], names_in(module, modal)
    if not name:
        name = only_name(module, names, request)
    first, _, rest = name.partition(".")
    missing = Problem("no_such_function", "%s has no function '%s'" % (app_name(request), name), name=name, names=names)
    if first not in vars(module):
        raise missing
    value = vars(module)[first]
    if modal:
        target = modal.target(name, value, rest, request, names)
        if target is not None:
            return target
    if isinstance(value, type):
        return plain_method(name, value, rest, request, missing)
    if rest:
        raise missing
    if request["request"] is not None and type(value) is not type(find_target):
        return WebObject(name, value)
    if not callable(value):
        raise Problem("not_callable", "%s of %s is no function but a %s" % (name, app_name(request), type(value).__name__), names=names)
    return plain_function(name, value)


def plain_function(name, value):
    target = Plain(name, value, Signature(value))
    if is_lambda_handler(target.signature):
        target.kind, target.provider = "lambda", "aws-lambda"
    return target


def plain_method(name, owner, method, request, missing):
    names = [n for n, v in vars(owner).items() if not n.startswith("_") and callable(getattr(owner, n))]
    if not method:
        what = "is a class: name one of its methods" if names else "is a class without methods"
        raise Problem("ambiguous", "%s of %s %s" % (name, app_name(request), what), names=["%s.%s" % (name, n) for n in names])
    if not callable(getattr(owner, method, None)):
        raise missing
    kwargs = convert_params(request["params"] or {}, Signature(owner.__init__, skip_first=True), owner.__name__)
    instance = owner(**kwargs)
    call = getattr(instance, method)
    target = Plain(name, call, Signature(call))
    target.kind = "method"
    return target


def app_name(request):
    target = request["target"]
    return os.path.basename(target["file"]) if target["file"] else target["module"]


# --- parameters and inputs ---

CONVERT = {
    "int": int,
    "float": float,
    "str": str,
    "bytes": lambda text: text.encode(),
    "bool": lambda text: {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()],
}


def convert_params(params, signature, owner):
    """--param k=v, its text turned into what the parameter's annotation asks for."""
    known, values = {p.name: p for p in signature.parameters if p.name != "self"}, {}
    for name, text in params.items():
        if name not in known and not signature.varkeywords:
            raise Problem("bad_param", "%s has no parameter '%s'" % (owner, name), names=list(known))
        wanted = type_name(known[name].annotation) if name in known and known[name].annotation is not None else "str"
        try:
            values[name] = CONVERT.get(wanted, str)(text)
        except (ValueError, KeyError):
            raise Problem("bad_param", "the parameter '%s' of %s wants %s, not '%s'" % (name, owner, wanted, text)) from None
    missing = [n for n, p in known.items() if p.required and n not in values]
    if missing:
        hint = " ".join("--param %s=..." % n for n in missing)
        raise Problem("needs_param", "%s needs the parameter%s %s" % (owner, "s" * (len(missing) > 1), ", ".join(missing)), names=missing, example=hint)
    return values


def clone(value):
    """A call must not see what an earlier one did to its input."""
    if type(value) is list:
        return [clone(item) for item in value]
    if type(value) is dict:
        return {key: clone(item) for key, item in value.items()}
    return value


class Inputs:
    """Gives each call its arguments."""

    def __init__(self, request, target, module):
        self.target, self.made, self.batch = target, None, request["batch"] or target.batch
        self.values = request["inputs"] if request["inputs"] is not None else [request["input"]] if request["has_input"] else []
        if request["input_from"]:
            self.make(request["input_from"], module)

    def make(self, spec, module):
        """--input-from FILE.py::make_input.  A generator function gives each call its own; else all get the same object."""
        path, _, name = spec.rpartition("::")
        if not path or not os.path.isfile(path):
            raise Problem("bad_input_from", "--input-from: there is no file '%s'" % (path or spec))
        if os.path.realpath(path) != os.path.realpath(getattr(module, "__file__", None) or ""):
            sys.path.append(os.path.dirname(path))
            module = execute("coldspot_input", path)
        function = getattr(module, name, None)
        if not callable(function):
            names = [n for n, v in vars(module).items() if is_public_function(module, n, v)]
            raise Problem("bad_input_from", "--input-from: %s has no function '%s'" % (os.path.basename(path), name), names=names)
        made = function()
        if hasattr(made, "__next__"):
            self.made = made
        else:
            self.values = [made]

    def at(self, index):
        """(args, kwargs) of call number index."""
        if self.made is not None:
            try:
                return self.spread(next(self.made))
            except StopIteration:
                raise Problem("bad_input_from", "--input-from gave %d inputs, fewer than there are calls" % index) from None
        if not self.values:
            return self.spread([])
        return self.spread(clone(self.values[index % len(self.values)]))

    def spread(self, value):
        if self.target.kind == "lambda":
            if not self.values and self.made is None:
                value = {}
            return (value, part_once("_harness_lambda").context(self.target.name)), {}
        args, kwargs = (), {}
        if isinstance(value, (list, tuple)):
            args = tuple(value)
        elif isinstance(value, dict):
            kwargs = value
        else:
            args = (value,)
        if self.target.batch:
            args = tuple([clone(item) for _ in range(self.batch)] for item in args)
            kwargs = {key: [clone(item) for _ in range(self.batch)] for key, item in kwargs.items()}
        return args, kwargs

    def check(self, args, kwargs):
        """Refuses a call that could not bind, with the signature and what to type."""
        problem = self.target.signature.problem_with(args, kwargs)
        if problem is None:
            return
        given = bool(self.values) or self.made is not None
        kind = "bad_input" if given else "needs_argument"
        example = self.target.signature.example()
        if self.target.batch:  # one caller's input, not the lists
            example = example.replace("[[", "[").replace("]]", "]").replace("], [", ", ")
        raise Problem(
            kind,
            "%s %s" % (self.target.name, problem[1]),
            signature=str(self.target.signature),
            example="--input '%s'" % example,
        )


PARTS = {}


def part_once(name):
    if name not in PARTS:
        PARTS[name] = part(name)
    return PARTS[name]


# --- calling ---


class Loop:
    """The one event loop of this process, made when something async is first needed and kept over the calls."""

    def __init__(self):
        self.loop = None

    def get(self):
        if self.loop is None:
            import asyncio

            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        return self.loop

    def run(self, coroutine):
        return self.get().run_until_complete(coroutine)

    def consume(self, generator):
        async def drain():
            async for _ in generator:
                pass

        return self.get().run_until_complete(drain())

    def close(self):
        """As asyncio.run ends: tasks that are left are cancelled, generators and the executor shut down."""
        if self.loop is None or self.loop.is_closed():
            return
        asyncio = sys.modules["asyncio"]
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        self.loop.close()

    def close_quietly(self):
        """After an error: what else goes wrong is a consequence."""
        try:
            self.close()
        except BaseException:
            pass


LOOP = Loop()


def _generator():
    yield


async def _async_generator():
    yield


async def _coroutine():
    pass


_one_coroutine = _coroutine()
GENERATOR_TYPE, ASYNC_GENERATOR_TYPE, COROUTINE_TYPE = type(_generator()), type(_async_generator()), type(_one_coroutine)
_one_coroutine.close()


def finish(value):
    """Waits for a coroutine, uses up a generator."""
    if type(value) is COROUTINE_TYPE:
        value = LOOP.run(value)
    if type(value) is ASYNC_GENERATOR_TYPE:
        LOOP.consume(value)
    elif type(value) is GENERATOR_TYPE:
        for _ in value:
            pass
    return value


class Run:
    """The phases of one process after the app is loaded."""

    def __init__(self, request, events, target, inputs):
        self.request, self.events, self.target, self.inputs = request, events, target, inputs
        self.web, self.first, self.sizes = None, ((), {}), None

    def prepare(self):
        """Everything that is ours and could be missing, before the first hook runs."""
        if self.target.is_async() or self.target.web:
            LOOP.get()
        if self.target.web:
            if self.inputs.values or self.inputs.made:
                raise Problem("bad_input", "%s is a web function: ask it by --request" % self.target.name, example="--request 'GET /path'")
            self.web = part_once("_harness_web").Client(self.request, self.target)
        else:
            self.first = self.inputs.at(0)
            self.inputs.check(*self.first)
        if self.request["curve"]:
            self.sizes = part_once("_harness_curve").Curve(self, self.request["curve"])
            self.sizes.check()

    def enter(self):
        if self.target.enter_hooks or self.web:
            phase("enter")
            for _, hook in self.target.enter_hooks:
                finish(hook())
            self.target.entered()
            if self.web:
                self.web.start()

    def calls(self):
        for index in range(max(1, self.request["calls"])):
            phase("harness")
            args, kwargs = self.first if index == 0 or self.web else self.inputs.at(index)
            self.call(index, args, kwargs)

    def call(self, index, args, kwargs):
        function, clock = self.web.call if self.web else self.target.call, time.perf_counter_ns
        phase("exec" if index else "first_call")
        sys.audit("coldspot.call", index)  # what the agent reads at both ends is no part of the call
        start = clock()
        try:
            value = finish(function(*args, **kwargs))
        finally:
            wall_ns = clock() - start
            sys.audit("coldspot.call.end", index)
            phase("harness")
        del value
        leave_if_forked(self.events)
        event = {"event": "call", "index": index, "wall_ns": wall_ns}
        if self.web:
            event["status"] = self.web.status
        self.events.emit(event)
        if self.web:
            self.web.check(index)

    def curve(self):
        if self.sizes:
            self.sizes.measure()

    def exit(self):
        phase("exit")
        for _, hook in self.target.exit_hooks:
            finish(hook())
        if self.web:
            self.web.stop()
        LOOP.close()


def leave_if_forked(events):
    """A child that the function forked and that came back out of it has nothing more to do here."""
    if os.getpid() != events.pid:
        flush()
        os._exit(0)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # the user closed it


def wait_for_threads(code):
    """Threads that outlive the last call hold a container up for half a minute at most; so here."""
    threading = sys.modules.get("threading")
    if threading is None:
        return
    until = time.monotonic() + THREADS_WAIT_S
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0, until - time.monotonic()))
            if thread.is_alive():
                flush()
                os._exit(code)


# --- what the user's code raised ---


def is_ours(filename):
    """Of the harness, the platform's client, the event loop, the import system."""
    places = [HERE + "/"]
    for name in ("modal", "synchronicity", "asyncio"):
        origin = getattr(sys.modules.get(name), "__file__", None)
        places += [os.path.dirname(origin) + "/"] if origin else []
    return filename.startswith(tuple(places)) or filename.startswith("<frozen importlib")


def users_traceback(traceback):
    """Without the frames before the user's first: ours, the platform's client's, the import system's."""
    first = traceback
    while first is not None and is_ours(first.tb_frame.f_code.co_filename):
        first = first.tb_next
    return first or traceback


def show_exception(error):
    """As Python would print it; a hook of the user's own is respected."""
    traceback = users_traceback(error.__traceback__)
    flush()
    sys.excepthook(type(error), error.with_traceback(traceback), traceback)
    flush()


def exit_code_of(error):
    """What Python makes of SystemExit: (code, whether there is a text for stderr)."""
    code = error.code
    if code is None:
        return 0, None
    return (code, None) if isinstance(code, int) else (1, code)


def user_error(error, stage, request):
    """The event for an exception that came out of the user's code."""
    if isinstance(error, SystemExit):
        code, text = exit_code_of(error)
        if text is not None:
            print(text, file=sys.stderr)
        message = "%s ended the process with exit code %d" % (stage["what"], code)
        return {"event": "error", "kind": "exited", "message": message, "code": code, "during": stage["phase"]}
    if isinstance(error, (ImportError, SyntaxError)):
        event = part_once("_harness_errors").import_error(error, stage, request)
        if event is not None:
            return event
    show_exception(error)
    return exception_event(error, stage)


def where(error):
    """File and line of the user's innermost frame: the last one under the app's directory, else the last."""
    frame, found = users_traceback(error.__traceback__), None
    while frame is not None:
        filename = frame.tb_frame.f_code.co_filename
        if found is None or filename.startswith(sys.path[0] + "/") and not is_ours(filename):
            found = {"file": filename, "line": frame.tb_lineno}
        frame = frame.tb_next
    return found or {}


def exception_event(error, stage):
    kind = type(error)
    builtin = kind.__module__ in ("builtins", "__main__")
    name = kind.__qualname__ if builtin else "%s.%s" % (kind.__module__, kind.__qualname__)
    message = "%s raised %s" % (stage["what"], name)
    return dict(event="error", kind="function_exception", message=message, type=name, during=stage["phase"], **where(error))


# --- the whole ---


def set_stage(app_dir, request):
    """The process as the platform's would look: the app's directory first on sys.path, a __main__ of nobody's."""
    sys.path[0] = app_dir
    sys.path.append(os.path.dirname(HERE))
    sys.argv[:] = [request["target"]["file"] or request["target"]["module"]]
    main = type(sys)("__main__")
    main.__builtins__ = sys.modules["builtins"]
    THIS.script, sys.modules["__main__"] = sys.modules["__main__"], main
    sys.audit("coldspot.root", app_dir)


def load_modal(request):
    """The adapter for the platform's client, once that is loaded; imports it first where the app will."""
    if request["import_modal"] and "modal" not in sys.modules:
        try:
            import modal  # noqa: F401
        except ImportError:
            return None  # the app's own import says so, with its line
    return part_once("_harness_modal").Adapter(request) if "modal" in sys.modules else None


def run(request, events, stage):
    target = request["target"]
    modal = load_modal(request)
    stage.update(phase="import", what=app_name(request))
    module = load_app(target)
    phase("harness")
    stage.update(phase="harness")
    modal = modal or load_modal(dict(request, import_modal=False))
    if request["list"]:
        return events.emit({"event": "functions", "names": names_in(module, modal)})
    found = find_target(module, request, modal)
    stage["what"] = found.name
    runner = Run(request, events, found, Inputs(request, found, module))
    events.emit(dict(found.event(), calls_is_local=bool(modal and modal.is_local_called)))
    runner.prepare()
    for name, step in (("enter", runner.enter), ("call", runner.calls), ("call", runner.curve), ("exit", runner.exit)):
        stage["phase"] = name
        step()
    return events.emit({"event": "done", "calls_is_local": bool(modal and modal.is_local_called)})


def defaults(request):
    """A request may leave out what it does not use."""
    for key in ("input", "inputs", "input_from", "request", "request_headers", "request_body", "request_json", "batch", "params", "curve"):
        request.setdefault(key, None)
    request.setdefault("has_input", request["input"] is not None)
    for key, value in (("calls", 1), ("remote", "local"), ("import_modal", False), ("list", False)):
        request.setdefault(key, value)
    for key in ("file", "module", "name"):
        request["target"].setdefault(key, None)
    return request


def app_dir_of(target):
    if target.get("app_dir"):
        return target["app_dir"]
    return os.path.dirname(target["file"]) if target["file"] and not target["module"] else os.getcwd()


def main(request_path):
    request = defaults(read_request(request_path))
    events = Events(request["result"])
    set_stage(app_dir_of(request["target"]), request)
    stage = {"phase": "platform_init", "what": app_name(request)}
    try:
        run(request, events, stage)
    except Problem as problem:
        event = problem.event
        if event["kind"] == "remote_called":
            event.update(where(problem))
    except BaseException as error:
        leave_if_forked(events)
        event = user_error(error, stage, request)
    else:
        wait_for_threads(0)
        return 0
    events.emit(event)
    phase("exit")
    LOOP.close_quietly()
    failed = event["kind"] in FUNCTION_KINDS or event.get("during", "import") in ("enter", "call", "exit")
    code = EXIT_FUNCTION if failed else EXIT_APP
    wait_for_threads(code)
    return code
