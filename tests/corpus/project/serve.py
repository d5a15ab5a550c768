import modal

from common import DEFAULTS, GPU, app
from loading import Index, load


@app.function(gpu=GPU, **DEFAULTS)
def search(texts: list):
    model = load()
    index = Index("/weights/index.faiss")
    return index.search(model.encode(texts))


@app.cls(gpu=f"{GPU.upper()}:1", **{**DEFAULTS, "timeout": 60})
@modal.concurrent(max_inputs=2, target_inputs=1)
class Embedder:
    @modal.enter()
    def start(self):
        self.model = load()

    @modal.batched(max_batch_size=16, wait_ms=20)
    def embed(self, texts: list):
        return self.model.encode(texts).tolist()
