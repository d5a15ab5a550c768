import time

import modal

app = modal.App("sizes")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}
SMALL = "sentence-transformers/all-MiniLM-L6-v2"


@app.cls(gpu="A100-80GB", volumes=CACHE)
class Tiny:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.began = time.perf_counter()
        self.model = SentenceTransformer(SMALL)

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.cls(gpu="H100", volumes=CACHE)
class Ears:
    @modal.enter()
    def load(self):
        import whisper

        self.began = time.perf_counter()
        self.model = whisper.load_model("base", download_root="/root/.cache/huggingface")

    @modal.method()
    def hear(self, path: str):
        return self.model.transcribe(path)["text"]


@app.cls(gpu="A100-80GB", volumes=CACHE)
class Fits:
    @modal.enter()
    def load(self):
        import torch
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("mistralai/Mixtral-8x22B-v0.1", torch_dtype=torch.float16)

    @modal.method()
    def run(self, ids: list):
        return self.model.generate(ids)


@app.cls(gpu="T4", volumes=CACHE)
class Right:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer(SMALL)

    @modal.method()
    def run(self, texts: list):
        return self.model.encode(texts).tolist()


@app.function(gpu="A100-80GB", volumes=CACHE, timeout=4 * 3600)
def finetune(rows: list):
    from transformers import AutoModelForSequenceClassification, Trainer

    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    trainer = Trainer(model=model, train_dataset=rows)
    trainer.train()
    return trainer.state.global_step
