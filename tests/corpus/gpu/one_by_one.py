import modal

app = modal.App("one-by-one")
vol = modal.Volume.from_name("hf")
CACHE = {"/root/.cache/huggingface": vol}


@app.cls(gpu="T4", volumes=CACHE)
class Labels:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("zero-shot-classification", model="facebook/bart-large-mnli", device=0)

    @modal.method()
    def run(self, texts: list):
        results = []
        for text in texts:
            results.append(self.pipe(text, candidate_labels=["a", "b"]))
        return results


@app.cls(gpu="T4", volumes=CACHE)
class Helper:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    def _one(self, text):
        return self.model.encode(text)

    @modal.method()
    def run(self, texts: list):
        return [self._one(text).tolist() for text in texts]


@app.function(gpu="T4")
def process_items(items: list):
    import torch

    from models import model

    results = []
    for item in items:
        result = model.predict(torch.tensor(item))
        results.append(result)
    return results
