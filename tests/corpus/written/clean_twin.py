"""Obeys the rules: nothing to find here."""
import modal

MINUTES = 60
CACHE = "/cache"
app = modal.App("clean-embedder")
cache = modal.Volume.from_name("hf-cache", create_if_missing=True)
image = (
    modal.Image.debian_slim(python_version="3.12")
    .uv_pip_install("sentence-transformers==4.0.1", "torch==2.6.0")
    .env({"HF_HOME": CACHE})
)


@app.cls(image=image, gpu="T4", volumes={CACHE: cache}, timeout=10 * MINUTES, scaledown_window=2 * MINUTES, max_containers=10)
class Embedder:
    @modal.enter()
    def load(self):
        from sentence_transformers import SentenceTransformer

        self.model = SentenceTransformer("BAAI/bge-small-en-v1.5", device="cuda")

    @modal.method()
    def embed(self, texts: list[str]) -> list[list[float]]:
        return self.model.encode(texts, normalize_embeddings=True).tolist()


@app.local_entrypoint()
def main(path: str):
    lines = open(path).read().splitlines()
    chunks = [lines[i : i + 512] for i in range(0, len(lines), 512)]
    for vectors in Embedder().embed.map(chunks):
        print(len(vectors))
