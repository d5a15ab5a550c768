import modal

app = modal.App("one-call-each")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="T4", volumes=CACHE, single_use_containers=True)
class Once:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.cls(gpu="T4", volumes=CACHE, max_inputs=1)
class OnceOld:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.function(single_use_containers=True)
def sandboxed(code: str):
    return eval(code, {})


@app.cls(gpu="T4", volumes=CACHE)
class Endpoint:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.fastapi_endpoint(method="POST")
    def embed(self, body: dict):
        return self.model.encode(body["texts"]).tolist()
