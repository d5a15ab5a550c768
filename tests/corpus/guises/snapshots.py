import random

import modal
from modal import enter as begin

app = modal.App("guises-snapshots")
image = modal.Image.debian_slim().uv_pip_install("transformers==4.47.1", "redis==5.2.1")
vol = modal.Volume.from_name("hub")
HUB = {"volumes": {"/root/.cache/huggingface": vol}, "image": image, "memory": 2048}


def build_pipeline(task: str):
    from transformers import pipeline

    return pipeline(task, model="dslim/bert-base-NER")


def connect():
    import redis

    return redis.Redis(host="cache.example.com")


@app.cls(**HUB)
class Tagger:
    @begin()
    def load(self):
        self.pipe = build_pipeline("ner")

    @modal.method()
    def tag(self, texts: list):
        return self.pipe(texts)


@app.cls(enable_memory_snapshot=True, **HUB)
class TaggerSnapped:
    @begin(snap=True)
    def load(self):
        self.pipe = build_pipeline("ner")

    @begin(snap=False)
    def join(self):
        self.cache = connect()
        self.name = random.random()

    @modal.method()
    def tag(self, texts: list):
        return self.pipe(texts)


@app.cls(enable_memory_snapshot=True, **HUB)
class TaggerConnected:
    @begin(snap=True)
    def load(self):
        self.pipe = build_pipeline("ner")
        self.cache = connect()
        self.cache.ping()

    @modal.method()
    def tag(self, texts: list):
        return self.pipe(texts)


@app.cls(enable_memory_snapshot=True, **HUB)
class Seeded:
    @begin(snap=True)
    def load(self):
        self.pipe = build_pipeline("ner")
        self.rng = random.Random(7)
        self.worker = f"worker-{random.randint(0, 999)}"

    @modal.method()
    def tag(self, texts: list):
        return self.pipe(texts)


@app.cls(image=image)
class Rules:
    @begin()
    def load(self):
        self.words = {"coldspot": "tool"}

    @modal.method()
    def tag(self, texts: list):
        return [self.words.get(t) for t in texts]
