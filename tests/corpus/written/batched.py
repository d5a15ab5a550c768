import modal

app = modal.App("toxicity")
image = modal.Image.debian_slim(python_version="3.12").uv_pip_install("transformers==4.50.3", "torch==2.6.0")
MAX = 1
cache = modal.Volume.from_name("tox")


@app.cls(image=image, gpu="T4", volumes={"/root/.cache": cache})
class Tox:
    @modal.enter()
    def go(self):
        from transformers import pipeline

        self.clf = pipeline("text-classification", model="unitary/toxic-bert", device=0)

    @modal.batched(max_batch_size=MAX, wait_ms=200)
    def score(self, texts: list[str]) -> list[float]:
        return [r["score"] for r in self.clf(texts)]


@app.cls(image=image, gpu="T4", volumes={"/root/.cache": cache})
class Tox2:
    @modal.enter()
    def go(self):
        from transformers import pipeline

        self.clf = pipeline("text-classification", model="unitary/toxic-bert", device=0)

    @modal.method()
    def score(self, text: str) -> float:
        return self.clf(text)[0]["score"]


@app.local_entrypoint()
def main(path: str):
    rows = open(path).read().splitlines()
    scores = list(Tox2().score.map(rows))
    print(max(scores))
