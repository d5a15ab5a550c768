import modal

app = modal.App("gathering")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="T4", volumes=CACHE)
class Alone:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def embed(self, text: str):
        return self.model.encode([text])[0].tolist()


@app.cls(gpu="T4", volumes=CACHE, scaledown_window=300)
class Web:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("ner", model="dslim/bert-base-NER", device=0)

    @modal.fastapi_endpoint(method="POST")
    def tag(self, body: dict):
        return self.pipe([body["text"]])[0]


@app.cls(gpu="T4", volumes=CACHE)
class Together:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.batched(max_batch_size=64, wait_ms=100)
    def embed(self, texts: list):
        return self.model.encode(texts).tolist()


@app.cls(gpu="T4", volumes=CACHE)
class NotMapped:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def embed(self, text: str):
        return self.model.encode([text])[0].tolist()


@app.function()
@modal.batched(max_batch_size=8, wait_ms=5000)
def long_wait(xs: list):
    return [str(x) for x in xs]


@app.function()
@modal.batched(max_batch_size=1, wait_ms=10)
def of_one(xs: list):
    return [str(x) for x in xs]


@app.local_entrypoint()
def main():
    print(list(Alone().embed.map(["a", "b"])), list(Together().embed.map(["a", "b"])), NotMapped().embed.remote("a"))
