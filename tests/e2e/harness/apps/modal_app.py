import asyncio

import modal

app = modal.App("tests")
volume = modal.Volume.from_name("cache", create_if_missing=True)
image = modal.Image.debian_slim().pip_install("fastapi", "flask")
print("local", modal.is_local())


def site(environ, start_response):
    """A WSGI app without a framework; a failure is answered as frameworks do."""
    if environ["PATH_INFO"] == "/boom":
        start_response("500 Internal Server Error", [])
        return [b"sorry"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH", 0)))
    print("x", environ["QUERY_STRING"], body.decode(), environ.get("HTTP_X_KEY"), environ.get("CONTENT_TYPE"))
    start_response("200 OK", [("content-type", "text/plain")])
    return iter([b"ok", b"!"])


@app.function(gpu="L4", cpu=(1, 2), memory=(512, 1024), timeout=77, volumes={"/cache": volume}, image=image)
def f(x: int):
    volume.commit()
    volume.reload()
    return x + 1


@app.function()
async def af(x: int):
    await volume.commit.aio()
    return x + 1


@app.function()
def gen(n: int):
    for i in range(n):
        print("item", i)
        yield i


@app.function()
@modal.batched(max_batch_size=4, wait_ms=10)
def batch(xs: list, ys: list):
    print("batch", xs, ys)
    return [x + y for x, y in zip(xs, ys)]


@app.function()
def remote():
    print("remote", f.remote(1), af.remote(2), list(gen.remote_gen(2)))
    print("map", list(f.map([1, 2])), list(af.map([1, 2], order_outputs=False)), list(batch.starmap([(1, 2), (3, 4)])))
    f.for_each([1])
    call = f.spawn(5)
    print("spawn", call.get(), Model(k=3).scale.remote(2), asyncio.run(f.remote.aio(9)))


@app.function()
async def remote_async():
    print("remote", await f.remote.aio(1), af.remote(2), [x async for x in af.map.aio([1, 2])])
    call = await af.spawn.aio(5)
    print("spawn", await call.get.aio())


@app.function()
def elsewhere():
    modal.Function.from_name("other", "g").remote(1)


@app.function()
def boom():
    return [][1]


@app.cls(gpu="H100:8", enable_memory_snapshot=True)
@modal.concurrent(max_inputs=10)
class Model:
    k: int = modal.parameter(default=2)
    name: str = modal.parameter(default="x")

    @modal.enter()
    async def after(self):
        await asyncio.sleep(0)
        print("after", self.seen)

    @modal.enter(snap=True)
    def before(self):
        self.seen = ["before"]

    @modal.method()
    def scale(self, x: int):
        print("scale", x * self.k, self.name)
        return x * self.k

    @modal.method()
    async def ascale(self, x: int):
        print("ascale", x * self.k)

    @modal.fastapi_endpoint()
    def web(self, q: str = "none"):
        print("web", q, self.k)
        return {"q": q}

    @modal.exit()
    def leave(self):
        print("leave")


@app.cls()
class Batcher:
    @modal.batched(max_batch_size=3, wait_ms=5)
    async def run(self, xs: list):
        print("batch", xs)
        return xs


@app.cls()
class Bad:
    @modal.enter()
    def load(self):
        raise OSError("no model")

    @modal.method()
    def m(self):
        pass


@app.function()
@modal.asgi_app()
def asgi():
    import contextlib

    import fastapi

    @contextlib.asynccontextmanager
    async def lifespan(app):
        print("startup")
        yield
        print("shutdown")

    api = fastapi.FastAPI(lifespan=lifespan)

    @api.get("/hello/{name}")
    def hello(name: str, n: int = 1):
        print("hello", name, n)
        return {}

    @api.post("/post")
    async def post(body: dict):
        print("post", body)

    @api.get("/boom")
    def fail():
        raise RuntimeError("boom")

    return api


@app.function()
@modal.wsgi_app()
def wsgi():
    return site


@app.function()
@modal.web_server(8000)
def server():
    pass


@app.local_entrypoint()
def main():
    pass


other = modal.Function.from_name("other", "g")
