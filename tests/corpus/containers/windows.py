import modal

app = modal.App("windows")
MINUTES = 60
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="L4", volumes=CACHE, scaledown_window=10)
class Short:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-large-en-v1.5")

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.cls(gpu="A100-80GB", volumes=CACHE, scaledown_window=20 * MINUTES)
class Long:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("mistralai/Mistral-7B-v0.1")

    @modal.method()
    def run(self, ids: list):
        return self.model.generate(ids)


@app.function(gpu="L40S:2", scaledown_window=15 * MINUTES)
def wide(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(gpu="T4", scaledown_window=15 * MINUTES)
def cheap(xs: list):
    import torch

    return torch.tensor(xs).cuda().sum().item()


@app.function(scaledown_window=2)
def light(x: str):
    return x.upper()


@app.cls(memory=2048, volumes=CACHE, scaledown_window=5, enable_memory_snapshot=True)
class Cpu:
    @modal.enter(snap=True)
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("ner", model="dslim/bert-base-NER")

    @modal.method()
    def run(self, texts: list):
        return self.pipe(texts)
