"""Drives a web function in this process by one request: ASGI, WSGI, and the platform's one-function endpoints.

No server and no socket: what is measured is the function.  `harness` is the module _harness, put here by its part()."""

import io
import sys
import urllib.parse

SERVER = ("127.0.0.1", 8000)
CLIENT = ("127.0.0.1", 50000)


class Client:
    def __init__(self, request, target):
        self.target, self.status, self.lifespan, self.app = target, None, None, None
        self.given = request["request"] is not None
        line = request["request"] or "%s /" % target.web["method"]
        self.method, _, url = line.strip().partition(" ")
        if not self.method.isalpha() or not url.startswith("/"):
            raise harness.Problem("bad_request", "--request: '%s' is not of the form 'GET /path'" % line, example="--request 'GET /path?name=value'")
        self.method, self.line = self.method.upper(), line.strip()
        self.raw_path, _, self.query = url.partition("?")
        self.path = urllib.parse.unquote(self.raw_path)
        self.body = (request["request_body"] or "").encode("utf-8", "surrogateescape")
        self.headers = [(name.lower(), value) for name, value in request["request_headers"] or []]
        names = {name for name, _ in self.headers}
        if request["request_json"] is not None:
            self.body = harness.encode(request["request_json"]).encode("utf-8", "surrogateescape")
            if "content-type" not in names:
                self.headers.append(("content-type", "application/json"))
        if "host" not in names:
            self.headers.append(("host", "%s:%d" % SERVER))
        if self.body and "content-length" not in names:
            self.headers.append(("content-length", str(len(self.body))))

    def start(self):
        """Makes the app as the platform does when a container starts."""
        kind, function = self.target.web["kind"], self.target.bound()
        if kind == "fastapi":
            from modal._runtime import asgi

            make = getattr(asgi, "magic_fastapi_app", None) or asgi.webhook_asgi_app
            self.app = make(function, self.target.web["method"], self.target.web["docs"])
        elif kind in ("asgi", "wsgi"):
            self.app = harness.finish(function())
        else:  # an object that is an app already
            self.app = function
        self.drive = self.drive_wsgi if kind.startswith("wsgi") else self.drive_asgi
        if self.drive == self.drive_asgi:
            self.lifespan = Lifespan(self.app)
            harness.LOOP.run(self.lifespan.start())

    def call(self):
        return self.drive()

    def check(self, index):
        """A default request that nothing answers is a question that was not asked; a 5xx is a failure of the function."""
        if self.status is None:
            raise harness.Problem("bad_status", "%s gave no response to %s" % (self.target.name, self.line), during="call")
        if self.status >= 400 and not self.given and index == 0:
            message = "%s answers %d to %s: say what to ask it" % (self.target.name, self.status, self.line)
            raise harness.Problem("needs_request", message, status=self.status, example="--request '%s /path'" % self.method)
        if self.status >= 500:
            raise harness.Problem("bad_status", "%s answers %d to %s" % (self.target.name, self.status, self.line), status=self.status, during="call")

    def stop(self):
        if self.lifespan:
            harness.LOOP.run(self.lifespan.stop())

    def drive_asgi(self):
        return self.answer_asgi()  # a coroutine, which the caller's loop runs

    async def answer_asgi(self):
        import asyncio

        self.status, done, asked = None, asyncio.Event(), []

        async def receive():
            if not asked:
                asked.append(True)
                return {"type": "http.request", "body": self.body, "more_body": False}
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif message["type"] == "http.response.body" and not message.get("more_body"):
                done.set()

        await self.app(self.scope(), receive, send)

    def scope(self):
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.raw_path.encode(),
            "query_string": self.query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in self.headers],
            "client": CLIENT,
            "server": SERVER,
        }
        if self.lifespan and self.lifespan.state is not None:
            scope["state"] = dict(self.lifespan.state)
        return scope

    def drive_wsgi(self):
        self.status = None

        def start_response(status, headers, exc_info=None):
            if exc_info:
                raise exc_info[1].with_traceback(exc_info[2])
            self.status = int(status.split(" ", 1)[0])
            return lambda data: None

        chunks = self.app(self.environ(), start_response)
        try:
            for _ in chunks:
                pass
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def environ(self):
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path.encode("utf-8", "surrogateescape").decode("latin-1"),
            "QUERY_STRING": self.query,
            "SERVER_NAME": SERVER[0],
            "SERVER_PORT": str(SERVER[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": CLIENT[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers:
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
        return environ


class Lifespan:
    """The start-up and shut-down events of an ASGI app; an app without them is fine."""

    def __init__(self, app):
        self.app, self.state, self.task = app, {}, None

    async def start(self):
        import asyncio

        self.inbox, self.outbox = asyncio.Queue(), asyncio.Queue()
        self.task = asyncio.ensure_future(self.serve())
        await self.exchange("lifespan.startup")

    async def stop(self):
        if self.task and not self.task.done():
            await self.exchange("lifespan.shutdown")

    async def serve(self):
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        await self.app(scope, self.inbox.get, self.outbox.put)

    async def exchange(self, event):
        import asyncio

        await self.inbox.put({"type": event})
        answer = asyncio.ensure_future(self.outbox.get())
        await asyncio.wait({answer, self.task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():  # it left without an answer: it does not know this protocol
            answer.cancel()
            if not self.task.cancelled():
                self.task.exception()  # looked at, so that nobody warns of it
            self.state = None
            return
        message = answer.result()
        if message["type"] == event + ".failed":
            if self.task.done() and self.task.exception():
                raise self.task.exception()
            raise RuntimeError("the app's %s failed" % event)
