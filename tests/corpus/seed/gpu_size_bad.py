import modal

app = modal.App("labels-on-h100")
weights = modal.Volume.from_name("weights")


@app.cls(gpu="H100", volumes={"/root/.cache/huggingface": weights})
class Labels:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.label = pipeline("text-classification", model="distilbert-base-uncased-finetuned-sst-2-english", device=0)

    @modal.method()
    def classify(self, texts: list):
        import time

        start = time.perf_counter()
        labels = self.label(texts, batch_size=64)
        print(f"{len(texts)} texts in {time.perf_counter() - start:.2f} s")
        return labels
