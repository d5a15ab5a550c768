"""An app of 2023, with every old name behind an alias, a constant, or decorators in another order."""
import modal as m
from modal import Image, Stub as Application, build, gpu as accelerators, web_endpoint as endpoint

MINUTES = 60
IDLE = {"container_idle_timeout": 5 * MINUTES}

app = Application(name="thumbnails")
image = Image.debian_slim(python_version="3.11").copy_local_dir(local_path="fonts", remote_path="/fonts")
cards = {"small": accelerators.T4()}
resize = m.Function.lookup("thumbnails-core", "resize")
cache = m.Dict.lookup("thumbnail-cache", create_if_missing=True)


@app.function(
    image=image,
    keep_warm=2 if MINUTES == 60 else 1,  # the morning peak
    concurrency_limit=20,
)
def crop(picture: bytes) -> bytes:
    return resize.remote(picture)


@app.function(**IDLE)
@endpoint(method="POST", docs=True)
def upload(body: dict):
    cache[body["name"]] = body["data"]
    return {"stored": body["name"]}


@app.function(allow_concurrent_inputs=8, mounts=[m.Mount.from_local_file("settings.toml", "/settings.toml")])
def settings(key: str) -> str:
    with open("/settings.toml") as file:
        return next(line for line in file if line.startswith(key))


@app.cls(image=image, max_inputs=1)
class Renderer:
    @build()
    def fonts(self):
        print("fonts are in the image")

    @m.method()
    def render(self, text: str) -> str:
        return text.title()
