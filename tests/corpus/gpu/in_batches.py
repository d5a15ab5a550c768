import modal

app = modal.App("in-batches")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="T4", volumes=CACHE)
class Labels:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("ner", model="dslim/bert-base-NER", device=0)

    @modal.method()
    def run(self, texts: list):
        out = []
        for i in range(0, len(texts), 32):
            out.extend(self.pipe(texts[i : i + 32]))
        return out

    @modal.method()
    def run_chunks(self, chunks: list):
        return [self.pipe(chunk) for chunk in chunks]


@app.cls(gpu="T4", volumes=CACHE)
class Writer:
    @modal.enter()
    def load(self):
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained("gpt2").to("cuda")

    @modal.method()
    def sample(self, ids, n: int):
        for step in range(n):
            ids = self.model.generate(ids, max_new_tokens=1)
        return ids


@app.cls(gpu="T4", volumes=CACHE)
class Ears:
    @modal.enter()
    def load(self):
        import whisper

        self.model = whisper.load_model("small", download_root="/root/.cache/huggingface")

    @modal.method()
    def hear(self, paths: list):
        return [self.model.transcribe(path)["text"] for path in paths]
