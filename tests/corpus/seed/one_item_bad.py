import modal

app = modal.App("vectors-singly")
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
        for text in texts:
            vectors.append(self.model.encode(text))
        return vectors
