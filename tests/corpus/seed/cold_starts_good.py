import modal

app = modal.App("search-warm")
weights = modal.Volume.from_name("weights")


@app.cls(gpu="L4", scaledown_window=300, volumes={"/root/.cache/huggingface": weights})
class Search:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5")

    @modal.fastapi_endpoint(method="POST")
    def search(self, body: dict):
        return self.model.encode(body["texts"]).tolist()
