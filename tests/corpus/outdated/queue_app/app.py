"""Today's names throughout; keep_warm=, lookup(), @build and web_endpoint belong to the pool next door.

It once read @stub.function(keep_warm=1, mounts=[modal.Mount.from_local_dir("x")]) and modal.Function.lookup("a", "b").
"""
import modal as m
from modal import App

from .pool import Pool, build, gpu, web_endpoint

stub = App("queue")  # was modal.Stub("queue")
pool = Pool(keep_warm=2, concurrency_limit=8, container_idle_timeout=30, allow_concurrent_inputs=2)
image = m.Image.debian_slim().add_local_dir("assets", "/assets")
worker = m.Function.from_name("queue-core", "work")


@pool.function(keep_warm=1, max_inputs=1, mounts=["/data"])
def local(text: str) -> str:
    return text.strip()


@pool.cls(allow_concurrent_inputs=4, keep_warm=1)
class Local:
    def __init__(self, name: str):
        self.name = name

    @build(force=True)
    def compile(self):
        return gpu(count=2)


@stub.function(image=image, min_containers=0, scaledown_window=90)
@m.concurrent(max_inputs=1)
def remote(text: str) -> str:
    return worker.remote(pool.lookup("queue", "limit") * text)


@web_endpoint(method="POST")
def answer(body):
    return pool.copy_local_dir(body["from"], body["to"])


@stub.local_entrypoint()
def main(keep_warm: int = 1, concurrency_limit: int = 2):
    settings = dict(container_idle_timeout=5, keep_warm=keep_warm, concurrency_limit=concurrency_limit)
    print(Pool(**settings).lookup("queue", "idle"), remote.remote("x"))
