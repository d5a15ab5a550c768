import modal

app = modal.App("vectors-in-batches")
weights = modal.Volume.from_name("weights")


@app.cls(gpu="A10", volumes={"/root/.cache/huggingface": weights})
class Vectors:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-base-en-v1.5")

    @modal.method()
    def embed(self, texts: list):
        vectors = []
        for start in range(0, len(texts), 64):
            vectors.extend(self.model.encode(texts[start : start + 64]))
        return vectors
