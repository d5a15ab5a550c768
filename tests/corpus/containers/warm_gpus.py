import time

import modal

app = modal.App("warm")
WARM = 1
vol = modal.Volume.from_name("hf")


@app.cls(gpu="L4", volumes={"/root/.cache/huggingface": vol}, min_containers=WARM)
class Embed:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        began = time.perf_counter()
        self.model = SentenceTransformer("intfloat/e5-large-v2")
        print("loaded in", time.perf_counter() - began)

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.function(gpu="T4", buffer_containers=2)
def norm(xs: list):
    import torch

    return torch.tensor(xs).cuda().norm().item()


@app.function(min_containers=1)
def queue(x: str):
    return x.upper()


@app.function(gpu="T4", min_containers=0, max_containers=4)
def total(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()
