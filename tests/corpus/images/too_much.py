import modal

image = (
    modal.Image.debian_slim(python_version="3.11")
    .apt_install("git")
    .uv_pip_install(
        "transformers[torch]==4.48.0",
        "tensorflow==2.18.0",
        "matplotlib==3.10.0",
    )
)
app = modal.App("too-much", image=image)
vol = modal.Volume.from_name("hf")


@app.cls(gpu="T4", volumes={"/root/.cache/huggingface": vol})
class Classifier:
    @modal.enter()
    def load(self):
        from transformers import pipeline

        self.pipe = pipeline("text-classification", model="distilbert-base-uncased")

    @modal.method()
    def run(self, texts: list):
        return self.pipe(texts)
